//! The credits that an organization spent on each day.
//!
//! The row of a month ([`PeriodUsage`](super::period_usage::PeriodUsage)) has a counter for each of its days. The
//! credits of the latest day are still counted in the [`Balance`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ledger::Balance;
use super::period_usage::day_attribute;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::dynamo::{Key, Record};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// Number of days that [`read_daily_usage`] returns, the current one included.
pub const DAILY_USAGE_DAYS: u32 = 30;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The credits that were spent on one day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyUsage {
    /// The beginning of the day.
    pub day: Timestamp,
    /// The spent credits, of the quota and of top-ups.
    pub credits: Credits,
}

/// The counters of a month's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct MonthlyCounters {
    client_id: OrganizationId,
    period: String,
    #[serde(flatten)]
    others: BTreeMap<String, Counter>,
}

/// An attribute of the row. Only numbers are counters.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Counter {
    Number(i64),
    Text(String),
}

impl Record for MonthlyCounters {
    fn key(&self) -> Key {
        keys::period_usage(&self.client_id, &self.period)
    }
}

/// Reads the credits that an organization spent on each of the last [`DAILY_USAGE_DAYS`] days, the oldest first, in one
/// round trip.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller may not see its usage.
pub async fn read_daily_usage(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
) -> Result<Vec<DailyUsage>> {
    let now = ctx.now();
    let today = Timestamp::from_seconds(now.seconds() - now.seconds().rem_euclid(86_400));
    let first = today.minus(DAY * (DAILY_USAGE_DAYS - 1));
    let months = now.months_back_to(first);
    let mut extra_keys: Vec<_> = months.iter().map(|month| keys::period_usage(id, month)).collect();
    extra_keys.push(keys::balance(id));
    let (_, found) = authorize(ctx, caller, id, Right::ViewUsage, &extra_keys).await?;
    let balance: Option<Balance> = found.read(&keys::balance(id))?;
    let mut counters = BTreeMap::new();
    for (month, key) in months.iter().zip(&extra_keys) {
        counters.insert(month, found.read::<MonthlyCounters>(key)?);
    }
    let usage = |offset| {
        let day = first.plus(DAY * offset);
        let row = counters.get(&day.month()).and_then(Option::as_ref);
        let name = day.day();
        let counted = match row.and_then(|row| row.others.get(day_attribute(&name))) {
            Some(Counter::Number(micros)) => *micros,
            Some(Counter::Text(_)) | None => 0,
        };
        let latest = balance.as_ref().filter(|balance| balance.moved_on == name);
        let not_counted_yet = latest.map(|balance| balance.spent).unwrap_or_default();
        DailyUsage { day, credits: Credits::from_micros(counted).plus(not_counted_yet) }
    };
    Ok((0..DAILY_USAGE_DAYS).map(usage).collect())
}
