//! Payment intents, charges and disputes.
//! <https://docs.stripe.com/api/charges>,
//! <https://docs.stripe.com/api/disputes>, <https://docs.stripe.com/api/payment_intents>

use miniserde::Deserialize;
use stripe_core::charge::RetrieveCharge;
use stripe_core::dispute::RetrieveDispute;
use stripe_core::payment_intent::{ListPaymentIntent, RetrievePaymentIntent};
use stripe_types::{RangeBoundsTs, RangeQueryTs};

use super::{List, Stripe};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;

/// Entries of one page, the maximum of Stripe's API.
const MAX_PAGE_SIZE: i64 = 100;

/// A charge of a card or bank account, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct Charge {
    /// Id of the charge, `ch_…`.
    pub id: String,
    /// Id of the customer who pays, `cus_…`.
    pub customer: Option<String>,
    /// The id of its payment intent.
    pub payment_intent: Option<String>,
}

/// A dispute (chargeback), as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct Dispute {
    /// Id of the dispute, `dp_…` or `du_…`.
    pub id: String,
    /// The amount, in the currency's smallest unit.
    pub amount: i64,
    /// The status, such as `needs_response`, `won` or `lost`.
    pub status: String,
    /// The id of the disputed payment intent.
    pub payment_intent: Option<String>,
}

/// A payment intent, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct PaymentIntent {
    /// Id of the payment intent, `pi_…`.
    pub id: String,
    /// Id of the customer who pays, `cus_…`.
    pub customer: Option<String>,
    /// The status, such as `succeeded` or `canceled`.
    pub status: String,
    /// The amount received, in the currency's smallest unit.
    pub amount_received: i64,
}

impl Stripe {
    /// Reads a charge; `None` if it does not exist.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_charge(&self, ctx: &Context, id: &str) -> Result<Option<Charge>> {
        self.find(ctx, RetrieveCharge::new(id)).await
    }

    /// Reads a dispute; `None` if it does not exist.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_dispute(&self, ctx: &Context, id: &str) -> Result<Option<Dispute>> {
        self.find(ctx, RetrieveDispute::new(id)).await
    }

    /// Reads a payment intent; `None` if it does not exist.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_payment_intent(
        &self,
        ctx: &Context,
        id: &str,
    ) -> Result<Option<PaymentIntent>> {
        self.find(ctx, RetrievePaymentIntent::new(id)).await
    }

    /// Lists up to a hundred payment intents created between two times, newest first, after the one `after`.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn list_payment_intents(
        &self,
        ctx: &Context,
        from: Timestamp,
        to: Timestamp,
        after: Option<&str>,
    ) -> Result<List<PaymentIntent>> {
        let created = RangeBoundsTs {
            gte: Some(from.seconds()),
            lt: Some(to.seconds()),
            ..RangeBoundsTs::default()
        };
        let list =
            ListPaymentIntent::new().created(RangeQueryTs::Bounds(created)).limit(MAX_PAGE_SIZE);
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }
}
