//! What happened to an invoice.

use serde::{Deserialize, Serialize};

use super::about::{About, account_link};
use super::kind::{Kind, templates};
use super::{Message, amount};
use crate::billing::{PaymentEvent, PaymentNews};
use crate::context::Context;
use crate::text::shortened;
use crate::values::Name;

/// Characters of an organization's name in a subject.
const LONGEST_IN_SUBJECT: usize = 20;

/// Characters of an invoice's number.
const LONGEST_NUMBER: usize = 40;

/// An invoice waits to be paid.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentDue(Payment);

/// The money for an invoice could not be taken.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentFailed(Payment);

/// An invoice is paid.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentReceipt(Payment);

/// What is told of an invoice, to the organization's owner.
#[derive(Clone, Serialize, Deserialize)]
struct Payment {
    /// Whom it is for, and when it happened.
    #[serde(flatten)]
    about: About,
    /// What the organization is called.
    #[serde(rename = "client")]
    organization: Name,
    number: Option<String>,
    /// In the currency's smallest unit.
    amount: i64,
    currency: String,
    /// Whether Stripe doesn't try again.
    #[serde(default)]
    is_last: bool,
    /// Where notices are switched on and off, and the billing portal is opened.
    link: String,
}

templates!(PaymentDue, "mail/payment_due.txt", "mail/payment_due.html");
templates!(PaymentFailed, "mail/payment_failed.txt", "mail/payment_failed.html");
templates!(PaymentReceipt, "mail/payment_receipt.txt", "mail/payment_receipt.html");

impl Payment {
    fn when(&self) -> String {
        self.about.when().for_people()
    }

    fn amount(&self) -> String {
        amount::for_people(self.amount, &self.currency)
    }

    /// What the invoice is called, if it is a number as Stripe makes them: from elsewhere, it is not to write
    /// in a mail of ours.
    fn number(&self) -> Option<&str> {
        let is_plain = |number: &&str| {
            (1..=LONGEST_NUMBER).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        self.number.as_deref().filter(is_plain)
    }

    fn subject(&self, what: &str) -> String {
        let organization = shortened(self.organization.as_str(), LONGEST_IN_SUBJECT);
        format!("{what}: {}, {organization}", self.amount())
    }
}

impl Kind for PaymentDue {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn subject(&self) -> String {
        self.0.subject("Payment due")
    }
}

impl Kind for PaymentFailed {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn subject(&self) -> String {
        self.0.subject("Payment failed")
    }
}

impl Kind for PaymentReceipt {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn subject(&self) -> String {
        self.0.subject("Receipt")
    }
}

impl Message {
    /// The news of an invoice of the organization `client`, for an owner with that name.
    pub fn payment(ctx: &Context, name: &Name, organization: &Name, news: &PaymentNews) -> Self {
        let payment = Payment {
            about: About::of(news.at, name),
            organization: organization.clone(),
            number: news.number.clone(),
            amount: news.amount,
            currency: news.currency.clone(),
            is_last: news.is_last,
            link: account_link(ctx),
        };
        match news.event {
            PaymentEvent::Due => Self::PaymentDue(PaymentDue(payment)),
            PaymentEvent::Failed => Self::PaymentFailed(PaymentFailed(payment)),
            PaymentEvent::Paid => Self::PaymentReceipt(PaymentReceipt(payment)),
        }
    }
}
