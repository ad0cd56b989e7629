//! Keeps the list of recent debits short, and their entries complete.

use std::collections::BTreeMap;
use std::time::Duration;

use super::balance::Balance;
use super::debit_key::DebitKey;
use super::entry::LedgerEntry;
use super::source::{EntryGuard, EntrySource};
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Key, Range, Record, SortKeyCondition, Update, retry_conflicts,
};
use crate::error::{Error, Result};
use crate::keys;

/// The number of the newest debits that stay in the list. A debit meets a conflict if more than these are committed
/// between its read and its update, so it is more than the number of debits that run at once. With 30 bytes for each,
/// the balance stays below two kilobytes, which are two write units.
const KEPT_DEBITS: u64 = 48;

/// The number of debits after which the list is shortened.
const SHORTENED_EVERY: u64 = 8;

/// The age of a debit from which its call has ended, with a margin: no call takes as long. Its entry is written by others
/// then.
const LONGEST_CALL: Duration = Duration::from_secs(60);

/// The maximum number of debits that are removed at once. Guard and entry of each are read by one `BatchGetItem`, which
/// DynamoDB limits to 100 items.
const MAX_REMOVED: usize = 50;

impl Balance {
    /// Writes the entries of debits that are committed and whose call stopped before it wrote them. Returns whether there
    /// was one. Costs nothing without recent debits, and one query if all entries are there.
    ///
    /// # Errors
    /// `Internal` if a debit has no guard, `Unavailable` if DynamoDB cannot be reached.
    pub async fn write_missing_entries(&self, ctx: &Context) -> Result<bool> {
        retry_conflicts(ctx, || self.write_missing_entries_up_to(ctx, self.entries)).await
    }

    async fn write_missing_entries_up_to(&self, ctx: &Context, last: u64) -> Attempt<bool> {
        let numbered = self.recent_debits.iter().map(|(key, number)| (*number, key.as_str()));
        let debits: BTreeMap<u64, &str> = numbered.filter(|(number, _)| *number <= last).collect();
        let Some(first) = debits.keys().next().copied() else { return Ok(false) };
        // The entry before the first one has the balance that it continues.
        let pk = keys::ledger_partition(&self.client_id);
        let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::LEDGER_ENTRIES) };
        let after = keys::ledger_entry(&self.client_id, first.saturating_sub(2));
        let count = usize::try_from(last.saturating_sub(first) + 2).unwrap_or(usize::MAX);
        let found = ctx.table.query_first_after::<LedgerEntry>(&range, Some(&after), count).await?;
        let mut balances: BTreeMap<u64, Credits> =
            found.items.iter().map(|entry| (entry.number, entry.balance_after)).collect();
        let mut was_incomplete = false;
        for (number, key) in debits {
            if balances.contains_key(&number) {
                continue;
            }
            let before = number.checked_sub(1).and_then(|before| balances.get(&before).copied());
            let before = before.ok_or_else(|| Error::internal("a ledger has a gap"))?;
            let after = self.write_missing_entry(ctx, key, number, before).await?;
            balances.insert(number, after);
            was_incomplete = true;
        }
        Ok(was_incomplete)
    }

    /// Writes the entry of a debit after one with the balance `before`. Returns the balance after it.
    async fn write_missing_entry(
        &self,
        ctx: &Context,
        key: &str,
        number: u64,
        before: Credits,
    ) -> Attempt<Credits> {
        let key = DebitKey::stored(key);
        let guard: Option<EntryGuard> = ctx.table.get(&self.guard_key(&key)).await?;
        let guard = guard.ok_or_else(|| Error::internal("a committed debit has no guard"))?;
        // Without a debit, a transaction wrote the entry, and was not visible as a whole yet.
        let debit = guard.debit.ok_or(AttemptError::Conflict)?;
        tracing::warn!(organization_id = %self.client_id, entry = number, "a debit's entry was missing");
        let after = before.minus(debit.credits);
        debit.write_entry(ctx, &self.client_id, &key, number, after).await?;
        Ok(after)
    }

    /// Removes the oldest debits from the list if it is long, after their entries are complete. `self` is the balance
    /// after a debit. One of several calls at once does it, and a failure is left to a later one.
    pub async fn shorten_recent_debits(&self, ctx: &Context) {
        let is_long = self.recent_debits.len() as u64 > KEPT_DEBITS;
        if !is_long || !self.entries.is_multiple_of(SHORTENED_EVERY) {
            return;
        }
        match self.try_shorten(ctx).await {
            Ok(()) | Err(AttemptError::Conflict) => {}
            Err(AttemptError::Final(error)) => {
                tracing::warn!(organization_id = %self.client_id, cause = ?error, "recent debits stay listed");
            }
        }
    }

    async fn try_shorten(&self, ctx: &Context) -> Attempt<()> {
        let newest_removed = self.entries.saturating_sub(KEPT_DEBITS);
        let mut old: Vec<_> = self
            .recent_debits
            .iter()
            .filter(|(_, number)| **number <= newest_removed)
            .map(|(key, number)| (*number, DebitKey::stored(key)))
            .collect();
        old.sort_by_key(|(number, _)| *number);
        old.truncate(MAX_REMOVED);
        if old.is_empty() {
            return Ok(());
        }
        let rows = old.iter().flat_map(|(number, key)| {
            [self.guard_key(key), keys::ledger_entry(&self.client_id, *number)]
        });
        let found = ctx.table.batch_get(&rows.collect::<Vec<_>>()).await?;
        let mut update = Update::new(self.key());
        let mut highest = None;
        for (number, key) in &old {
            let guard: Option<EntryGuard> = found.read(&self.guard_key(key))?;
            let entry: Option<LedgerEntry> =
                found.read(&keys::ledger_entry(&self.client_id, *number))?;
            let is_numbered = guard.as_ref().is_some_and(|guard| guard.entry.is_some());
            if !is_numbered || entry.is_none() {
                let begun = guard.and_then(|guard| guard.debit).map(|debit| debit.at);
                if begun.is_none_or(|begun| begun.plus(LONGEST_CALL) < ctx.now()) {
                    self.complete_debit(ctx, key, *number).await?;
                }
                // A later call removes it.
                break;
            }
            update = update.remove_member("recent_debits", key.as_str());
            highest = Some(*number);
        }
        let Some(highest) = highest else { return Ok(()) };
        let update = update
            .set("forgotten_debits", highest)?
            .only_if(Condition::less("forgotten_debits", highest)?);
        ctx.table.update::<Self>(update).await.map(|_| ())
    }

    /// Writes the entry of a committed debit and its number into the guard, where one of them is missing.
    ///
    /// # Errors
    /// `Conflict` if a transaction is changing the guard, `Unavailable` if DynamoDB cannot be reached.
    pub async fn complete_debit(&self, ctx: &Context, key: &DebitKey, number: u64) -> Attempt<()> {
        self.write_missing_entries_up_to(ctx, number).await?;
        let numbered = Update::new(self.guard_key(key)).set("entry", number)?;
        ctx.table.update::<EntryGuard>(numbered.only_if(Condition::Exists)).await.map(|_| ())
    }

    fn guard_key(&self, key: &DebitKey) -> Key {
        keys::entry_guard(&self.client_id, &EntrySource::Usage(key.clone()).to_string())
    }
}
