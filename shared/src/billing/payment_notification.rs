//! The content of a notification about an invoice.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::OrganizationId;

/// What happened to an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentEvent {
    /// The invoice is open and was not charged yet.
    Due,
    /// A payment attempt failed.
    Failed,
    /// The invoice is paid.
    Paid,
}

/// A notification of an organization's owner about an invoice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PaymentNotification {
    /// The organization whose owner is notified.
    pub client_id: OrganizationId,
    /// The invoice's id at Stripe.
    pub invoice_id: String,
    /// Number of the invoice, as the customer sees it.
    pub number: Option<String>,
    /// What happened to the invoice.
    pub event: PaymentEvent,
    /// The number of payment attempts. Each failed attempt is a notification of its own.
    pub attempt: u32,
    /// Whether there are no further attempts.
    #[serde(default)]
    pub is_last: bool,
    /// The amount due or paid, in the currency's smallest unit.
    pub amount: i64,
    /// The ISO 4217 currency code in lower case.
    pub currency: String,
    /// The time of the event.
    pub at: Timestamp,
}

impl PaymentNotification {
    /// Returns the name under which the notification is sent once.
    pub fn name(&self) -> String {
        match self.event {
            PaymentEvent::Due => format!("{}#due", self.invoice_id),
            PaymentEvent::Failed => format!("{}#failed#{}", self.invoice_id, self.attempt),
            PaymentEvent::Paid => format!("{}#paid", self.invoice_id),
        }
    }
}
