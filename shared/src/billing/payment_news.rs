//! What there is to tell of an invoice.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::OrganizationId;

/// What happened to an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentEvent {
    /// It waits to be paid.
    Due,
    /// Stripe tried to take the money, and didn't get it.
    Failed,
    /// It is paid.
    Paid,
}

/// What an organization's owner is told of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PaymentNews {
    /// Whose invoice.
    pub client_id: OrganizationId,
    /// Its id at Stripe.
    pub invoice_id: String,
    /// What people call it.
    pub number: Option<String>,
    /// What happened.
    pub event: PaymentEvent,
    /// How often Stripe has tried to take the money: each failure is told of.
    pub attempt: u32,
    /// Whether Stripe doesn't try again.
    #[serde(default)]
    pub is_last: bool,
    /// What is due or was paid, in the currency's smallest unit.
    pub amount: i64,
    /// Of three letters, as ISO 4217 has it, in lower case.
    pub currency: String,
    /// When it happened.
    pub at: Timestamp,
}

impl PaymentNews {
    /// What makes it this news and no other.
    pub fn name(&self) -> String {
        match self.event {
            PaymentEvent::Due => format!("{}#due", self.invoice_id),
            PaymentEvent::Failed => format!("{}#failed#{}", self.invoice_id, self.attempt),
            PaymentEvent::Paid => format!("{}#paid", self.invoice_id),
        }
    }
}
