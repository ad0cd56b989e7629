//! Subscriptions.
//! <https://docs.stripe.com/api/subscriptions>

use std::collections::BTreeMap;

use miniserde::Deserialize;
use stripe_billing::subscription::{
    CancelSubscription, RetrieveSubscription, UpdateSubscription, UpdateSubscriptionItems,
    UpdateSubscriptionPaymentBehavior, UpdateSubscriptionProrationBehavior,
};

use super::schedules::StripeSchedule;
use super::{List, Stripe};
use crate::context::Context;
use crate::error::Result;

/// A subscription, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripeSubscription {
    /// Id of the subscription, `sub_…`.
    pub id: String,
    /// Id of the customer who pays, `cus_…`.
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
    /// How invoices are paid: `charge_automatically` or `send_invoice`.
    pub collection_method: String,
    /// The invoice that Stripe made last for the subscription.
    pub latest_invoice: Option<LatestInvoice>,
    /// A change that takes effect when the latest invoice is paid.
    pub pending_update: Option<PendingUpdate>,
    /// The schedule that manages it, if there is one.
    pub schedule: Option<StripeSchedule>,
    /// The id of its own payment method, which takes precedence over the customer's default.
    pub default_payment_method: Option<String>,
}

/// An item of a subscription.
#[derive(Debug, Deserialize)]
pub struct SubscriptionItem {
    /// Id of the item, `si_…`. Changes of the price name it.
    pub id: String,
    /// The number of units.
    pub quantity: Option<u64>,
    /// Price that the item charges each period.
    pub price: StripePrice,
    /// The start of the current period, in epoch seconds.
    pub current_period_start: i64,
    /// The end of the current period, in epoch seconds.
    pub current_period_end: i64,
}

/// The latest invoice of a subscription.
#[derive(Debug, Deserialize)]
pub struct LatestInvoice {
    /// Id of the invoice, `in_…`.
    pub id: String,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub status: Option<String>,
    /// The URL of Stripe's page of the invoice.
    pub hosted_invoice_url: Option<String>,
}

/// A change of a subscription that waits for its payment.
#[derive(Debug, Deserialize)]
pub struct PendingUpdate {
    /// When it is discarded, in epoch seconds.
    pub expires_at: i64,
    /// The items after the change.
    pub subscription_items: Option<Vec<PendingItem>>,
}

/// An item of a change that waits for its payment.
#[derive(Debug, Deserialize)]
pub struct PendingItem {
    /// Price that applies after the pending change is paid.
    pub price: StripePrice,
}

/// A subscription after a change, without the objects that it refers to.
#[derive(Debug, Deserialize)]
pub struct ChangedSubscription {
    /// The id of the latest invoice.
    pub latest_invoice: Option<String>,
}

/// A change of a subscription's price.
#[derive(Clone, Copy, Debug)]
pub struct PriceChange<'a> {
    /// Id of the subscription, `sub_…`.
    pub subscription: &'a str,
    /// The id of its item.
    pub item: &'a str,
    /// The id of the new price.
    pub price: &'a str,
}

/// A price, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripePrice {
    /// Id of the price, `price_…`.
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
        let expand = ["latest_invoice", "schedule"].map(str::to_owned).to_vec();
        self.find(ctx, RetrieveSubscription::new(id).expand(expand)).await
    }

    /// Invoices a new price for the rest of the period at once. The price takes effect when the invoice is paid.
    /// `None` if the state of the subscription does not allow it.
    /// <https://docs.stripe.com/billing/subscriptions/pending-updates>
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn upgrade_subscription(
        &self,
        ctx: &Context,
        key: &str,
        change: PriceChange<'_>,
    ) -> Result<Option<ChangedSubscription>> {
        let mut item = UpdateSubscriptionItems::new();
        item.id = Some(change.item.to_owned());
        item.price = Some(change.price.to_owned());
        let update = UpdateSubscription::new(change.subscription)
            .items(vec![item])
            .payment_behavior(UpdateSubscriptionPaymentBehavior::PendingIfIncomplete)
            .proration_behavior(UpdateSubscriptionProrationBehavior::AlwaysInvoice);
        self.write_if_allowed(ctx, key, update).await
    }

    /// Sets whether a subscription ends with its period. `None` if the state of the subscription does not allow it.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn set_cancel_at_period_end(
        &self,
        ctx: &Context,
        id: &str,
        ends: bool,
    ) -> Result<Option<ChangedSubscription>> {
        let key = format!("ends-{id}-{}", ctx.random.identifier());
        let update = UpdateSubscription::new(id).cancel_at_period_end(ends);
        self.write_if_allowed(ctx, &key, update).await
    }

    /// Sets the payment method that the invoices of a subscription are paid with. `None` if the state of the
    /// subscription does not allow it, or its customer does not have the payment method.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn set_subscription_payment_method(
        &self,
        ctx: &Context,
        id: &str,
        method: &str,
    ) -> Result<Option<ChangedSubscription>> {
        let key = format!("pays-{id}-{}", ctx.random.identifier());
        let update = UpdateSubscription::new(id).default_payment_method(method);
        self.write_if_allowed(ctx, &key, update).await
    }

    /// Ends a subscription at once, without a refund.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn cancel_subscription(&self, ctx: &Context, id: &str) -> Result<()> {
        let key = format!("cancel-{id}");
        let cancel = CancelSubscription::new(id);
        self.write_unless::<ChangedSubscription>(ctx, &key, cancel, |_| false).await.map(|_| ())
    }
}
