//! Whether the books are right: each balance the sum of its ledger, and each payment at Stripe in one.
//!
//! What isn't right is logged as an error with `audit` set to what it is, which the metric filters in
//! `template.yaml` count. Nothing is put right by itself: somebody has to look.

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::client_of;
use super::ledger::{Balance, Entry, Moved};
use super::payment::Payment;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Chunk, Condition, Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::Stripe;

/// Ledgers that one run checks of a day.
const MOST_LEDGERS: usize = 5_000;

/// Entries that are read at once.
const PART: usize = 1_000;

/// A payment that began so long ago has been told of, if it ever is.
const TOLD_WITHIN: Duration = Duration::from_secs(60 * 60);

/// Payments that began in that time before are looked at: each in three runs.
const BACK: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Pages of a hundred payments that are asked for at most.
const MOST_PAGES: usize = 100;

/// Up to where a ledger was found right.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Checked {
    client_id: OrganizationId,
    /// The number of the last entry.
    entries: u64,
    #[serde(rename = "quota_micros", with = "crate::credits::micros")]
    quota: Credits,
    #[serde(rename = "topups_micros", with = "crate::credits::micros")]
    topups: Credits,
}

impl Record for Checked {
    fn key(&self) -> Key {
        keys::checked(&self.client_id)
    }
}

/// The ledgers that were written to yesterday and today.
pub async fn moved(ctx: &Context) -> Result<Chunk<OrganizationId>> {
    let now = ctx.now();
    let days = [now.minus(Duration::from_secs(24 * 60 * 60)).day(), now.day()];
    let (mut clients, mut more) = (HashSet::new(), false);
    for day in days {
        let pk = keys::moved_partition(&day);
        let range = Range { pk: &pk, sort_keys: SortKeyCondition::All };
        let found = ctx.table.first::<Moved>(&range, MOST_LEDGERS).await?;
        more |= found.more;
        clients.extend(found.items.into_iter().map(|moved| moved.client_id));
    }
    let mut items: Vec<_> = clients.into_iter().collect();
    items.sort();
    Ok(Chunk { items, more })
}

/// Adds up a ledger, from where it was last found right: whether it is right to the end.
pub async fn check(ctx: &Context, organization_id: &OrganizationId) -> Result<bool> {
    // The balance first: what is entered meanwhile is left for the next time.
    let both = [keys::balance(organization_id), keys::checked(organization_id)];
    let found = ctx.table.batch_get(&both).await?;
    let Some(balance): Option<Balance> = found.read(&both[0])? else { return Ok(true) };
    let checked: Option<Checked> = found.read(&both[1])?;
    let mut sum = checked.unwrap_or_else(|| Checked {
        client_id: organization_id.clone(),
        entries: 0,
        quota: Credits::default(),
        topups: Credits::default(),
    });
    let pk = keys::ledger(organization_id);
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::LEDGER_ENTRIES) };
    while sum.entries < balance.entries {
        let after = keys::ledger_entry(organization_id, sum.entries);
        let part: Chunk<Entry> = ctx.table.part_after(&range, Some(&after), PART).await?;
        if part.items.is_empty() {
            break;
        }
        for entry in part.items.into_iter().filter(|entry| entry.number <= balance.entries) {
            let quota = sum.quota.plus(entry.quota);
            let topups = sum.topups.plus(entry.topups);
            if entry.number != sum.entries + 1 || entry.balance_after != quota.plus(topups) {
                return Ok(wrong(organization_id, "entry", entry.number));
            }
            sum = Checked { entries: entry.number, quota, topups, ..sum };
        }
    }
    let is_right =
        (sum.entries, sum.quota, sum.topups) == (balance.entries, balance.quota, balance.topups);
    if !is_right {
        return Ok(wrong(organization_id, "balance", sum.entries));
    }
    let newer = Condition::less("entries", sum.entries)?;
    let newer = Condition::Any(vec![Condition::Absent, newer]);
    // If the condition does not hold, another run has checked as many entries.
    ctx.table.put(&sum, newer).await?;
    Ok(true)
}

fn wrong(organization_id: &OrganizationId, what: &str, entry: u64) -> bool {
    tracing::error!(audit = "ledger", %organization_id, what, entry, "a ledger doesn't add up");
    false
}

/// Looks for each payment of the last days in the ledgers: how many of our customers' are in none, or differ.
pub async fn check_payments(ctx: &Context, stripe: &Stripe) -> Result<usize> {
    let (from, to) = (ctx.now().minus(BACK), ctx.now().minus(TOLD_WITHIN));
    let (mut wrong, mut after): (usize, Option<String>) = (0, None);
    for _ in 0..MOST_PAGES {
        let page = stripe.payments(ctx, from, to, after.as_deref()).await?;
        after = page.data.last().map(|payment| payment.id.clone());
        let paid: Vec<_> =
            page.data.into_iter().filter(|payment| payment.status == "succeeded").collect();
        let rows: Vec<_> = paid.iter().map(|payment| keys::stripe(&payment.id)).collect();
        let found = ctx.table.batch_get_any(&rows).await?;
        for (payment, row) in paid.iter().zip(&rows) {
            let known: Option<Payment> = found.read(row)?;
            let customer = payment.customer.as_deref().unwrap_or_default();
            let what = match known {
                Some(known) if known.amount == payment.amount_received => continue,
                Some(_) => "another amount",
                None if client_of(ctx, customer).await?.is_none() => continue,
                None => "nothing",
            };
            wrong += 1;
            let payment = &payment.id;
            tracing::error!(audit = "payment", payment, what, "a payment differs from the books");
        }
        if !page.has_more || after.is_none() {
            break;
        }
    }
    Ok(wrong)
}
