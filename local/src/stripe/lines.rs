//! Lines of invoices.

use serde_json::{Value, json};

use super::public::merge;
use super::work::Work;

/// A line about a price over a time.
pub(super) struct Line<'l> {
    pub(super) price: &'l str,
    pub(super) quantity: i64,
    /// Cents; what is given back is negative.
    pub(super) amount: i64,
    pub(super) description: String,
    /// Seconds since 1970.
    pub(super) period: (i64, i64),
    pub(super) of: Of<'l>,
}

/// What a line belongs to.
pub(super) enum Of<'l> {
    /// Something that was bought once.
    Payment,
    /// A subscription and its item, and whether the line makes up for a change within a period.
    Subscription { subscription: &'l str, item: &'l str, is_proration: bool },
}

/// Makes a line, which is in no invoice yet.
pub(super) fn line(work: &Work<'_>, line: Line<'_>) -> Value {
    let (subscription, parent) = match line.of {
        Of::Payment => {
            let details = json!({"invoice_item": work.id("ii"), "proration": false,
                "proration_details": {"credited_items": null}, "subscription": null});
            (
                None,
                json!({"type": "invoice_item_details", "invoice_item_details": details,
                "subscription_item_details": null}),
            )
        }
        Of::Subscription { subscription, item, is_proration } => {
            let details = json!({"invoice_item": is_proration.then(|| work.id("ii")), "proration": is_proration,
                "proration_details": {"credited_items": null}, "subscription": subscription,
                "subscription_item": item});
            (
                Some(subscription),
                json!({"type": "subscription_item_details",
                "invoice_item_details": null, "subscription_item_details": details}),
            )
        }
    };
    let fields = json!({
        "id": work.id("il"), "amount": line.amount, "description": line.description,
        "livemode": false, "metadata": {}, "parent": parent, "discountable": false,
        "period": {"start": line.period.0, "end": line.period.1},
        "pricing": {"type": "price_details", "unit_amount_decimal": work.field(line.price, "/unit_amount_decimal"),
            "price_details": {"price": line.price, "product": work.field(line.price, "/product")}},
        "quantity": line.quantity, "quantity_decimal": line.quantity.to_string(),
        "subscription": subscription, "subtotal": line.amount, "taxes": [],
        "discount_amounts": [], "pretax_credit_amounts": [],
    });
    work.public.object("line_item", fields)
}

/// An `item` as a checkout session lists it.
pub(super) fn item(work: &Work<'_>, price: &str, quantity: i64) -> Value {
    let cents = work.number(price, "/unit_amount").saturating_mul(quantity);
    let mut item = work.public.object("item", json!({}));
    let fields = json!({
        "id": work.id("li"), "amount_discount": 0, "amount_subtotal": cents, "amount_tax": 0,
        "amount_total": cents, "adjustable_quantity": null, "description": name(work, price),
        "price": work.field(price, ""), "quantity": quantity,
    });
    merge(&mut item, fields);
    item
}

/// The name of what a price is for.
pub(super) fn name(work: &Work<'_>, price: &str) -> String {
    work.text(&work.text(price, "/product"), "/name")
}
