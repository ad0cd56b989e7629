//! Payment methods as pages show them.

use shared::billing::payment_methods::PaymentMethodView;

/// A payment method in a table.
pub(super) struct MethodRow {
    pub(super) id: String,
    /// The brand and the last four digits, such as "Visa ending in 4242".
    pub(super) name: String,
    pub(super) expires: String,
    pub(super) is_default: bool,
}

impl MethodRow {
    /// Creates the row of a payment method.
    pub(super) fn new(method: &PaymentMethodView) -> Self {
        let kind = method.brand.as_deref().unwrap_or(&method.kind);
        let last4 = method.last4.as_deref().map(|last4| format!(" ending in {last4}"));
        let expires = method.exp_month.zip(method.exp_year);
        Self {
            id: method.id.clone(),
            name: capitalized(&format!("{kind}{}", last4.unwrap_or_default())).replace('_', " "),
            expires: expires.map(|(month, year)| format!("{month:02}/{year}")).unwrap_or_default(),
            is_default: method.is_default,
        }
    }
}

/// Returns the text with a capital letter.
fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), characters.as_str())
}
