//! How many credits of a quota were spent.

use crate::billing::ledger::{Balance, DEBT_PAID, EntryKind, LedgerEntry, PLAN_CHANGE};
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Chunk, Range, Record, SortKeyCondition};
use crate::error::{Error, Result};
use crate::keys;

/// The number of entries that one query reads.
const ENTRIES_BATCH_SIZE: usize = 1_000;

/// Adds up what was spent of the quota that the entry `grant` granted, until the next grant. An upgrade
/// within the period adds to the same quota. What paid a debt counts as spent.
///
/// # Errors
/// `Unavailable` if DynamoDB cannot be reached.
pub(super) async fn read_spent_quota(
    ctx: &Context,
    balance: &Balance,
    grant: u64,
) -> Result<Credits> {
    balance.write_missing_entries(ctx).await?;
    let pk = keys::ledger_partition(&balance.client_id);
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::LEDGER_ENTRIES) };
    let mut spent = Credits::default();
    let mut after = keys::ledger_entry(&balance.client_id, grant);
    loop {
        let batch: Chunk<LedgerEntry> =
            ctx.table.query_chunk_after(&range, Some(&after), ENTRIES_BATCH_SIZE).await?;
        for entry in &batch.items {
            let is_raise = entry.cause.starts_with(PLAN_CHANGE);
            if entry.kind == EntryKind::QuotaGrant && !is_raise {
                return Ok(spent);
            }
            if entry.kind == EntryKind::Usage || entry.cause.starts_with(DEBT_PAID) {
                let more = spent.checked_add(entry.quota.negated());
                spent = more.ok_or_else(|| Error::internal("spent credits beyond all amounts"))?;
            }
        }
        match batch.items.last().filter(|_| batch.more) {
            Some(last) => after = last.key(),
            None => return Ok(spent),
        }
    }
}
