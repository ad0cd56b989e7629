//! How far the daily comparison with Stripe has come in Stripe's lists.
//!
//! A comparison goes through the events of a period, and then through the payments of it. Each step reads up to
//! [`MAX_PAGES_PER_STEP`] pages, the newest entries first, and the next step begins behind them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// How far back a comparison goes: as long as Stripe itself retries a webhook.
/// <https://docs.stripe.com/webhooks#retries>
const LOOKBACK: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The maximum number of pages of a hundred entries in one step.
pub(super) const MAX_PAGES_PER_STEP: usize = 10;

/// The age from which a comparison that ends is followed by another one, for what has happened since it began. A
/// younger one is followed by that of the next day.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The age from which a payment must be in a ledger: its webhook has arrived by then. A comparison leaves out younger
/// ones.
pub(super) const MIN_PAYMENT_AGE: Duration = Duration::from_secs(60 * 60);

/// The age from which the daily run reports a comparison that has not ended: its steps fail, or its lists are too long.
const OVERDUE_AGE: Duration = Duration::from_secs(12 * 60 * 60);

/// The age from which the daily run begins a comparison again. Stripe keeps events for 30 days, and refuses to list
/// those behind one that it has deleted.
const RESTART_AGE: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// A list at Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StripeList {
    /// The list of events, to find unprocessed ones.
    Events,
    /// The list of payment intents, to find payments that are in no ledger.
    Payments,
}

/// The place from which a comparison with Stripe continues.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StripeComparison {
    /// The list that the next step reads.
    pub list: StripeList,
    /// The beginning of the period.
    pub since: Timestamp,
    /// The end of the period.
    pub until: Timestamp,
    /// The id of the last entry that was compared; `None` at the beginning of the list.
    pub after: Option<String>,
    /// The last event of the step's pages that failed. The older ones of these pages were tried as well.
    pub failed_event: Option<String>,
}

impl StripeComparison {
    /// Begins a comparison of the last three days.
    pub fn begin(now: Timestamp) -> Self {
        Self::of_list(StripeList::Events, now.minus(LOOKBACK), now)
    }

    /// Begins at the newest entry of one list.
    pub const fn of_list(list: StripeList, since: Timestamp, until: Timestamp) -> Self {
        Self { list, since, until, after: None, failed_event: None }
    }

    /// Returns the comparison that continues after an entry of the same list.
    #[must_use]
    pub fn continue_after(self, entry: String) -> Self {
        Self { after: Some(entry), failed_event: None, ..self }
    }

    /// Continues after a step has gone through its pages: behind them if the list has more, and else with the next
    /// list. `None` if the comparison has finished.
    pub fn after_pages(self, next: Option<String>, now: Timestamp) -> Option<Self> {
        if let Some(entry) = next {
            return Some(self.continue_after(entry));
        }
        match self.list {
            StripeList::Events => Some(Self::of_list(StripeList::Payments, self.since, self.until)),
            StripeList::Payments if self.until < now.minus(MAX_AGE) => {
                // It also has the payments that were too young for this one.
                let since = self.until.minus(MIN_PAYMENT_AGE).min(now.minus(LOOKBACK));
                Some(Self::of_list(StripeList::Events, since, now))
            }
            StripeList::Payments => None,
        }
    }

    /// Begins again at the newest event, with the same beginning of the period, if the comparison is so old that Stripe
    /// may soon delete the event behind which it continues; else `None`.
    pub fn restart_if_old(&self, now: Timestamp) -> Option<Self> {
        let is_old = self.until < now.minus(RESTART_AGE);
        is_old.then(|| Self::of_list(StripeList::Events, self.since, now))
    }

    /// Returns whether the comparison has taken so long that its steps must have failed.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.until < now.minus(OVERDUE_AGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60;

    fn time(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn the_payments_follow_the_events() {
        let now = time(1_000_000);
        let first = StripeComparison::begin(now);
        assert_eq!((first.list, first.since), (StripeList::Events, now.minus(LOOKBACK)));
        let second = first.after_pages(Some("evt_1".to_owned()), now).unwrap();
        assert_eq!((second.list, second.after.as_deref()), (StripeList::Events, Some("evt_1")));
        let third = second.after_pages(None, now).unwrap();
        assert_eq!((third.list, third.after.as_deref()), (StripeList::Payments, None));
        assert_eq!(third.after_pages(None, now), None);
    }

    #[test]
    fn a_late_comparison_is_followed_by_one_without_a_gap() {
        let began = time(1_000_000);
        let of_payments = StripeComparison::of_list(StripeList::Payments, time(0), began);
        let later = |days| began.plus(Duration::from_secs(days * DAY + 1));
        let next = |now| of_payments.clone().after_pages(None, now);
        assert_eq!(next(later(0)), None);
        let days = [1, 9].map(|days| {
            let next = next(later(days)).unwrap();
            assert_eq!((next.list, next.until), (StripeList::Events, later(days)));
            next.since
        });
        assert_eq!(days, [later(1).minus(LOOKBACK), began.minus(MIN_PAYMENT_AGE)]);
    }

    #[test]
    fn an_old_comparison_begins_again_without_a_gap() {
        let began = time(1_000_000);
        let comparison = StripeComparison::begin(began).continue_after("evt_1".to_owned());
        let old = began.plus(RESTART_AGE);
        assert_eq!(comparison.restart_if_old(old), None);
        let older = old.plus(Duration::from_secs(1));
        let expected = StripeComparison::of_list(StripeList::Events, comparison.since, older);
        assert_eq!(comparison.restart_if_old(older), Some(expected));
    }

    #[test]
    fn a_comparison_of_half_a_day_is_overdue() {
        let began = time(1_000_000);
        let comparison = StripeComparison::begin(began);
        assert!(!comparison.is_overdue(began.plus(OVERDUE_AGE)));
        assert!(comparison.is_overdue(began.plus(OVERDUE_AGE + Duration::from_secs(1))));
    }
}
