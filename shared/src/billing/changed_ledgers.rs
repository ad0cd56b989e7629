//! The list of ledgers that the daily audit checks, which each run continues where the previous one stopped.

use std::collections::HashSet;
use std::slice::from_ref;
use std::time::Duration;

use super::ledger::{CHANGED_LEDGER_TTL, ChangedLedger};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::schedule_cursor::{ScheduledList, load_cursor, store_cursor};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The ledgers of one run, in the order in which they are audited.
#[derive(Clone, Debug)]
pub struct ChangedLedgers {
    /// The ledgers of days that have ended, and then those of today.
    pub organizations: Vec<OrganizationId>,
    /// Whether there are further ledgers of days that have ended.
    pub more: bool,
    /// The rows of days that have ended. Today's list still grows, so tomorrow's run reads it again.
    ended: Vec<Key>,
    /// Where the list of yesterday begins.
    yesterday: Key,
    /// Where the list of today begins.
    today: Key,
}

impl ChangedLedgers {
    /// Returns how many ledgers of ended days are left if the first `started` ones were audited.
    pub fn left_after(&self, started: usize) -> usize {
        self.ended.len().saturating_sub(started)
    }

    /// Returns how many ledgers changed before yesterday. A run of the day before has left them.
    pub fn overdue(&self) -> usize {
        self.ended.iter().filter(|changed| changed.pk < self.yesterday.pk).count()
    }
}

/// Lists the ledgers that changed, from where the previous run stopped: at most `max`. It reads day after day, and
/// shard after shard of a day. The shards of an ended day do not grow, so each has its turn.
///
/// # Errors
/// `Unavailable` if DynamoDB cannot be reached.
pub async fn list_changed_ledgers(ctx: &Context, max: usize) -> Result<ChangedLedgers> {
    let now = ctx.now();
    let yesterday = beginning_of(now.minus(DAY));
    let cursor = load_cursor(ctx, ScheduledList::Ledgers).await?.pop();
    let cursor = cursor.unwrap_or_else(|| yesterday.clone());
    let mut ledgers = ChangedLedgers {
        organizations: Vec::new(),
        more: false,
        ended: Vec::new(),
        yesterday,
        today: beginning_of(now),
    };
    for pk in ended_partitions(now, &cursor.pk) {
        let after = (pk == cursor.pk && !cursor.sk.is_empty()).then_some(&cursor);
        let room = max - ledgers.ended.len();
        let range = Range { pk: &pk, sort_keys: SortKeyCondition::All };
        let found = ctx.table.query_first_after::<ChangedLedger>(&range, after, room).await?;
        ledgers.ended.extend(found.items.iter().map(Record::key));
        ledgers.organizations.extend(found.items.into_iter().map(|changed| changed.client_id));
        if found.more {
            ledgers.more = true;
            return Ok(ledgers);
        }
    }
    let mut known: HashSet<_> = ledgers.organizations.iter().cloned().collect();
    for pk in partitions_of(now) {
        let room = max - ledgers.organizations.len();
        if room == 0 {
            break;
        }
        let range = Range { pk: &pk, sort_keys: SortKeyCondition::All };
        let found = ctx.table.query_first::<ChangedLedger>(&range, room).await?;
        let new = found.items.into_iter().map(|changed| changed.client_id);
        ledgers.organizations.extend(new.filter(|id| known.insert(id.clone())));
    }
    Ok(ledgers)
}

/// Lists all ledgers that changed on the day of a time or later. The list goes back [`CHANGED_LEDGER_TTL`]. It is for
/// an operator's tool, because it may be long.
///
/// # Errors
/// `Unavailable` if DynamoDB cannot be reached.
pub async fn list_ledgers_changed_since(
    ctx: &Context,
    since: Timestamp,
) -> Result<Vec<OrganizationId>> {
    let (mut organizations, mut known) = (Vec::new(), HashSet::new());
    let now = ctx.now();
    let mut day = since.max(now.minus(CHANGED_LEDGER_TTL));
    while day.day() <= now.day() {
        for pk in partitions_of(day) {
            let range = Range { pk: &pk, sort_keys: SortKeyCondition::All };
            let found = ctx.table.query_all::<ChangedLedger>(&range).await?;
            let new = found.into_iter().map(|changed| changed.client_id);
            organizations.extend(new.filter(|id| known.insert(id.clone())));
        }
        day = day.plus(DAY);
    }
    Ok(organizations)
}

/// Stores where the next run continues, after the first `started` ledgers were audited.
///
/// # Errors
/// `Unavailable` if DynamoDB cannot be reached.
pub async fn store_ledgers_cursor(
    ctx: &Context,
    ledgers: &ChangedLedgers,
    started: usize,
) -> Result<()> {
    let all_ended = started >= ledgers.ended.len() && !ledgers.more;
    let cursor = match started.min(ledgers.ended.len()).checked_sub(1) {
        _ if all_ended => &ledgers.today,
        Some(last) => &ledgers.ended[last],
        // Nothing was audited, so the previous cursor stays.
        None => return Ok(()),
    };
    store_cursor(ctx, ScheduledList::Ledgers, from_ref(cursor)).await
}

fn beginning_of(day: Timestamp) -> Key {
    let first = partitions_of(day).next().unwrap_or_default();
    Key::new(first, "")
}

/// Returns the partitions of a day.
fn partitions_of(day: Timestamp) -> impl Iterator<Item = String> {
    keys::shard_partitions(&keys::changed_ledgers_of(&day.day()))
}

/// Returns the partitions of the days before today that are still stored, from `first` on.
fn ended_partitions(now: Timestamp, first: &str) -> Vec<String> {
    let mut partitions = Vec::new();
    let mut day = now.minus(CHANGED_LEDGER_TTL);
    while day.day() < now.day() {
        partitions.extend(partitions_of(day).filter(|pk| pk.as_str() >= first));
        day = day.plus(DAY);
    }
    partitions
}
