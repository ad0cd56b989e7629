//! Stripe's test cards and how payments with them end. <https://docs.stripe.com/testing>

use crate::error::ApiError;

/// The payment method type of a US bank account, which also stands for its number.
///
/// Payments with a bank account stay in processing until they are settled.
pub(crate) const US_BANK_ACCOUNT: &str = "us_bank_account";

/// The test cards with a description of how payments with them end.
pub(crate) const TEST_CARDS: [(&str, &str); 9] = [
    ("4242424242424242", "Visa, succeeds"),
    ("5555555555554444", "Mastercard, succeeds"),
    ("4000000000000002", "Declined"),
    ("4000000000009995", "Declined: insufficient funds"),
    ("4000000000000069", "Declined: expired card"),
    ("4000000000000341", "Succeeds now, declined for renewals"),
    ("4000002760003184", "Succeeds now, needs a confirmation later"),
    ("4000000000000259", "Succeeds, then disputed"),
    (US_BANK_ACCOUNT, "Bank account: settled later"),
];

/// Whether the customer takes part in a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionUsage {
    /// A payment that the customer confirms.
    OnSession,
    /// A payment without the customer, such as a renewal.
    OffSession,
}

/// Removes spaces and hyphens from a card number.
pub(crate) fn normalize_number(card: &str) -> String {
    card.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Returns the error with which a payment is declined, or `None` if it is not declined.
pub(crate) fn find_decline(number: &str, usage: SessionUsage) -> Option<ApiError> {
    let (code, decline_code, message) = match number {
        "4242424242424242" | "5555555555554444" | "4000000000000259" | US_BANK_ACCOUNT => {
            return None;
        }
        "4000002760003184" if usage == SessionUsage::OnSession => return None,
        "4000002760003184" => (
            "authentication_required",
            Some("authentication_required"),
            "Your card was declined. This transaction requires authentication.",
        ),
        "4000000000000341" if usage == SessionUsage::OnSession => return None,
        "4000000000009995" => {
            ("card_declined", Some("insufficient_funds"), "Your card has insufficient funds.")
        }
        "4000000000000069" => ("expired_card", None, "Your card has expired."),
        "4000000000000002" | "4000000000000341" => {
            ("card_declined", Some("generic_decline"), "Your card was declined.")
        }
        _ => {
            let message = "Your card was declined. Your request was in test mode, but used a non test \
                card. For a list of valid test cards, visit: https://stripe.com/docs/testing.";
            ("card_declined", Some("test_mode_live_card"), message)
        }
    };
    Some(ApiError::card_error(code, decline_code, message))
}

/// Returns whether payments with this card are disputed.
pub(crate) fn is_disputed(number: &str) -> bool {
    number == "4000000000000259"
}
