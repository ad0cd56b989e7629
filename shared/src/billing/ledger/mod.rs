//! The ledger: every credit that an organization got or spent, in order, with what it had afterwards.
//!
//! What it has is kept in one row, [`Balance`]; each change of it is an [`Entry`], numbered without gaps, and
//! each entry has a [`Cause`] that no other has: whatever is handled twice is entered once. Balance, entry and
//! cause are written in one transaction, so that the sum of the entries is the balance at every moment.
//!
//! It outlives the organization: a ledger is kept as the law wants it, and names no person.

mod balance;
mod cause;
mod entry;
mod posting;

pub use balance::{Balance, Period, Quota};
pub use cause::{Cause, CauseGuard};
pub use entry::{Entry, Kind, TransactionView};
pub use posting::{Moved, Posted, Posting};
