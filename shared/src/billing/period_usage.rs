//! The counters of an organization's usage in a period.

use serde::{Deserialize, Serialize};

use crate::credits::{self, Credits};
use crate::dynamo::{Key, Record, Update};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;

/// Names of the counters in the row of a month: the credits spent on each of its days, in micros.
const DAY_ATTRIBUTES: [&str; 31] = [
    "day_01", "day_02", "day_03", "day_04", "day_05", "day_06", "day_07", "day_08", "day_09",
    "day_10", "day_11", "day_12", "day_13", "day_14", "day_15", "day_16", "day_17", "day_18",
    "day_19", "day_20", "day_21", "day_22", "day_23", "day_24", "day_25", "day_26", "day_27",
    "day_28", "day_29", "day_30", "day_31",
];

/// The usage of an organization in one period. Absent for a period without usage.
///
/// A run is counted in the transaction that starts it. Spent credits are counted in the
/// [`Balance`](super::ledger::Balance) first, and come here with the first entry of the next day or period.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeriodUsage {
    /// The organization whose usage is counted.
    pub client_id: OrganizationId,
    /// The name of the period: see [`UsagePeriod::name`](super::quota::UsagePeriod).
    pub period: String,
    /// The spent credits, of the quota and of top-ups.
    #[serde(default, rename = "credits_used_micros", with = "credits::micros")]
    pub credits_used: Credits,
    /// The number of started runs.
    #[serde(default)]
    pub runs: u64,
}

impl PeriodUsage {
    /// Returns the update that counts a started run in a period.
    ///
    /// # Errors
    /// `Internal` if a value cannot be encoded.
    pub fn count_run(organization_id: &OrganizationId, period: &str) -> Result<Update> {
        Ok(Self::row(organization_id, period)?.add("runs", 1))
    }

    /// Returns the updates that add the credits spent on a day (UTC, `yyyymmdd`) to a period and to the day. The
    /// counters of days are in the row of the calendar month, which is that of the period without a subscription.
    ///
    /// # Errors
    /// `Internal` if a value cannot be encoded.
    pub fn count_spent(
        organization_id: &OrganizationId,
        period: &str,
        day: &str,
        spent: Credits,
    ) -> Result<Vec<Update>> {
        let month = day.get(..6).unwrap_or(day);
        let spent = spent.micros();
        let count = Self::row(organization_id, period)?.add("credits_used_micros", spent);
        let day = day_attribute(day);
        Ok(if period == month {
            vec![count.add(day, spent)]
        } else {
            vec![count, Self::row(organization_id, month)?.add(day, spent)]
        })
    }

    fn row(organization_id: &OrganizationId, period: &str) -> Result<Update> {
        let update = Update::new(keys::period_usage(organization_id, period))
            .set("client_id", organization_id)?
            .set("period", period)?;
        Ok(update)
    }
}

impl Record for PeriodUsage {
    fn key(&self) -> Key {
        keys::period_usage(&self.client_id, &self.period)
    }
}

/// Returns the name of the counter of a day (UTC, `yyyymmdd`).
pub(super) fn day_attribute(day: &str) -> &'static str {
    let day: usize = day.get(6..).and_then(|day| day.parse().ok()).unwrap_or(1);
    DAY_ATTRIBUTES[day.clamp(1, 31) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn each_day_has_its_counter() {
        // 1 and 31 January 2026.
        let first = Timestamp::from_seconds(1_767_225_600);
        assert_eq!(day_attribute(&first.day()), "day_01");
        assert_eq!(day_attribute(&first.plus(DAY * 30).day()), "day_31");
        assert_eq!(day_attribute(&first.plus(DAY * 31).day()), "day_01");
    }
}
