//! The ledger: every credit that an organization got or spent, in order.
//!
//! [`Balance`] is one row. Each change is a [`LedgerEntry`], numbered without gaps, with an [`EntrySource`] that no
//! other entry has. Balance, entry and guard are written in one transaction, so the sum of the entries is always the
//! balance.
//!
//! A ledger outlives its organization, as accounting law requires, and names no person.

mod balance;
mod entry;
mod source;
mod update;

pub use balance::{Balance, BillingPeriod, GrantedQuota};
pub use entry::{EntryKind, LedgerEntry, TransactionView};
pub use source::{DEBT_PAID, EntryGuard, EntrySource, PLAN_CHANGE};
pub use update::{CHANGED_LEDGER_TTL, ChangedLedger, LedgerUpdate, Posting};
