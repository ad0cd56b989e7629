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

/// The number of debits that it removes: as many as became old since the call before it. Calls at the same time remove
/// different ones, and do not read guards and entries in vain.
const SHORTEN_COUNT: usize = 8;

/// The number of entries after which all old debits are removed, also those that other calls have left.
const CLEAN_UP_INTERVAL: u64 = 64;

/// The number of debits from which each call removes all old ones.
const MANY_RECENT_DEBITS: usize = 2 * MIN_RECENT_DEBITS;

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

    /// Removes debits whose entry and guard are complete. Where all old ones are removed, others are completed first,
    /// because their calls have probably stopped.
    ///
    /// Calls at the same time may remove the same debits, and never lower `highest_removed_debit`.
    async fn try_shorten(&self, ctx: &Context) -> Attempt<()> {
        let old = self.debits_to_remove();
        if old.is_empty() {
            return Ok(());
        }
        let rows = old.iter().flat_map(|(number, key)| {
            [self.guard_key(key), keys::ledger_entry(&self.client_id, *number)]
        });
        let mut found = ctx.table.batch_get(&rows.collect::<Vec<_>>()).await?;
        let mut update = Update::new(self.key());
        let (mut highest, mut completed) = (None, 0);
        for (number, key) in &old {
            let guard: Option<EntryGuard> = found.take(&self.guard_key(key))?;
            let entry: Option<LedgerEntry> =
                found.take(&keys::ledger_entry(&self.client_id, *number))?;
            let is_numbered = guard.is_some_and(|guard| guard.entry.is_some());
            if !is_numbered || entry.is_none() {
                if !self.removes_all() || completed == MAX_COMPLETED {
                    break;
                }
                self.complete_debit(ctx, key, *number).await?;
                completed += 1;
            }
            update = update.remove_member("recent_debits", key.as_str());
            highest = Some(*number);
        }
        let Some(highest) = highest else { return Ok(()) };
        let highest = highest.max(self.highest_removed_debit);
        let update = update
            .set("highest_removed_debit", highest)?
            .only_if(Condition::at_most("highest_removed_debit", highest)?);
        ctx.table.update::<Self>(update).await.map(|_| ())
    }

    /// Returns the debits that the call with the last entry removes, the oldest first.
    fn debits_to_remove(&self) -> Vec<(u64, DebitKey)> {
        let old = self.recent_debits.len().saturating_sub(MIN_RECENT_DEBITS);
        let left_to_others = if self.removes_all() {
            0
        } else if self.entries.is_multiple_of(SHORTEN_INTERVAL) {
            old.saturating_sub(SHORTEN_COUNT)
        } else {
            old
        };
        if left_to_others == old {
            return Vec::new();
        }
        let mut debits: Vec<_> =
            self.recent_debits.iter().map(|(key, number)| (*number, key)).collect();
        debits.sort_unstable();
        let removed = debits.into_iter().take(old).skip(left_to_others).take(MAX_REMOVED);
        removed.map(|(number, key)| (number, DebitKey::stored(key))).collect()
    }

    /// Returns whether the call with the last entry removes all old debits.
    fn removes_all(&self) -> bool {
        self.recent_debits.len() > MANY_RECENT_DEBITS
            || self.entries.is_multiple_of(CLEAN_UP_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OrganizationId;
    use crate::random::SystemRandom;

    /// Returns the first and the last debit that the call with the entry `last` removes, if the list begins with the
    /// entry `first`.
    fn removed(first: u64, last: u64) -> Option<(u64, u64)> {
        let balance = Balance {
            entries: last,
            recent_debits: (first..=last).map(|number| (number.to_string(), number)).collect(),
            ..Balance::empty(&OrganizationId::generate(&SystemRandom))
        };
        let removed = balance.debits_to_remove();
        Some((removed.first()?.0, removed.last()?.0))
    }

    #[test]
    fn calls_at_the_same_time_remove_different_debits() {
        assert_eq!(removed(1, 56), Some((1, 8)));
        assert_eq!(removed(1, 72), Some((17, 24)));
        assert_eq!(removed(1, 80), Some((25, 32)));
        assert_eq!(removed(1, 73), None);
        assert_eq!(removed(25, 72), None);
    }

    #[test]
    fn at_times_all_old_debits_are_removed() {
        assert_eq!(removed(61, 128), Some((61, 80)));
        assert_eq!(removed(81, 128), None);
        // A list with many debits.
        assert_eq!(removed(3, 99), Some((3, 51)));
        assert_eq!(removed(1, 127), Some((1, 50)));
    }
}
