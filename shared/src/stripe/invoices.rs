//! Invoices.
//! <https://docs.stripe.com/api/invoices>

use miniserde::Deserialize;
use stripe_billing::invoice::{
    CreatePreviewInvoice, CreatePreviewInvoiceSubscriptionDetails,
    CreatePreviewInvoiceSubscriptionDetailsItems,
    CreatePreviewInvoiceSubscriptionDetailsProrationBehavior, ListInvoice, RetrieveInvoice,
    VoidInvoiceInvoice,
};
use stripe_billing::invoice_payment::{
    ListInvoicePayment, ListInvoicePaymentPayment, ListInvoicePaymentPaymentType,
};

use super::subscriptions::PriceChange;
use super::{List, Stripe, StripeId};
use crate::context::Context;
use crate::error::Result;

/// An invoice, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripeInvoice {
    /// Id of the invoice, `in_…`; `None` in a preview.
    pub id: Option<String>,
    /// The invoice number, once it is finalized.
    pub number: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub status: Option<String>,
    /// The id of its customer.
    pub customer: Option<String>,
    /// The reason, such as `subscription_create` or `subscription_cycle`.
    pub billing_reason: Option<String>,
    /// How it is paid: `charge_automatically` or `send_invoice`.
    pub collection_method: String,
    /// The amount due, in the currency's smallest unit.
    pub amount_due: i64,
    /// The amount paid, in the currency's smallest unit.
    pub amount_paid: i64,
    /// The ISO 4217 currency code in lower case.
    pub currency: String,
    /// The time of creation, in epoch seconds.
    pub created: i64,
    /// The URL of Stripe's page of the invoice.
    pub hosted_invoice_url: Option<String>,
    /// The URL of the PDF, which expires.
    pub invoice_pdf: Option<String>,
    /// The number of payment attempts.
    pub attempt_count: i64,
    /// The time of the next payment attempt, in epoch seconds, if there is one.
    pub next_payment_attempt: Option<i64>,
    /// The times of its status changes.
    pub status_transitions: StatusTransitions,
    /// The object that created it.
    pub parent: Option<InvoiceParent>,
    /// The first page of the invoice's lines.
    pub lines: List<InvoiceLine>,
    /// The payments; only present if the invoice was read by id.
    pub payments: Option<List<InvoicePayment>>,
}

/// The times of an invoice's status changes, in epoch seconds.
#[derive(Debug, Deserialize)]
pub struct StatusTransitions {
    /// The time of payment.
    pub paid_at: Option<i64>,
}

/// The object that created an invoice.
#[derive(Debug, Deserialize)]
pub struct InvoiceParent {
    /// The subscription, if a subscription created it.
    pub subscription_details: Option<SubscriptionDetails>,
}

/// The subscription that created an invoice.
#[derive(Debug, Deserialize)]
pub struct SubscriptionDetails {
    /// Id of the subscription, `sub_…`.
    pub subscription: String,
}

/// A line of an invoice, which charges for a subscription or a single item.
#[derive(Debug, Deserialize)]
pub struct InvoiceLine {
    /// The amount, in the currency's smallest unit; negative for a credit.
    pub amount: i64,
    /// The number of units.
    pub quantity: Option<i64>,
    /// The period that it charges for.
    pub period: LinePeriod,
    /// The object that created it.
    pub parent: Option<LineParent>,
    /// The price that the line charges.
    pub pricing: Option<Pricing>,
}

/// The period of an invoice line, in epoch seconds.
#[derive(Debug, Deserialize)]
pub struct LinePeriod {
    /// The start, in epoch seconds.
    pub start: i64,
    /// The end, in epoch seconds, when the next period starts.
    pub end: i64,
}

/// The object that created an invoice line.
#[derive(Debug, Deserialize)]
pub struct LineParent {
    /// The subscription item, if a subscription created the line.
    pub subscription_item_details: Option<ItemDetails>,
    /// The invoice item, if one created the line.
    pub invoice_item_details: Option<ItemDetails>,
}

/// The item that created a line.
#[derive(Debug, Deserialize)]
pub struct ItemDetails {
    /// Whether the line is a proration, for a change within a period.
    pub proration: bool,
}

/// The pricing of a line.
#[derive(Debug, Deserialize)]
pub struct Pricing {
    /// The price, if the line has one.
    pub price_details: Option<PriceDetails>,
    /// The amount of one unit for a full period, in the currency's smallest unit.
    pub unit_amount_decimal: Option<String>,
}

/// The price of a line.
#[derive(Debug, Deserialize)]
pub struct PriceDetails {
    /// Id of the price, `price_…`.
    pub price: String,
}

/// A payment of an invoice.
#[derive(Debug, Deserialize)]
pub struct InvoicePayment {
    /// Id of the invoice, `in_…`.
    pub invoice: String,
    /// `open`, `paid` or `canceled`.
    pub status: String,
    /// What pays the invoice.
    pub payment: PaymentRef,
}

/// A reference to a payment.
#[derive(Debug, Deserialize)]
pub struct PaymentRef {
    /// The id of the payment intent.
    pub payment_intent: Option<String>,
}

impl InvoiceLine {
    /// Returns whether it settles a change within a period.
    pub fn is_proration(&self) -> bool {
        self.parent.as_ref().is_some_and(|parent| {
            let details = [&parent.subscription_item_details, &parent.invoice_item_details];
            details.into_iter().flatten().any(|item| item.proration)
        })
    }

    /// Returns the price's id.
    pub fn price(&self) -> Option<&str> {
        Some(&self.pricing.as_ref()?.price_details.as_ref()?.price)
    }

    /// Returns what the line would charge for a full period, in the currency's smallest unit.
    pub fn full_amount(&self) -> Option<i64> {
        let unit: i64 = self.pricing.as_ref()?.unit_amount_decimal.as_ref()?.parse().ok()?;
        unit.checked_mul(self.quantity.unwrap_or(1))
    }
}

impl StripeInvoice {
    /// Returns whether it is paid.
    pub fn is_paid(&self) -> bool {
        self.status.as_deref() == Some("paid")
    }

    /// Returns whether it charges for a change within a period of a subscription.
    pub fn is_change(&self) -> bool {
        self.billing_reason.as_deref() == Some("subscription_update")
    }

    /// Returns the id of the subscription that created it.
    pub fn subscription(&self) -> Option<&str> {
        let details = self.parent.as_ref()?.subscription_details.as_ref()?;
        Some(&details.subscription)
    }

    /// Returns whether it charges for a new period of a subscription, and not for a change within one.
    pub fn begins_period(&self) -> bool {
        matches!(self.billing_reason.as_deref(), Some("subscription_create" | "subscription_cycle"))
    }

    /// Returns the line that charges for the period; the others are prorations.
    pub fn period_line(&self) -> Option<&InvoiceLine> {
        let is_period = |line: &&InvoiceLine| {
            let parent = line.parent.as_ref();
            let item = parent.and_then(|parent| parent.subscription_item_details.as_ref());
            item.is_some_and(|item| !item.proration)
        };
        self.lines.data.iter().filter(is_period).max_by_key(|line| line.period.start)
    }

    /// Returns the id of the payment intent that paid it.
    pub fn payment(&self) -> Option<&str> {
        let payments = self.payments.as_ref()?;
        let paid = payments.data.iter().find(|payment| payment.status == "paid")?;
        paid.payment.payment_intent.as_deref()
    }
}

impl Stripe {
    /// Reads an invoice with its payments; `None` if it does not exist.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_invoice(
        &self,
        ctx: &Context,
        id: &StripeId,
    ) -> Result<Option<StripeInvoice>> {
        let request = RetrieveInvoice::new(id.as_str()).expand(vec!["payments".to_owned()]);
        self.find(ctx, request).await
    }

    /// Returns the invoice that a new price would create at once.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn preview_upgrade(
        &self,
        ctx: &Context,
        change: PriceChange<'_>,
    ) -> Result<StripeInvoice> {
        let mut item = CreatePreviewInvoiceSubscriptionDetailsItems::new();
        item.id = Some(change.item.to_owned());
        item.price = Some(change.price.to_owned());
        let mut details = CreatePreviewInvoiceSubscriptionDetails::new();
        details.items = Some(vec![item]);
        details.proration_behavior =
            Some(CreatePreviewInvoiceSubscriptionDetailsProrationBehavior::AlwaysInvoice);
        let preview = CreatePreviewInvoice::new()
            .subscription(change.subscription)
            .subscription_details(details);
        // A preview changes nothing, but it is a POST, and each POST has a key.
        let key = format!("preview-{}-{}", change.subscription, ctx.random.identifier());
        self.write(ctx, &key, preview).await
    }

    /// Voids an open invoice, which discards the change that it charges for. `None` if the state of the invoice does
    /// not allow it.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn void_invoice(&self, ctx: &Context, id: &str) -> Result<Option<StripeInvoice>> {
        let key = format!("void-{id}-{}", ctx.random.identifier());
        self.write_if_allowed(ctx, &key, VoidInvoiceInvoice::new(id)).await
    }

    /// Lists `limit` (1 to 100) invoices of a customer, newest first, after the invoice `after`.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn list_invoices(
        &self,
        ctx: &Context,
        customer: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<List<StripeInvoice>> {
        let list = ListInvoice::new().customer(customer).limit(i64::from(limit));
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }

    /// Lists the ten newest invoices of a subscription.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn list_subscription_invoices(
        &self,
        ctx: &Context,
        subscription: &str,
    ) -> Result<Vec<StripeInvoice>> {
        let list = ListInvoice::new().subscription(subscription).limit(10);
        self.read::<List<StripeInvoice>>(ctx, list).await.map(|found| found.data)
    }

    /// Finds the id of the invoice that a payment paid.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn find_invoice_of_payment(
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
