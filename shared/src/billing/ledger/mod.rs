//! The ledger: every credit that an organization got or spent, in order.
//!
//! [`Balance`] is one row. Each change is a [`LedgerEntry`], numbered without gaps, with an [`EntrySource`] that no
//! other entry has. Most changes write balance, entry and guard in one transaction ([`LedgerUpdate`]).
//!
//! A debit takes four writes without a transaction, so that many can be made at once: its guard stores it as
//! pending ([`PendingDebit`]), one update of the balance commits it ([`Balance::commit_debit`]), and then its entry is
//! written and its guard completed. If a call stops in between, [`Balance::write_missing_entries`] writes the entry.
//! The sum of the entries is always the balance.
//!
//! A ledger outlives its organization, as accounting law requires, and names no person.

mod balance;
mod closing;
mod commit_debit;
mod debit_key;
mod entry;
mod guard;
mod missing_entries;
mod pause;
mod pending_debit;
mod recent_debits;
mod source;
mod support_key;
mod update;
mod write_debit_entry;

pub use balance::{Balance, BillingPeriod, GrantedQuota};
pub use commit_debit::{BalanceDebit, CommitMethod};
pub use debit_key::DebitKey;
pub use entry::{EntryKind, LedgerEntry, TransactionView};
pub use guard::EntryGuard;
pub use pause::retry_ledger_change;
pub use pending_debit::{DebitedCredits, PendingDebit};
pub use source::{DEBT_PAID, EntrySource, PLAN_CHANGE};
pub use support_key::SupportKey;
pub use update::{CHANGED_LEDGER_TTL, ChangedLedger, LedgerUpdate, Posting};
pub use write_debit_entry::CommittedDebit;
