//! Writes the entry of a committed debit.

use super::debit_key::DebitKey;
use super::entry::{EntryKind, LedgerEntry};
use super::guard::EntryGuard;
use super::pending_debit::{DebitedCredits, PendingDebit};
use super::source::EntrySource;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Attempt, Condition, Update};
use crate::ids::OrganizationId;
use crate::keys;

/// The place of a committed debit in its ledger.
#[derive(Clone, Debug)]
pub struct CommittedDebit {
    /// The organization that spent the credits.
    pub organization_id: OrganizationId,
    /// The key of the debit.
    pub key: DebitKey,
    /// The number of the entry.
    pub number: u64,
    /// The total balance after the entry.
    pub balance_after: Credits,
}

impl CommittedDebit {
    /// Writes the entry, and its number into the guard, in one round trip. Each may be written already. The guard keeps
    /// the debit, because a call may stop after one of the two writes.
    ///
    /// # Errors
    /// `Conflict` if a transaction is changing one of the items; `Unavailable` if DynamoDB cannot be reached.
    pub async fn write_entry(&self, ctx: &Context, debit: PendingDebit) -> Attempt<LedgerEntry> {
        let none = Credits::default();
        let (quota, topups) = match debit.from {
            DebitedCredits::Quota => (debit.credits.negated(), none),
            DebitedCredits::Topups => (none, debit.credits.negated()),
        };
        let source = EntrySource::Usage(self.key.clone()).to_string();
        let guard = Update::new(keys::entry_guard(&self.organization_id, &source))
            .set("entry", self.number)?
            .only_if(Condition::Exists);
        let entry = LedgerEntry {
            id: debit.id,
            client_id: self.organization_id.clone(),
            number: self.number,
            kind: EntryKind::Usage,
            quota,
            topups,
            balance_after: self.balance_after,
            description: debit.description,
            cause: source,
            run_id: debit.run_id,
            project_id: debit.project_id,
            created_at: debit.at,
        };
        tokio::try_join!(
            ctx.table.put(&entry, Condition::Absent),
            ctx.table.update::<EntryGuard>(guard),
        )?;
        Ok(entry)
    }
}
