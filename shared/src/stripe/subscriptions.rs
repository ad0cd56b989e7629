//! Subscriptions.
//! <https://docs.stripe.com/api/subscriptions>

use std::collections::BTreeMap;

use miniserde::Deserialize;
use stripe_billing::subscription::{CancelSubscription, RetrieveSubscription};

use super::{List, Stripe};
use crate::context::Context;
use crate::error::Result;

/// A subscription, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripeSubscription {
    /// The subscription's id.
    pub id: String,
    /// The customer's id.
    pub customer: String,
    /// The status, such as `active` or `past_due`.
    pub status: String,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: bool,
    /// The scheduled end, in epoch seconds, if there is one.
    pub cancel_at: Option<i64>,
    /// When it ended, in epoch seconds.
    pub ended_at: Option<i64>,
    /// The items. Our subscriptions have one.
    pub items: List<SubscriptionItem>,
    /// The metadata, written by us or by an operator in Stripe's dashboard.
    pub metadata: Option<BTreeMap<String, String>>,
    /// The id of the latest invoice.
    pub latest_invoice: Option<String>,
    /// The id of its own payment method, which takes precedence over the customer's default.
    pub default_payment_method: Option<String>,
}

/// An item of a subscription.
#[derive(Debug, Deserialize)]
pub struct SubscriptionItem {
    /// The price.
    pub price: StripePrice,
    /// The start of the current period, in epoch seconds.
    pub current_period_start: i64,
    /// The end of the current period, in epoch seconds.
    pub current_period_end: i64,
}

/// A price, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripePrice {
    /// The price's id.
    pub id: String,
}

impl Stripe {
    /// Reads a subscription; `None` if it does not exist.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_subscription(
        &self,
        ctx: &Context,
        id: &str,
    ) -> Result<Option<StripeSubscription>> {
        self.find(ctx, RetrieveSubscription::new(id)).await
    }

    /// Ends a subscription at once, without a refund.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn cancel_subscription(&self, ctx: &Context, id: &str) -> Result<()> {
        let key = format!("cancel-{id}");
        let cancel = CancelSubscription::new(id);
        self.write_unless::<StripeSubscription>(ctx, &key, cancel, |_| false).await.map(|_| ())
    }
}
