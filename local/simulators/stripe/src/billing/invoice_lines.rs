//! Builds the lines of invoices.

use serde_json::{Value, json};

use crate::operation::Operation;

/// The parameters of an invoice line: a price for a period.
pub(crate) struct NewInvoiceLine<'l> {
    pub(crate) price: &'l str,
    pub(crate) quantity: i64,
    /// The amount in cents; negative for a credit.
    pub(crate) amount: i64,
    pub(crate) description: String,
    /// The start and the end of the period in seconds since 1970.
    pub(crate) period: (i64, i64),
    pub(crate) source: LineSource<'l>,
}

/// The object that an invoice line charges for.
pub(crate) enum LineSource<'l> {
    OneTime,
    Subscription {
        subscription: &'l str,
        item: &'l str,
        /// Whether the line settles a change within the period.
        is_proration: bool,
    },
}

/// Builds an invoice line that is not part of an invoice yet.
pub(crate) fn build_line(op: &Operation<'_>, line: NewInvoiceLine<'_>) -> Value {
    let (subscription, parent) = match line.source {
        LineSource::OneTime => {
            let details = json!({"invoice_item": op.new_id("ii"), "proration": false,
                "proration_details": {"credited_items": null}, "subscription": null});
            (
                None,
                json!({"type": "invoice_item_details", "invoice_item_details": details,
                "subscription_item_details": null}),
            )
        }
        LineSource::Subscription { subscription, item, is_proration } => {
            let invoice_item = is_proration.then(|| op.new_id("ii"));
            let details = json!({"invoice_item": invoice_item, "proration": is_proration,
                "proration_details": {"credited_items": null}, "subscription": subscription,
                "subscription_item": item});
            (
                Some(subscription),
                json!({"type": "subscription_item_details",
                "invoice_item_details": null, "subscription_item_details": details}),
            )
        }
    };
    let pricing = json!({"type": "price_details",
        "unit_amount_decimal": op.field(line.price, "/unit_amount_decimal"),
        "price_details": {"price": line.price, "product": op.field(line.price, "/product")}});
    let fields = json!({
        "id": op.new_id("il"), "amount": line.amount, "description": line.description,
        "livemode": false, "metadata": {}, "parent": parent, "discountable": false,
        "period": {"start": line.period.0, "end": line.period.1},
        "pricing": pricing,
        "quantity": line.quantity, "quantity_decimal": line.quantity.to_string(),
        "subscription": subscription, "subtotal": line.amount, "taxes": [],
        "discount_amounts": [], "pretax_credit_amounts": [],
    });
    op.description.build_object("line_item", fields)
}
