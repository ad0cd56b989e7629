//! Keeps the list of recent debits short.

use super::balance::Balance;
use super::debit_key::DebitKey;
use super::entry::LedgerEntry;
use super::guard::EntryGuard;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Update};
use crate::keys;

/// The number of debits that are never removed. A debit meets a conflict if more than these are committed between its
/// read and its update. With 30 bytes for each, the balance stays below two kilobytes, which are two write units.
const MIN_RECENT_DEBITS: usize = 48;

/// The number of entries after which a longer list is shortened, so that one of several calls at once does it.
const SHORTEN_INTERVAL: u64 = 8;

/// The number of debits from which each call shortens the list.
const MANY_RECENT_DEBITS: usize = 2 * MIN_RECENT_DEBITS;

/// The maximum number of debits that are removed at once. Guard and entry of each are read by one `BatchGetItem`, which
/// DynamoDB limits to 100 items.
const MAX_REMOVED: usize = 50;

/// The maximum number of debits whose entries one call writes for other calls.
const MAX_COMPLETED: usize = 2;

impl Balance {
    /// Removes the oldest debits from the list if it is long. `self` is the balance after a debit. A failure is left to
    /// a later call.
    pub async fn shorten_recent_debits(&self, ctx: &Context) {
        let count = self.recent_debits.len();
        let is_turn = self.entries.is_multiple_of(SHORTEN_INTERVAL);
        if count > MANY_RECENT_DEBITS || (count > MIN_RECENT_DEBITS && is_turn) {
            match self.try_shorten(ctx, count > MANY_RECENT_DEBITS).await {
                Ok(()) | Err(AttemptError::Conflict) => {}
                Err(AttemptError::Final(error)) => {
                    tracing::warn!(organization_id = %self.client_id, cause = ?error, "recent debits stay listed");
                }
            }
        }
    }

    /// Removes debits whose entry and guard are complete. If `completes`, others are completed first, because their
    /// calls have probably stopped.
    async fn try_shorten(&self, ctx: &Context, completes: bool) -> Attempt<()> {
        let old = self.old_debits();
        if old.is_empty() {
            return Ok(());
        }
        let rows = old.iter().flat_map(|(number, key)| {
            [self.guard_key(key), keys::ledger_entry(&self.client_id, *number)]
        });
        let found = ctx.table.batch_get(&rows.collect::<Vec<_>>()).await?;
        let mut update = Update::new(self.key());
        let (mut highest, mut completed) = (None, 0);
        for (number, key) in &old {
            let guard: Option<EntryGuard> = found.read(&self.guard_key(key))?;
            let entry: Option<LedgerEntry> =
                found.read(&keys::ledger_entry(&self.client_id, *number))?;
            let is_numbered = guard.is_some_and(|guard| guard.entry.is_some());
            if !is_numbered || entry.is_none() {
                if !completes || completed == MAX_COMPLETED {
                    break;
                }
                self.complete_debit(ctx, key, *number).await?;
                completed += 1;
            }
            update = update.remove_member("recent_debits", key.as_str());
            highest = Some(*number);
        }
        let Some(highest) = highest else { return Ok(()) };
        let update = update
            .set("highest_removed_debit", highest.max(self.highest_removed_debit))?
            .only_if(Condition::equal("highest_removed_debit", self.highest_removed_debit)?);
        ctx.table.update::<Self>(update).await.map(|_| ())
    }

    /// Returns the debits that can be removed, the oldest first.
    fn old_debits(&self) -> Vec<(u64, DebitKey)> {
        let mut debits: Vec<_> = self
            .recent_debits
            .iter()
            .map(|(key, number)| (*number, DebitKey::stored(key)))
            .collect();
        debits.sort_by_key(|(number, _)| *number);
        debits.truncate(debits.len().saturating_sub(MIN_RECENT_DEBITS).min(MAX_REMOVED));
        debits
    }
}
