//! Payment methods: cards and bank accounts.

use serde_json::{Value, json};

use super::customers;
use super::test_cards::US_BANK_ACCOUNT;
use crate::description::merge_fields;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;

/// Builds the `card` field of a payment method.
fn build_card(op: &Operation<'_>, number: &str) -> Value {
    let brand = if number.starts_with('5') { "mastercard" } else { "visa" };
    let mut card = op.description.build_object("payment_method", json!({}))["card"].take();
    merge_fields(
        &mut card,
        json!({
            "brand": brand,
            "display_brand": brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": format!("local{number}"),
            "generated_from": null,
            "last4": number.get(number.len().saturating_sub(4)..),
            "networks": {"available": [brand], "preferred": null},
            "wallet": null,
        }),
    );
    card
}

/// Creates a payment method that is not attached to a customer. Returns its id.
pub(crate) fn create(op: &mut Operation<'_>, number: &str, email: &Value) -> String {
    let id = op.new_id("pm");
    let address = json!({"city": null, "country": "US", "line1": null, "line2": null,
        "postal_code": null, "state": null});
    let billing_details =
        json!({"address": address, "email": email, "name": null, "phone": null, "tax_id": null});
    let fields = json!({"billing_details": billing_details, "customer": null, "metadata": {}});
    op.create_object("payment_method", &id, fields);
    let type_fields = if number == US_BANK_ACCOUNT {
        json!({"type": US_BANK_ACCOUNT, "card": null, US_BANK_ACCOUNT: {
            "account_holder_type": "individual", "account_type": "checking",
            "bank_name": "STRIPE TEST BANK", "financial_connections_account": null,
            "fingerprint": "localbank", "last4": "6789", "networks": null,
            "routing_number": "110000000", "status_details": null}})
    } else {
        json!({"type": "card", "card": build_card(op, number)})
    };
    op.update_object(&id, type_fields);
    op.store.card_numbers.insert(id.clone(), number.to_owned());
    id
}

/// Attaches a payment method to a customer.
pub(crate) fn attach(op: &mut Operation<'_>, id: &str, customer: &str) {
    op.update_object(id, json!({"customer": customer}));
    op.emit_event("payment_method.attached", id);
}

/// `POST /v1/payment_methods/{id}/detach`
///
/// Detaches a payment method permanently. The customer and their subscriptions no longer use it.
///
/// # Errors
/// Fails with 404 if it does not exist, and with 400 if it is not attached.
pub(crate) fn detach(op: &mut Operation<'_>, id: &str) -> ApiResult<Value> {
    let customer = op.get_object("payment_method", id, "id")?["customer"].clone();
    let Some(customer) = customer.as_str() else {
        let message = "The payment method you provided is not attached to a customer so detachment is \
            impossible.";
        return Err(ApiError::invalid_request(message));
    };
    op.update_object(id, json!({"customer": null}));
    let previous = json!({"customer": customer});
    op.emit_event_with_previous("payment_method.detached", id, Some(previous));
    if op.field(customer, "/invoice_settings/default_payment_method") == id {
        customers::set_default_payment_method(op, customer, None);
    }
    let subscriptions: Vec<_> = op.store.list("subscription").cloned().collect();
    for subscription in subscriptions.iter().filter(|each| each["default_payment_method"] == id) {
        let subscription = subscription["id"].as_str().unwrap_or_default();
        let fields = json!({"default_payment_method": null});
        op.update_and_emit("customer.subscription.updated", subscription, fields);
    }
    Ok(op.get_object("payment_method", id, "id")?.clone())
}
