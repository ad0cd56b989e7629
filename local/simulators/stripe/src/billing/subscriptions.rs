//! Looks up subscriptions and what belongs to them.

use serde_json::{Value, json};

use crate::description::merge_fields;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;

/// Builds the `plan` of a subscription item, which older API versions used instead of prices.
pub(crate) fn build_plan(op: &Operation<'_>, price: &str) -> Value {
    let mut plan = op.description.build_object("subscription_item", json!({}))["plan"].take();
    let field = |pointer: &str| op.field(price, pointer).clone();
    let fields = json!({"active": true, "amount": field("/unit_amount"),
        "amount_decimal": field("/unit_amount_decimal"), "billing_scheme": "per_unit",
        "created": field("/created"), "currency": "usd", "id": price, "interval": "month",
        "interval_count": 1, "livemode": false, "metadata": {}, "product": field("/product"),
        "transform_usage": null, "usage_type": "licensed"});
    merge_fields(&mut plan, fields);
    plan
}

/// Returns the id of the payment method that pays a subscription: its own, or the customer's default.
pub(crate) fn find_payment_method(op: &Operation<'_>, id: &str) -> Option<String> {
    let own = op.field(id, "/default_payment_method").as_str();
    let customer = op.text(id, "/customer");
    let default = op.field(&customer, "/invoice_settings/default_payment_method").as_str();
    own.or(default).map(str::to_owned)
}

/// Returns the id of an invoice's subscription.
pub(crate) fn find_by_invoice(op: &Operation<'_>, invoice: &str) -> Option<String> {
    let id = op.field(invoice, "/parent/subscription_details/subscription").as_str()?;
    Some(id.to_owned())
}

/// Checks that a subscription exists and is not canceled.
///
/// # Errors
/// Fails with 404 otherwise.
pub(crate) fn require_active(op: &Operation<'_>, id: &str) -> ApiResult<()> {
    let subscription = op.get_object("subscription", id, "id")?;
    if subscription["status"] == "canceled" {
        return Err(ApiError::resource_missing("subscription", id, "id"));
    }
    Ok(())
}

/// Returns the ids of a customer's subscriptions that are not canceled.
pub(crate) fn list_active(op: &Operation<'_>, customer: &str) -> Vec<String> {
    let is_active = |each: &&Value| each["customer"] == customer && each["status"] != "canceled";
    let active = op.store.list("subscription").filter(is_active);
    active.filter_map(|each| each["id"].as_str()).map(str::to_owned).collect()
}
