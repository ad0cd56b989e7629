//! Payment methods: cards and bank accounts.
//! <https://docs.stripe.com/api/payment_methods>

use miniserde::Deserialize;
use stripe_payment::payment_method::{
    DetachPaymentMethod, ListPaymentMethod, RetrievePaymentMethod,
};

use super::{List, Stripe};
use crate::context::Context;
use crate::error::Result;

/// A payment method, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripePaymentMethod {
    /// Id of the payment method, `pm_…`.
    pub id: String,
    /// The type, such as `card` or `us_bank_account`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The customer's id, while it is attached to one.
    pub customer: Option<String>,
    /// The card, if it is one.
    pub card: Option<Card>,
    /// The bank account, if it is one.
    pub us_bank_account: Option<BankAccount>,
}

/// The displayable data of a card.
#[derive(Debug, Deserialize)]
pub struct Card {
    /// The brand, such as `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The month of expiry, from 1.
    pub exp_month: i64,
    /// The year of expiry.
    pub exp_year: i64,
}

/// The displayable data of a bank account.
#[derive(Debug, Deserialize)]
pub struct BankAccount {
    /// Name of the bank, as Stripe knows it.
    pub bank_name: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
}

impl Stripe {
    /// Reads a payment method, also one that is detached; `None` if it does not exist.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_payment_method(
        &self,
        ctx: &Context,
        id: &str,
    ) -> Result<Option<StripePaymentMethod>> {
        self.find(ctx, RetrievePaymentMethod::new(id)).await
    }

    /// Detaches a payment method from its customer for good. `None` if it is detached already.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn detach_payment_method(
        &self,
        ctx: &Context,
        id: &str,
    ) -> Result<Option<StripePaymentMethod>> {
        let key = format!("detach-{id}-{}", ctx.random.identifier());
        self.write_if_allowed(ctx, &key, DetachPaymentMethod::new(id)).await
    }

    /// Lists `limit` (1 to 100) payment methods of a customer, newest first, after the one `after`.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn list_payment_methods(
        &self,
        ctx: &Context,
        customer: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<List<StripePaymentMethod>> {
        let list = ListPaymentMethod::new().customer(customer).limit(i64::from(limit));
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }
}
