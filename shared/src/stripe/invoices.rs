//! Invoices.
//! <https://docs.stripe.com/api/invoices>

use miniserde::Deserialize;
use stripe_billing::invoice::{ListInvoice, RetrieveInvoice};
use stripe_billing::invoice_payment::{
    ListInvoicePayment, ListInvoicePaymentPayment, ListInvoicePaymentPaymentType,
};

use super::{List, Stripe, StripeId};
use crate::context::Context;
use crate::error::Result;

/// An invoice.
#[derive(Debug, Deserialize)]
pub struct Invoice {
    /// Its id.
    pub id: Option<String>,
    /// What people call it, from when it is final.
    pub number: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub status: Option<String>,
    /// Whose.
    pub customer: Option<String>,
    /// Why there is one: `subscription_create`, `subscription_cycle`, …
    pub billing_reason: Option<String>,
    /// What is to be paid, in the currency's smallest unit.
    pub amount_due: i64,
    /// What was paid.
    pub amount_paid: i64,
    /// Three letters, in lower case.
    pub currency: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// Stripe's page of it.
    pub hosted_invoice_url: Option<String>,
    /// Where it is to be had as PDF, for a while.
    pub invoice_pdf: Option<String>,
    /// How often its money was asked for.
    pub attempt_count: i64,
    /// When it is asked for again, if it is.
    pub next_payment_attempt: Option<i64>,
    /// When it became what it is.
    pub status_transitions: StatusTransitions,
    /// What it comes from.
    pub parent: Option<Parent>,
    /// What it lists.
    pub lines: List<Line>,
    /// How it was paid: only of one that was read by itself.
    pub payments: Option<List<InvoicePayment>>,
}

/// When an invoice became what it is, in seconds since 1970.
#[derive(Debug, Deserialize)]
pub struct StatusTransitions {
    /// Paid.
    pub paid_at: Option<i64>,
}

/// What an invoice comes from.
#[derive(Debug, Deserialize)]
pub struct Parent {
    /// A subscription.
    pub subscription_details: Option<SubscriptionDetails>,
}

/// Which subscription an invoice comes from.
#[derive(Debug, Deserialize)]
pub struct SubscriptionDetails {
    /// Its id.
    pub subscription: String,
}

/// A line of an invoice.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// Which time it is for.
    pub period: Period,
    /// What it comes from.
    pub parent: Option<LineParent>,
    /// At which price.
    pub pricing: Option<Pricing>,
}

/// A time, in seconds since 1970.
#[derive(Debug, Deserialize)]
pub struct Period {
    /// Its beginning.
    pub start: i64,
    /// Its end.
    pub end: i64,
}

/// What a line of an invoice comes from.
#[derive(Debug, Deserialize)]
pub struct LineParent {
    /// A subscription's item.
    pub subscription_item_details: Option<ItemDetails>,
}

/// Which item of a subscription a line comes from.
#[derive(Debug, Deserialize)]
pub struct ItemDetails {
    /// Whether it makes up for a change within a period.
    pub proration: bool,
}

/// What a line costs.
#[derive(Debug, Deserialize)]
pub struct Pricing {
    /// By a price.
    pub price_details: Option<PriceDetails>,
}

/// Which price a line has.
#[derive(Debug, Deserialize)]
pub struct PriceDetails {
    /// Its id.
    pub price: String,
}

/// A payment of an invoice.
#[derive(Debug, Deserialize)]
pub struct InvoicePayment {
    /// Of which invoice.
    pub invoice: String,
    /// `open`, `paid` or `canceled`.
    pub status: String,
    /// What was paid with.
    pub payment: PaidWith,
}

/// What an invoice was paid with.
#[derive(Debug, Deserialize)]
pub struct PaidWith {
    /// A payment.
    pub payment_intent: Option<String>,
}

impl Invoice {
    /// The subscription that it comes from.
    pub fn subscription(&self) -> Option<&str> {
        let details = self.parent.as_ref()?.subscription_details.as_ref()?;
        Some(&details.subscription)
    }

    /// Whether it is for a period of a subscription, and not for a change within one.
    pub fn begins_period(&self) -> bool {
        matches!(self.billing_reason.as_deref(), Some("subscription_create" | "subscription_cycle"))
    }

    /// The line for a period, among those that make up for changes.
    pub fn period_line(&self) -> Option<&Line> {
        let is_it = |line: &&Line| {
            let parent = line.parent.as_ref();
            let item = parent.and_then(|parent| parent.subscription_item_details.as_ref());
            item.is_some_and(|item| !item.proration)
        };
        self.lines.data.iter().filter(is_it).max_by_key(|line| line.period.start)
    }

    /// The payment that paid it.
    pub fn payment(&self) -> Option<&str> {
        let payments = self.payments.as_ref()?;
        let paid = payments.data.iter().find(|payment| payment.status == "paid")?;
        paid.payment.payment_intent.as_deref()
    }
}

impl Stripe {
    /// An invoice, with its payments.
    pub async fn invoice(&self, ctx: &Context, id: &StripeId) -> Result<Option<Invoice>> {
        let request = RetrieveInvoice::new(id.as_str()).expand(vec!["payments".to_owned()]);
        self.find(ctx, request).await
    }

    /// A customer's invoices behind that one, the newest first; 1 to 100 of them.
    pub async fn invoices(
        &self,
        ctx: &Context,
        customer: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<List<Invoice>> {
        let list = ListInvoice::new().customer(customer).limit(i64::from(limit));
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }

    /// A subscription's newest invoices: ten.
    pub async fn invoices_of(&self, ctx: &Context, subscription: &str) -> Result<Vec<Invoice>> {
        let list = ListInvoice::new().subscription(subscription).limit(10);
        self.read::<List<Invoice>>(ctx, list).await.map(|found| found.data)
    }

    /// The id of the invoice that a payment paid.
    pub async fn invoice_of_payment(
        &self,
        ctx: &Context,
        intent: &str,
    ) -> Result<Option<StripeId>> {
        let mut payment =
            ListInvoicePaymentPayment::new(ListInvoicePaymentPaymentType::PaymentIntent);
        payment.payment_intent = Some(intent.to_owned());
        let list = ListInvoicePayment::new().payment(payment).limit(1);
        let found: List<InvoicePayment> = self.read(ctx, list).await?;
        Ok(found.data.first().and_then(|payment| StripeId::parse(&payment.invoice)))
    }
}
