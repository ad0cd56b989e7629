//! What happens at the end of a quota's period, in the words of pages.

use super::stored_subscription::StoredSubscription;
use crate::clock::Timestamp;

/// What happens at the end of a quota's period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaEnd {
    /// The quota has no period.
    Never,
    /// The next quota replaces it.
    Renewed,
    /// The subscription was canceled, so the quota ends with its period.
    Canceled,
    /// The next quota replaces it when the open invoice is paid.
    Unpaid,
}

impl QuotaEnd {
    /// Returns what happens at `period_end`, the end of the current quota's period if it has one.
    pub(super) fn new(
        subscription: Option<&StoredSubscription>,
        period_end: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let Some(end) = period_end else { return Self::Never };
        let is_failed = subscription.is_some_and(|known| known.status.is_payment_failed());
        let is_canceled = subscription.is_some_and(|known| known.cancel_at_period_end);
        if is_failed {
            Self::Unpaid
        } else if is_canceled {
            Self::Canceled
        } else if end <= now {
            // Stripe charges the invoice of a period about an hour after its start.
            Self::Unpaid
        } else {
            Self::Renewed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::Plan;
    use crate::billing::stored_subscription::SubscriptionStatus;
    use crate::stripe::StripeId;

    #[test]
    fn the_subscription_says_what_follows_a_quota() {
        let at = Timestamp::from_seconds;
        let end = |status, cancel_at_period_end, now| {
            let subscription = StoredSubscription {
                id: StripeId::parse("sub_1").unwrap(),
                plan: Plan::Pro,
                status,
                quota: 20_000,
                period_start: at(0),
                period_end: at(100),
                cancel_at_period_end,
                scheduled_change: None,
                unpaid_change: None,
                asked_at: None,
            };
            QuotaEnd::new(Some(&subscription), Some(at(100)), at(now))
        };
        assert_eq!(end(SubscriptionStatus::Active, false, 50), QuotaEnd::Renewed);
        assert_eq!(end(SubscriptionStatus::Active, true, 50), QuotaEnd::Canceled);
        assert_eq!(end(SubscriptionStatus::Active, false, 100), QuotaEnd::Unpaid);
        assert_eq!(end(SubscriptionStatus::PastDue, false, 200), QuotaEnd::Unpaid);
        assert_eq!(QuotaEnd::new(None, None, at(50)), QuotaEnd::Never);
    }
}
