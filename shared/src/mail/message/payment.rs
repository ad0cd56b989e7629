//! Mails about invoices: payment due, payment failed and payment received.

use serde::{Deserialize, Serialize};

use super::event_details::EventDetails;
use super::kind::{MessageKind, templates};
use super::{Message, money};
use crate::billing::{PaymentEvent, PaymentNotification};
use crate::context::Context;
use crate::text::truncate;
use crate::values::Name;

/// Longest organization name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 20;

/// Longest invoice number that a mail shows, in characters.
const MAX_INVOICE_NUMBER_LEN: usize = 40;

/// Mail that reports an invoice that has to be paid.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentDue(InvoiceDetails);

/// Mail that reports a failed payment of an invoice.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentFailed(InvoiceDetails);

/// Mail that reports a paid invoice.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentReceipt(InvoiceDetails);

/// Values of a mail about an invoice, to the organization's owner.
#[derive(Clone, Serialize, Deserialize)]
struct InvoiceDetails {
    /// The owner's name, and when the payment event happened.
    #[serde(flatten)]
    event: EventDetails,
    #[serde(rename = "client")]
    organization: Name,
    /// The invoice number at Stripe, if it has one.
    number: Option<String>,
    /// The amount, in the currency's smallest unit.
    amount: i64,
    /// The currency, as a three-letter code (ISO 4217).
    currency: String,
    /// Whether this was Stripe's last attempt to take the payment.
    #[serde(default)]
    is_last: bool,
    /// The billing page of the organization. Mails of earlier versions have the page of the account.
    link: String,
}

templates!(PaymentDue, "mail/payment_due.txt", "mail/payment_due.html");
templates!(PaymentFailed, "mail/payment_failed.txt", "mail/payment_failed.html");
templates!(PaymentReceipt, "mail/payment_receipt.txt", "mail/payment_receipt.html");

impl InvoiceDetails {
    /// Returns the amount with its currency, such as `$50.00`.
    fn formatted_amount(&self) -> String {
        money::format_money(self.amount, &self.currency)
    }

    /// Returns the invoice number if it looks like one of Stripe's, and `None` otherwise. Other text could carry
    /// a message into the mail.
    fn safe_number(&self) -> Option<&str> {
        let is_plain = |number: &&str| {
            (1..=MAX_INVOICE_NUMBER_LEN).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        self.number.as_deref().filter(is_plain)
    }

    fn subject(&self, what: &str) -> String {
        let organization = truncate(self.organization.as_str(), MAX_NAME_IN_SUBJECT_LEN);
        format!("{what}: {}, {organization}", self.formatted_amount())
    }
}

impl MessageKind for PaymentDue {
    fn event(&self) -> &EventDetails {
        &self.0.event
    }

    fn subject(&self) -> String {
        self.0.subject("Payment due")
    }
}

impl MessageKind for PaymentFailed {
    fn event(&self) -> &EventDetails {
        &self.0.event
    }

    fn subject(&self) -> String {
        self.0.subject("Payment failed")
    }
}

impl MessageKind for PaymentReceipt {
    fn event(&self) -> &EventDetails {
        &self.0.event
    }

    fn subject(&self) -> String {
        self.0.subject("Receipt")
    }
}

impl Message {
    /// Creates the mail about an invoice of `organization` for its owner, who is called `name`.
    pub fn payment(
        ctx: &Context,
        name: &Name,
        organization: &Name,
        news: &PaymentNotification,
    ) -> Self {
        let details = InvoiceDetails {
            event: EventDetails::without_request(news.at, name),
            organization: organization.clone(),
            number: news.number.clone(),
            amount: news.amount,
            currency: news.currency.clone(),
            is_last: news.is_last,
            link: format!(
                "{}/account/organizations/{}/billing#payment",
                ctx.config.base_url, news.client_id
            ),
        };
        match news.event {
            PaymentEvent::Due => Self::PaymentDue(PaymentDue(details)),
            PaymentEvent::Failed => Self::PaymentFailed(PaymentFailed(details)),
            PaymentEvent::Paid => Self::PaymentReceipt(PaymentReceipt(details)),
        }
    }
}
