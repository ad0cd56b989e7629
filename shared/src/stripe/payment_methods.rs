//! Cards, and what else is paid with.
//! <https://docs.stripe.com/api/payment_methods>

use miniserde::Deserialize;
use stripe_payment::payment_method::{ListPaymentMethod, RetrievePaymentMethod};

use super::{List, Stripe};
use crate::context::Context;
use crate::error::Result;

/// A card, or the like.
#[derive(Debug, Deserialize)]
pub struct PaymentMethod {
    /// Its id.
    pub id: String,
    /// `card`, `us_bank_account`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose, while it is attached.
    pub customer: Option<String>,
    /// What is on the card.
    pub card: Option<Card>,
    /// What is known of the account.
    pub us_bank_account: Option<BankAccount>,
}

/// What may be shown of a card.
#[derive(Debug, Deserialize)]
pub struct Card {
    /// `visa`, …
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// The month in which it ends, from 1.
    pub exp_month: i64,
    /// The year in which it ends.
    pub exp_year: i64,
}

/// What may be shown of an account at a bank.
#[derive(Debug, Deserialize)]
pub struct BankAccount {
    /// Which bank's.
    pub bank_name: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
}

impl Stripe {
    /// A card, whether or not it is still anybody's.
    pub async fn payment_method(&self, ctx: &Context, id: &str) -> Result<Option<PaymentMethod>> {
        self.find(ctx, RetrievePaymentMethod::new(id)).await
    }

    /// A customer's cards behind that one, the newest first; 1 to 100 of them.
    pub async fn payment_methods(
        &self,
        ctx: &Context,
        customer: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<List<PaymentMethod>> {
        let list = ListPaymentMethod::new().customer(customer).limit(i64::from(limit));
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }
}
