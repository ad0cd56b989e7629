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

/// The number of debits that this call removes: as many as became old in one [`SHORTEN_INTERVAL`]. So calls at the same
/// time remove different ones, and do not read the same guards and entries.
const SHORTEN_COUNT: usize = 8;

/// The number of entries after which the oldest debits are removed: those that other calls have left.
const CLEAN_UP_INTERVAL: u64 = 64;

/// The number of debits above which the oldest ones are removed in each [`SHORTEN_INTERVAL`].
const MANY_RECENT_DEBITS: usize = 2 * MIN_RECENT_DEBITS;

/// The number of debits above which each call removes the oldest ones. The list also grows if no debit has a turn,
/// because other changes take those numbers.
const TOO_MANY_RECENT_DEBITS: usize = 4 * MIN_RECENT_DEBITS;

/// The maximum number of debits that are removed at once. Guard and entry of each are read by one `BatchGetItem`, which
/// DynamoDB limits to 100 items.
const MAX_REMOVED: usize = 50;

/// The maximum number of debits whose entries one call writes for other calls.
const MAX_COMPLETED: usize = 2;

impl Balance {
    /// Removes old debits from the list if it is long. `self` is the balance after a debit. A failure is left to a
    /// later call.
    pub async fn shorten_recent_debits(&self, ctx: &Context) {
        match self.try_shorten(ctx).await {
            Ok(()) | Err(AttemptError::Conflict) => {}
            Err(AttemptError::Final(error)) => {
                tracing::warn!(organization_id = %self.client_id, cause = ?error, "recent debits stay listed");
            }
        }
    }

    /// Removes debits whose entry and guard are complete. In a clean-up, others are completed first, because their
    /// calls have probably stopped.
    ///
    /// Several calls may do this at the same time. None lowers `highest_removed_debit`: a call that comes after a later
    /// one removes nothing.
    async fn try_shorten(&self, ctx: &Context) -> Attempt<()> {
        if !self.is_clean_up_turn() && !self.entries.is_multiple_of(SHORTEN_INTERVAL) {
            return Ok(());
        }
        let old = self.old_debits();
        let Some((newest, _)) = old.last() else { return Ok(()) };
        let wanted = self.debits_to_remove(&old);
        let rows = wanted.iter().flat_map(|(number, key)| {
            [self.guard_key(key), keys::ledger_entry(&self.client_id, *number)]
        });
        let mut found = ctx.table.batch_get(&rows.collect::<Vec<_>>()).await?;
        let mut update = Update::new(self.key());
        let (mut removes_any, mut completed) = (false, 0);
        for (number, key) in wanted {
            let guard: Option<EntryGuard> = found.take(&self.guard_key(key))?;
            let entry: Option<LedgerEntry> =
                found.take(&keys::ledger_entry(&self.client_id, *number))?;
            let is_numbered = guard.is_some_and(|guard| guard.entry.is_some());
            if !is_numbered || entry.is_none() {
                if !self.is_clean_up_turn() || completed == MAX_COMPLETED {
                    break;
                }
                self.complete_debit(ctx, key, *number).await?;
                completed += 1;
            }
            update = update.remove_member("recent_debits", key.as_str());
            removes_any = true;
        }
        if !removes_any {
            return Ok(());
        }
        // Also in a clean-up this is the newest old debit, whose number is seldom below that of another call.
        let highest = self.highest_removed_debit.max(*newest);
        let update = update
            .set("highest_removed_debit", highest)?
            .only_if(Condition::at_most("highest_removed_debit", highest)?);
        ctx.table.update::<Self>(update).await.map(|_| ())
    }

    /// Returns whether the call with the last entry removes the oldest debits. It is another call than one that removes
    /// the debits that have become old.
    fn is_clean_up_turn(&self) -> bool {
        let count = self.recent_debits.len();
        let interval =
            if count > MANY_RECENT_DEBITS { SHORTEN_INTERVAL } else { CLEAN_UP_INTERVAL };
        count > TOO_MANY_RECENT_DEBITS || self.entries % interval == SHORTEN_INTERVAL / 2
    }

    /// Returns the debits that can be removed, the oldest first.
    fn old_debits(&self) -> Vec<(u64, DebitKey)> {
        let mut debits: Vec<_> = self
            .recent_debits
            .iter()
            .map(|(key, number)| (*number, DebitKey::stored(key)))
            .collect();
        debits.sort_by_key(|(number, _)| *number);
        debits.truncate(debits.len().saturating_sub(MIN_RECENT_DEBITS));
        debits
    }

    /// Selects the debits that the call with the last entry removes.
    fn debits_to_remove<'a>(&self, old: &'a [(u64, DebitKey)]) -> &'a [(u64, DebitKey)] {
        if self.is_clean_up_turn() {
            &old[..old.len().min(MAX_REMOVED)]
        } else {
            &old[old.len().saturating_sub(SHORTEN_COUNT)..]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OrganizationId;
    use crate::random::SystemRandom;

    /// Returns the first and the last debit that the call with the entry `last` removes at its turn, if the list begins
    /// with the entry `first`.
    fn removed(first: u64, last: u64) -> Option<(u64, u64)> {
        let balance = Balance {
            entries: last,
            recent_debits: (first..=last).map(|number| (number.to_string(), number)).collect(),
            ..Balance::empty(&OrganizationId::generate(&SystemRandom))
        };
        let old = balance.old_debits();
        let removed = balance.debits_to_remove(&old);
        Some((removed.first()?.0, removed.last()?.0))
    }

    #[test]
    fn calls_at_the_same_time_remove_different_debits() {
        assert_eq!(removed(1, 56), Some((1, 8)));
        assert_eq!(removed(1, 72), Some((17, 24)));
        assert_eq!(removed(1, 80), Some((25, 32)));
        assert_eq!(removed(25, 72), None);
    }

    #[test]
    fn a_clean_up_removes_the_oldest_debits() {
        assert_eq!(removed(61, 132), Some((61, 84)));
        // The next turn removes the debits that have become old.
        assert_eq!(removed(61, 136), Some((81, 88)));
        // A list with many debits.
        assert_eq!(removed(1, 124), Some((1, 50)));
        assert_eq!(removed(85, 132), None);
        // A list with too many, at any number of the entry.
        assert_eq!(removed(1, 193), Some((1, 50)));
    }
}
