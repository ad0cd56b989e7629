//! An organization's subscription, as Stripe last reported it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Plan;
use super::ledger::BillingPeriod;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::stripe::StripeId;

/// The stored state of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSubscription {
    /// The subscription's id at Stripe.
    pub id: StripeId,
    /// The plan that is paid for.
    pub plan: Plan,
    /// Status of the subscription at Stripe.
    pub status: SubscriptionStatus,
    /// The credits granted per month.
    pub quota: u32,
    /// The start of the current period.
    pub period_start: Timestamp,
    /// The end of the current period.
    pub period_end: Timestamp,
    /// Whether the subscription ends with the current period.
    pub cancel_at_period_end: bool,
    /// A downgrade that takes effect at the end of the period.
    #[serde(default)]
    pub scheduled_change: Option<ScheduledChange>,
    /// An upgrade that takes effect when its invoice is paid.
    #[serde(default)]
    pub unpaid_change: Option<UnpaidChange>,
    /// When Stripe was last asked whether a new period has begun.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
}

/// A change of plan at a later time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduledChange {
    /// The plan after the change.
    pub plan_name: Plan,
    /// When it takes effect.
    pub effective_at: Timestamp,
}

/// A change of plan that takes effect when its invoice is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnpaidChange {
    /// The plan after the change.
    pub plan_name: Plan,
    /// When the change and its invoice are withdrawn if the invoice is not paid.
    pub expires_at: Timestamp,
    /// The page of the invoice at Stripe, to pay or confirm it.
    #[schema(required)]
    pub payment_url: Option<String>,
}

/// The status of a subscription, in Stripe's words.
/// <https://docs.stripe.com/api/subscriptions/object#subscription_object-status>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// The first payment has not succeeded yet.
    Incomplete,
    /// The first payment did not succeed within 23 hours.
    IncompleteExpired,
    /// The subscription is in its trial.
    Trialing,
    /// The current period is paid.
    Active,
    /// The last payment failed and is retried.
    PastDue,
    /// All retries of the last payment failed.
    Unpaid,
    /// The subscription has ended.
    Canceled,
    /// The trial ended without a payment method.
    Paused,
}

impl SubscriptionStatus {
    const ALL: [Self; 8] = [
        Self::Incomplete,
        Self::IncompleteExpired,
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Canceled,
        Self::Paused,
    ];

    /// Parses Stripe's word.
    ///
    /// # Errors
    /// `Internal` if the word is unknown.
    pub fn parse(word: &str) -> Result<Self> {
        let status = Self::ALL.into_iter().find(|status| status.as_str() == word);
        status.ok_or_else(|| Error::internal("a subscription has an unknown status"))
    }

    /// Returns Stripe's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
            Self::Paused => "paused",
        }
    }

    /// Returns whether the plan is in force. It stays in force while a payment is retried.
    pub const fn has_plan(self) -> bool {
        match self {
            Self::Trialing | Self::Active | Self::PastDue => true,
            Self::Incomplete
            | Self::IncompleteExpired
            | Self::Unpaid
            | Self::Canceled
            | Self::Paused => false,
        }
    }

    /// Returns whether the last payment failed, so that an invoice is open.
    pub const fn is_payment_failed(self) -> bool {
        matches!(self, Self::PastDue | Self::Unpaid)
    }

    /// Returns whether a new period grants a quota.
    pub const fn has_quota(self) -> bool {
        match self {
            Self::Trialing | Self::Active => true,
            Self::PastDue
            | Self::Incomplete
            | Self::IncompleteExpired
            | Self::Unpaid
            | Self::Canceled
            | Self::Paused => false,
        }
    }

    /// Returns whether the subscription may still be charged.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Trialing | Self::Active | Self::PastDue | Self::Unpaid | Self::Paused => true,
            Self::Incomplete | Self::IncompleteExpired | Self::Canceled => false,
        }
    }
}

impl StoredSubscription {
    /// Returns the plan that the subscription puts the organization on.
    pub fn effective_plan(&self) -> Plan {
        if self.status.has_plan() { self.plan } else { Plan::Free }
    }

    /// Returns the current period.
    pub fn period(&self) -> BillingPeriod {
        let (subscription, start, end) = (self.id.clone(), self.period_start, self.period_end);
        BillingPeriod { subscription, start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_due_keeps_the_plan_and_grants_no_quota() {
        for status in SubscriptionStatus::ALL {
            assert_eq!(SubscriptionStatus::parse(status.as_str()).unwrap(), status);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("\"{}\"", status.as_str()));
            assert!(!status.has_quota() || status.has_plan());
            assert!(!status.has_plan() || status.is_live());
        }
        assert!(SubscriptionStatus::PastDue.has_plan() && !SubscriptionStatus::PastDue.has_quota());
        assert!(!SubscriptionStatus::Unpaid.has_plan() && SubscriptionStatus::Unpaid.is_live());
        assert!(SubscriptionStatus::parse("new").is_err());
    }
}
