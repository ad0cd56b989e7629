//! An organization's balance of credits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::credits::{self, Credits};
use crate::dynamo::{Condition, Key, Record};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::StripeId;

/// The balance of an organization: the sum of its ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The organization that owns the credits.
    pub client_id: OrganizationId,
    /// The rest of the quota.
    #[serde(rename = "quota_micros", with = "credits::micros")]
    pub quota: Credits,
    /// The rest of the top-up credits. Negative is a debt, after a refund or dispute of credits that were spent.
    #[serde(rename = "topups_micros", with = "credits::micros")]
    pub topups: Credits,
    /// The current quota as it was granted.
    pub granted: Option<GrantedQuota>,
    /// The number of the last entry. Writing the next entry has it in its condition.
    pub entries: u64,
    /// The highest usage alert that was sent for the current quota, in percent.
    #[serde(default)]
    pub alerted: u8,
    /// The day (UTC, `yyyymmdd`) of the last entry before the organization was deleted.
    #[serde(default)]
    pub moved_on: String,
    /// The credits that were spent on the day [`Self::moved_on`] in the period [`Self::spent_period`]. The first entry
    /// of another day or period moves them into the counters of
    /// [`PeriodUsage`](crate::billing::period_usage::PeriodUsage).
    #[serde(default, rename = "spent_micros", with = "credits::micros")]
    pub spent: Credits,
    /// The name of the period of [`Self::spent`]: see [`UsagePeriod::name`](crate::billing::quota::UsagePeriod).
    #[serde(default)]
    pub spent_period: String,
    /// The newest debits: the number of the entry of each, by the [`DebitKey`](super::DebitKey). A debit is committed
    /// when it is in here; its entry is written afterwards. The attribute is missing before the first debit, because
    /// the streams of DynamoDB Local cannot be read with an empty map in them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recent_debits: BTreeMap<String, u64>,
    /// A number that is at least that of each debit that was removed from [`Self::recent_debits`].
    #[serde(default)]
    pub highest_removed_debit: u64,
    /// When the organization was deleted. Nothing is spent afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Until when debits wait, so that another change of the ledger comes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
}

/// A quota as it was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedQuota {
    /// The number of credits.
    #[serde(rename = "micros", with = "credits::micros")]
    pub credits: Credits,
    /// The number of the entry that granted it.
    pub entry: u64,
    /// The number of the latest entry that raised it, for an upgrade within the period.
    #[serde(default)]
    pub raised: Option<u64>,
    /// The period that it is for; `None` for the free credits of a new account, which are granted once.
    pub period: Option<BillingPeriod>,
}

impl GrantedQuota {
    /// Creates a quota that no upgrade has raised yet.
    pub fn new(credits: Credits, entry: u64, period: Option<BillingPeriod>) -> Self {
        Self { credits, entry, raised: None, period }
    }
}

/// A period of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingPeriod {
    /// Stripe's id of the subscription that pays for the period.
    pub subscription: StripeId,
    /// First second of the period.
    pub start: Timestamp,
    /// The end, when the next period starts.
    pub end: Timestamp,
}

impl Balance {
    /// Creates the balance of an organization without a ledger.
    pub fn empty(organization_id: &OrganizationId) -> Self {
        Self {
            client_id: organization_id.clone(),
            quota: Credits::default(),
            topups: Credits::default(),
            granted: None,
            entries: 0,
            alerted: 0,
            moved_on: String::new(),
            spent: Credits::default(),
            spent_period: String::new(),
            recent_debits: BTreeMap::new(),
            highest_removed_debit: 0,
            closed_at: None,
            paused_until: None,
        }
    }

    /// Returns the credits that can be spent.
    pub fn total(&self) -> Credits {
        self.quota.plus(self.topups)
    }

    /// Returns the size of the current quota, as each call names it. 0 without one.
    pub fn quota_granted(&self) -> Credits {
        self.granted.as_ref().map_or_else(Credits::default, |quota| quota.credits)
    }

    /// Returns the period that the current quota is for.
    pub fn period(&self) -> Option<&BillingPeriod> {
        self.granted.as_ref()?.period.as_ref()
    }

    /// Splits an amount into a part of the quota, which is spent first, and a part of the top-up credits. `None` if
    /// there are not enough credits.
    pub fn split(&self, amount: Credits) -> Option<(Credits, Credits)> {
        if amount > self.total() {
            return None;
        }
        let quota = amount.min(self.quota.max(Credits::default()));
        Some((quota, amount.minus(quota)))
    }

    /// Returns the condition that the quota is the granted one, unchanged.
    ///
    /// # Errors
    /// `Internal` if the quota cannot be encoded.
    pub(super) fn has_granted(granted: Option<&GrantedQuota>) -> Result<Condition> {
        match granted {
            Some(granted) => Ok(Condition::equal("granted", granted)?),
            None => Ok(Condition::Missing("granted")),
        }
    }

    /// Returns the credits that were spent in a period and are not in its counters yet.
    pub fn spent_in(&self, period: &str) -> Credits {
        if self.spent_period == period { self.spent } else { Credits::default() }
    }

    /// Returns the used share of the quota in percent, rounded down; 0 without a quota.
    pub fn percent_used(&self) -> u8 {
        let granted = i128::from(self.quota_granted().micros());
        if granted <= 0 {
            return 0;
        }
        let used = granted - i128::from(self.quota.micros());
        u8::try_from((used * 100 / granted).clamp(0, 100)).unwrap_or(100)
    }
}

impl Record for Balance {
    fn key(&self) -> Key {
        keys::balance(&self.client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    fn balance(quota: i64, topups: i64, granted: i64) -> Balance {
        Balance {
            quota: Credits::from_micros(quota),
            topups: Credits::from_micros(topups),
            granted: Some(GrantedQuota::new(Credits::from_micros(granted), 1, None)),
            ..Balance::empty(&OrganizationId::generate(&SystemRandom))
        }
    }

    #[test]
    fn the_quota_is_spent_first() {
        let take = |quota, topups, amount| {
            let taken = balance(quota, topups, 0).split(Credits::from_micros(amount));
            taken.map(|(quota, topups)| (quota.micros(), topups.micros()))
        };
        assert_eq!(take(10, 5, 7), Some((7, 0)));
        assert_eq!(take(10, 5, 15), Some((10, 5)));
        assert_eq!(take(10, 5, 16), None);
        assert_eq!(take(0, 5, 5), Some((0, 5)));
        // A debt from refunded credits counts against the quota.
        assert_eq!(take(10, -4, 6), Some((6, 0)));
        assert_eq!(take(10, -4, 7), None);
    }

    #[test]
    fn used_percent_is_rounded_down() {
        for (quota, used) in
            [(1000, 0), (991, 0), (990, 1), (201, 79), (200, 80), (1, 99), (0, 100)]
        {
            assert_eq!(balance(quota, 0, 1000).percent_used(), used, "{quota}");
        }
        assert_eq!(balance(0, 7, 0).percent_used(), 0);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_amount(
            quota in 0..1_000_i64, topups in -1_000..1_000_i64, amount in 1..3_000_i64,
        ) {
            let before = balance(quota, topups, 0);
            match before.split(Credits::from_micros(amount)) {
                Some((from_quota, from_topups)) => {
                    prop_assert_eq!(from_quota.plus(from_topups).micros(), amount);
                    prop_assert!(from_quota.micros() <= quota && from_topups.micros() >= 0);
                    prop_assert!(from_topups.micros() == 0 || from_quota.micros() == quota);
                }
                None => prop_assert!(amount > quota + topups),
            }
        }
    }
}
