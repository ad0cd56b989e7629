//! What is paid every month.
//! <https://docs.stripe.com/api/subscriptions>

use std::collections::BTreeMap;

use miniserde::Deserialize;
use stripe_billing::subscription::{CancelSubscription, RetrieveSubscription};

use super::{List, Stripe};
use crate::context::Context;
use crate::error::Result;

/// A subscription.
#[derive(Debug, Deserialize)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// Whose.
    pub customer: String,
    /// As Stripe has it: `active`, `past_due`, …
    pub status: String,
    /// Whether it ends with its period.
    pub cancel_at_period_end: bool,
    /// When it ends otherwise.
    pub cancel_at: Option<i64>,
    /// When it ended, in seconds since 1970.
    pub ended_at: Option<i64>,
    /// What is subscribed to: of ours, one thing.
    pub items: List<Item>,
    /// What we, or people of ours in Stripe's dashboard, wrote into it.
    pub metadata: Option<BTreeMap<String, String>>,
    /// What was last to be paid.
    pub latest_invoice: Option<String>,
    /// What it is paid with, before the customer's own default.
    pub default_payment_method: Option<String>,
}

/// A thing that is subscribed to.
#[derive(Debug, Deserialize)]
pub struct Item {
    /// For how much.
    pub price: Price,
    /// When the period began that it is paid for, in seconds since 1970.
    pub current_period_start: i64,
    /// When that ends.
    pub current_period_end: i64,
}

/// How much something costs.
#[derive(Debug, Deserialize)]
pub struct Price {
    /// Its id.
    pub id: String,
}

impl Stripe {
    /// A subscription, as it stands.
    pub async fn subscription(&self, ctx: &Context, id: &str) -> Result<Option<Subscription>> {
        self.find(ctx, RetrieveSubscription::new(id)).await
    }

    /// Ends a subscription at once, without giving anything back.
    pub async fn cancel_subscription(&self, ctx: &Context, id: &str) -> Result<()> {
        let key = format!("cancel-{id}");
        let cancel = CancelSubscription::new(id);
        self.change_unless::<Subscription>(ctx, &key, cancel, |_| false).await.map(|_| ())
    }
}
