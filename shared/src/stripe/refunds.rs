//! Refunds of payments. <https://docs.stripe.com/api/refunds>

use miniserde::Deserialize;
use stripe_core::refund::{CreateRefund, ListRefund};

use super::transport::ApiError;
use super::{List, Stripe};
use crate::context::Context;
use crate::error::Result;

/// Entries of one page, the maximum of Stripe's API.
const MAX_PAGE_SIZE: i64 = 100;

/// A refund, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct Refund {
    /// Id of the refund, `re_…`.
    pub id: String,
    /// The amount, in the currency's smallest unit.
    pub amount: i64,
    /// The status, such as `pending`, `succeeded` or `failed`.
    pub status: Option<String>,
}

impl Stripe {
    /// Lists the newest hundred refunds of a charge, more than a charge has in practice.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn list_refunds(&self, ctx: &Context, charge: &str) -> Result<Vec<Refund>> {
        let list = ListRefund::new().charge(charge).limit(MAX_PAGE_SIZE);
        self.read::<List<Refund>>(ctx, list).await.map(|found| found.data)
    }

    /// Refunds all of a payment that is not refunded yet. Does nothing if nothing is left. Operators refund a part of a
    /// payment in Stripe's dashboard.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn refund_rest(&self, ctx: &Context, intent: &str) -> Result<()> {
        let key = format!("refund-{intent}");
        let refund = CreateRefund::new().payment_intent(intent);
        let done = |error: &ApiError| error.code.as_deref() == Some("charge_already_refunded");
        self.write_unless::<Refund>(ctx, &key, refund, done).await.map(|_| ())
    }
}
