//! Previews the invoice of a change to a subscription.

use serde_json::{Value, json};

use super::invoice_drafts::{NewInvoice, build_fields};
use super::invoices::amount_due;
use super::subscription_changes::{build_prorations, find_new_price};
use super::subscriptions;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::text;

/// The supported parameters for previewing an invoice.
pub(crate) const PARAMETERS: &[&str] = &[
    "subscription",
    "subscription_details.items.id",
    "subscription_details.items.price",
    "subscription_details.proration_behavior",
];

/// `POST /v1/invoices/create_preview`
///
/// Returns the invoice that a new price would create at once. Stores nothing.
///
/// # Errors
/// Fails with 404 if the subscription does not exist or is canceled, and with 400 for invalid parameters.
pub(crate) fn create(op: &mut Operation<'_>, _: &str, parameters: &Value) -> ApiResult<Value> {
    let id = text(parameters, "/subscription").unwrap_or_default();
    subscriptions::require_active(op, id)?;
    let details = parameters.get("subscription_details").cloned().unwrap_or_default();
    if text(&details, "/proration_behavior") != Some("always_invoice") {
        return Err(ApiError::unsupported("a preview of the next renewal"));
    }
    let price = find_new_price(op, id, &details)?;
    let lines = price.map(|price| build_prorations(op, id, &price)).unwrap_or_default();
    let customer = op.text(id, "/customer");
    let invoice = NewInvoice {
        customer: &customer,
        subscription: Some(id),
        billing_reason: "subscription_update",
        lines,
        period: (op.now, op.now),
    };
    let preview = format!("upcoming_{}", op.new_id("in"));
    let mut fields = build_fields(op, &preview, invoice);
    let balance = op.number(&customer, "/balance");
    let (due, ending) = amount_due(fields["total"].as_i64().unwrap_or_default(), balance);
    let more = json!({"id": preview, "created": op.now, "livemode": false, "amount_due": due,
        "amount_remaining": due, "ending_balance": ending, "starting_balance": balance});
    crate::description::merge_fields(&mut fields, more);
    Ok(op.description.build_object("invoice", fields))
}
