//! Money that came, and that went back.
//! <https://docs.stripe.com/api/charges>, <https://docs.stripe.com/api/refunds>,
//! <https://docs.stripe.com/api/disputes>, <https://docs.stripe.com/api/payment_intents>

use ::stripe::{ApiErrors, ApiErrorsCode};
use miniserde::Deserialize;
use stripe_core::charge::RetrieveCharge;
use stripe_core::dispute::RetrieveDispute;
use stripe_core::payment_intent::{ListPaymentIntent, RetrievePaymentIntent};
use stripe_core::refund::{CreateRefund, ListRefund};
use stripe_types::{RangeBoundsTs, RangeQueryTs};

use super::{List, Stripe};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;

/// Most entries of one answer.
const MOST: i64 = 100;

/// Money that was taken.
#[derive(Debug, Deserialize)]
pub struct Charge {
    /// Its id.
    pub id: String,
    /// From whom.
    pub customer: Option<String>,
    /// What it is part of.
    pub payment_intent: Option<String>,
}

/// Money that went back.
#[derive(Debug, Deserialize)]
pub struct Refund {
    /// Its id.
    pub id: String,
    /// How much, in the currency's smallest unit.
    pub amount: i64,
    /// `pending`, `succeeded`, `failed`, …
    pub status: Option<String>,
}

/// A payment that somebody's bank asks back.
#[derive(Debug, Deserialize)]
pub struct Dispute {
    /// Its id.
    pub id: String,
    /// How much, in the currency's smallest unit.
    pub amount: i64,
    /// `needs_response`, `won`, `lost`, …
    pub status: String,
    /// What it is about.
    pub payment_intent: Option<String>,
}

/// A payment.
#[derive(Debug, Deserialize)]
pub struct PaymentIntent {
    /// Its id.
    pub id: String,
    /// Whose.
    pub customer: Option<String>,
    /// `succeeded`, `canceled`, …
    pub status: String,
    /// What came, in the currency's smallest unit.
    pub amount_received: i64,
}

impl Stripe {
    /// Money that was taken.
    pub async fn charge(&self, ctx: &Context, id: &str) -> Result<Option<Charge>> {
        self.find(ctx, RetrieveCharge::new(id)).await
    }

    /// What of it went back: the newest hundred, as often as no charge is given back in parts.
    pub async fn refunds(&self, ctx: &Context, charge: &str) -> Result<Vec<Refund>> {
        let list = ListRefund::new().charge(charge).limit(MOST);
        self.read::<List<Refund>>(ctx, list).await.map(|found| found.data)
    }

    /// Gives all that is left of a payment back; nothing where that was done already.
    pub async fn refund(&self, ctx: &Context, intent: &str) -> Result<()> {
        let key = format!("refund-{intent}");
        let refund = CreateRefund::new().payment_intent(intent);
        let done = |error: &ApiErrors| error.code == Some(ApiErrorsCode::ChargeAlreadyRefunded);
        self.change_unless::<Refund>(ctx, &key, refund, done).await.map(|_| ())
    }

    /// A dispute, as it stands.
    pub async fn dispute(&self, ctx: &Context, id: &str) -> Result<Option<Dispute>> {
        self.find(ctx, RetrieveDispute::new(id)).await
    }

    /// A payment, as it stands.
    pub async fn payment(&self, ctx: &Context, id: &str) -> Result<Option<PaymentIntent>> {
        self.find(ctx, RetrievePaymentIntent::new(id)).await
    }

    /// Payments that began in that time, behind that one, the newest first: up to a hundred.
    pub async fn payments(
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
        let list = ListPaymentIntent::new().created(RangeQueryTs::Bounds(created)).limit(MOST);
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }
}
