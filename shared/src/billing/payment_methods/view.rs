//! A payment method in an API response.

use serde::Serialize;
use utoipa::ToSchema;

use crate::stripe::payment_methods::StripePaymentMethod;

/// A payment method in an API response. `exp_month` and `exp_year` are null unless it is a card.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
pub struct PaymentMethodView {
    /// The payment method's id at Stripe.
    #[schema(example = "pm_1PgafmB7WZ01zgkW6dKueIc5")]
    pub id: String,
    /// The type, such as `card` or `us_bank_account`.
    #[serde(rename = "type")]
    #[schema(example = "card")]
    pub kind: String,
    /// The brand of the card, or the name of the bank.
    #[schema(required, example = "visa")]
    pub brand: Option<String>,
    /// The last four digits of the card or account number.
    #[schema(required, example = "4242")]
    pub last4: Option<String>,
    /// The month in which the card expires, from 1 to 12.
    #[schema(required, example = 12)]
    pub exp_month: Option<i64>,
    /// The year in which the card expires, with four digits.
    #[schema(required, example = 2030)]
    pub exp_year: Option<i64>,
    /// Whether the plan's invoices are paid with it.
    pub is_default: bool,
}

impl PaymentMethodView {
    pub(super) fn from_stripe(method: StripePaymentMethod, default: Option<&str>) -> Self {
        let bank = method.us_bank_account;
        let (brand, last4) = bank.map_or((None, None), |bank| (bank.bank_name, bank.last4));
        let (exp_month, exp_year) =
            method.card.as_ref().map(|card| (card.exp_month, card.exp_year)).unzip();
        let (card_brand, card_last4) = method.card.map(|card| (card.brand, card.last4)).unzip();
        Self {
            is_default: default == Some(method.id.as_str()),
            id: method.id,
            kind: method.kind,
            brand: card_brand.or(brand),
            last4: card_last4.or(last4),
            exp_month,
            exp_year,
        }
    }
}
