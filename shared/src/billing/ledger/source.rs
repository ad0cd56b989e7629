//! The source of a ledger entry, which makes it unique.

use std::fmt;

use super::balance::BillingPeriod;
use super::debit_key::DebitKey;
use super::support_key::SupportKey;
use crate::stripe::StripeId;

/// What caused an entry: the payment, period or debit itself, and not the event that reported it. An entry is
/// posted once per source, however many events report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntrySource {
    /// The free credits of a new account.
    Free,
    /// A period of a subscription.
    Period(BillingPeriod),
    /// The paid invoice of an upgrade within a period.
    PlanChange(StripeId),
    /// The unused quota, removed after the entry with this number.
    UnusedQuota(u64),
    /// A paid checkout session.
    TopUp(StripeId),
    /// Spent credits, by the caller's idempotency key.
    Usage(DebitKey),
    /// A refund, by its id at Stripe.
    Refund(StripeId),
    /// A refund that failed.
    RefundFailed(StripeId),
    /// A dispute, by its id at Stripe.
    Dispute(StripeId),
    /// A dispute that was won.
    DisputeWon(StripeId),
    /// An adjustment by an operator.
    Support(SupportKey),
    /// A debt that the quota paid, after the entry with this number.
    DebtPaid(u64),
}

/// The prefix of the source of an entry that an upgrade within a period caused.
pub const PLAN_CHANGE: &str = "plan-change#";

/// The prefix of the source of an entry that paid a debt.
pub const DEBT_PAID: &str = "debt-paid#";

impl fmt::Display for EntrySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::Period(BillingPeriod { subscription, start, .. }) => {
                write!(f, "period#{subscription}#{start}")
            }
            Self::PlanChange(invoice) => write!(f, "{PLAN_CHANGE}{invoice}"),
            Self::UnusedQuota(entry) => write!(f, "leftover#{entry}"),
            Self::TopUp(session) => write!(f, "topup#{session}"),
            Self::Usage(key) => write!(f, "usage#{key}"),
            Self::Refund(refund) => write!(f, "refund#{refund}"),
            Self::RefundFailed(refund) => write!(f, "refund-failed#{refund}"),
            Self::Dispute(dispute) => write!(f, "dispute#{dispute}"),
            Self::DisputeWon(dispute) => write!(f, "dispute-won#{dispute}"),
            Self::Support(key) => write!(f, "support#{key}"),
            Self::DebtPaid(entry) => write!(f, "{DEBT_PAID}{entry}"),
        }
    }
}
