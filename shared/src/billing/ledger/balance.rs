//! What an organization has.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::credits::{self, Credits};
use crate::dynamo::{Key, Record};
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::StripeId;

/// What an organization has: the sum of its ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Whose.
    pub client_id: OrganizationId,
    /// What is left of the quota.
    #[serde(rename = "quota_micros", with = "credits::micros")]
    pub quota: Credits,
    /// What is left of what was bought. Below zero where money went back for credits that were spent.
    #[serde(rename = "topups_micros", with = "credits::micros")]
    pub topups: Credits,
    /// What the quota was granted as.
    pub granted: Option<Quota>,
    /// How many entries the ledger has; the number of the last. Whoever writes the next makes this part of
    /// the condition.
    pub entries: u64,
    /// The most of the quota, in percent, that people were told is used.
    #[serde(default)]
    pub alerted: u8,
    /// The day (UTC, `yyyymmdd`) of the last entry.
    #[serde(default)]
    pub moved_on: String,
}

/// A quota as it was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// How much.
    #[serde(rename = "micros", with = "credits::micros")]
    pub credits: Credits,
    /// The number of the entry that granted it.
    pub entry: u64,
    /// What for; `None` of the free credits that come with an account, which are granted once.
    pub period: Option<Period>,
}

/// A period of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Which subscription's.
    pub subscription: StripeId,
    /// When it began.
    pub start: Timestamp,
    /// When the next begins.
    pub end: Timestamp,
}

impl Balance {
    /// Of an organization that never had anything.
    pub fn empty(organization_id: &OrganizationId) -> Self {
        Self {
            client_id: organization_id.clone(),
            quota: Credits::default(),
            topups: Credits::default(),
            granted: None,
            entries: 0,
            alerted: 0,
            moved_on: String::new(),
        }
    }

    /// All that can be spent.
    pub fn total(&self) -> Credits {
        self.quota.plus(self.topups)
    }

    /// What the current quota was when it was granted.
    pub fn quota_granted(&self) -> Credits {
        self.granted.as_ref().map_or_else(Credits::default, |quota| quota.credits)
    }

    /// The period that the current quota is for.
    pub fn period(&self) -> Option<&Period> {
        self.granted.as_ref()?.period.as_ref()
    }

    /// How an amount is taken: of the quota first, and the rest of what was bought. `None` where there isn't
    /// enough.
    pub fn take(&self, amount: Credits) -> Option<(Credits, Credits)> {
        if amount > self.total() {
            return None;
        }
        let quota = amount.min(self.quota.max(Credits::default()));
        Some((quota, amount.minus(quota)))
    }

    /// How much of the quota is used, in percent, rounded down; of none, nothing.
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
        let granted = Quota { credits: Credits::from_micros(granted), entry: 1, period: None };
        Balance {
            quota: Credits::from_micros(quota),
            topups: Credits::from_micros(topups),
            granted: Some(granted),
            ..Balance::empty(&OrganizationId::generate(&SystemRandom))
        }
    }

    #[test]
    fn the_quota_is_taken_first() {
        let take = |quota, topups, amount| {
            let taken = balance(quota, topups, 0).take(Credits::from_micros(amount));
            taken.map(|(quota, topups)| (quota.micros(), topups.micros()))
        };
        assert_eq!(take(10, 5, 7), Some((7, 0)));
        assert_eq!(take(10, 5, 15), Some((10, 5)));
        assert_eq!(take(10, 5, 16), None);
        assert_eq!(take(0, 5, 5), Some((0, 5)));
        // What is owed for credits that were spent and paid back counts against the quota.
        assert_eq!(take(10, -4, 6), Some((6, 0)));
        assert_eq!(take(10, -4, 7), None);
    }

    #[test]
    fn what_is_used_is_rounded_down() {
        for (quota, used) in
            [(1000, 0), (991, 0), (990, 1), (201, 79), (200, 80), (1, 99), (0, 100)]
        {
            assert_eq!(balance(quota, 0, 1000).percent_used(), used, "{quota}");
        }
        assert_eq!(balance(0, 7, 0).percent_used(), 0);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_what_was_asked_for(
            quota in 0..1_000_i64, topups in -1_000..1_000_i64, amount in 1..3_000_i64,
        ) {
            let before = balance(quota, topups, 0);
            match before.take(Credits::from_micros(amount)) {
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
