//! Writes the entries of committed debits whose call stopped before it wrote them.

use std::collections::BTreeMap;

use super::balance::Balance;
use super::debit_key::DebitKey;
use super::entry::LedgerEntry;
use super::guard::EntryGuard;
use super::source::EntrySource;
use super::write_debit_entry::CommittedDebit;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Key, Range, SortKeyCondition, Update, retry_conflicts,
};
use crate::error::Result;
use crate::keys;

impl Balance {
    /// Writes the missing entries of all recent debits. Returns whether one was missing. Costs nothing without recent
    /// debits, and one query if all entries are there.
    ///
    /// # Errors
    /// `Contention` if an entry before a recent debit is missing, `Unavailable` if DynamoDB cannot be reached.
    pub async fn write_missing_entries(&self, ctx: &Context) -> Result<bool> {
        retry_conflicts(ctx, || self.write_missing_entries_up_to(ctx, self.entries)).await
    }

    /// Writes the entry of a recent debit and its number into the guard, where one of them is missing.
    ///
    /// # Errors
    /// `Conflict` if a transaction is changing an item, `Unavailable` if DynamoDB cannot be reached.
    pub async fn complete_debit(&self, ctx: &Context, key: &DebitKey, number: u64) -> Attempt<()> {
        self.write_missing_entries_up_to(ctx, number).await?;
        let numbered = Update::new(self.guard_key(key)).set("entry", number)?;
        ctx.table.update::<EntryGuard>(numbered.only_if(Condition::Exists)).await.map(|_| ())
    }

    /// Returns the key of the guard of a debit.
    pub(super) fn guard_key(&self, key: &DebitKey) -> Key {
        keys::entry_guard(&self.client_id, &EntrySource::Usage(key.clone()).to_string())
    }

    async fn write_missing_entries_up_to(&self, ctx: &Context, last: u64) -> Attempt<bool> {
        let numbered = self.recent_debits.iter().map(|(key, number)| (*number, key.as_str()));
        let debits: BTreeMap<u64, &str> = numbered.filter(|(number, _)| *number <= last).collect();
        let Some(first) = debits.keys().next().copied() else { return Ok(false) };
        // The first debit continues the balance of the entry before it.
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
            // Where a transaction wrote the entry before it, this query may have come before all of it was visible.
            let before = number.checked_sub(1).and_then(|before| balances.get(&before).copied());
            let before = before.ok_or(AttemptError::Conflict)?;
            let after = self.write_missing_entry(ctx, key, number, before).await?;
            balances.insert(number, after);
            was_incomplete = true;
        }
        Ok(was_incomplete)
    }

    /// Writes the entry of a debit that follows an entry with the balance `before`. Returns the balance after it.
    async fn write_missing_entry(
        &self,
        ctx: &Context,
        key: &str,
        number: u64,
        before: Credits,
    ) -> Attempt<Credits> {
        let key = DebitKey::stored(key);
        let guard: Option<EntryGuard> = ctx.table.get(&self.guard_key(&key)).await?;
        // Without a pending debit, a transaction wrote the entry, and not all of it was visible.
        let debit = guard.and_then(|guard| guard.debit).ok_or(AttemptError::Conflict)?;
        tracing::info!(organization_id = %self.client_id, entry = number, "the entry of a debit was missing");
        let balance_after = before.minus(debit.credits);
        let organization_id = self.client_id.clone();
        let committed = CommittedDebit { organization_id, key, number, balance_after };
        committed.write_entry(ctx, debit).await?;
        Ok(balance_after)
    }
}
