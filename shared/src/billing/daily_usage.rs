//! The credits that an organization spent on each day.
//!
//! The row of a month ([`PeriodUsage`](super::usage::PeriodUsage)) has a counter for each of its days, which the
//! transaction that spends credits increments.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

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

/// Names of the counters in the row of a month: the credits spent on each of its days, in micros.
const DAY_ATTRIBUTES: [&str; 31] = [
    "day_01", "day_02", "day_03", "day_04", "day_05", "day_06", "day_07", "day_08", "day_09",
    "day_10", "day_11", "day_12", "day_13", "day_14", "day_15", "day_16", "day_17", "day_18",
    "day_19", "day_20", "day_21", "day_22", "day_23", "day_24", "day_25", "day_26", "day_27",
    "day_28", "day_29", "day_30", "day_31",
];

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

/// Returns the name of the counter of the day (UTC) of `at`.
pub(super) fn day_attribute(at: Timestamp) -> &'static str {
    let day: usize = at.day()[6..].parse().unwrap_or(1);
    DAY_ATTRIBUTES[day.clamp(1, 31) - 1]
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
    let also: Vec<_> = months.iter().map(|month| keys::period_usage(id, month)).collect();
    let (_, found) = authorize(ctx, caller, id, Right::ViewUsage, &also).await?;
    let mut counters = BTreeMap::new();
    for (month, key) in months.iter().zip(&also) {
        counters.insert(month, found.read::<MonthlyCounters>(key)?);
    }
    let usage = |offset| {
        let day = first.plus(DAY * offset);
        let row = counters.get(&day.month()).and_then(Option::as_ref);
        let spent = match row.and_then(|row| row.others.get(day_attribute(day))) {
            Some(Counter::Number(micros)) => *micros,
            Some(Counter::Text(_)) | None => 0,
        };
        DailyUsage { day, credits: Credits::from_micros(spent) }
    };
    Ok((0..DAILY_USAGE_DAYS).map(usage).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_its_counter() {
        // 1 and 31 January 2026.
        let first = Timestamp::from_seconds(1_767_225_600);
        assert_eq!(day_attribute(first), "day_01");
        assert_eq!(day_attribute(first.plus(DAY * 30)), "day_31");
        assert_eq!(day_attribute(first.plus(DAY * 31)), "day_01");
    }
}
