//! Creating and expiring checkout sessions.

use serde_json::{Value, json};

use super::line_items::create_line_items;
use super::validation::{check_mode, check_urls, find_customer_email};
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::{is_true, metadata, number, text};
use crate::store::{CheckoutDetails, TimerAction};

/// The supported parameters for creating a session.
pub(crate) const CREATE_PARAMETERS: &[&str] = &[
    "mode",
    "customer",
    "customer_email",
    "client_reference_id",
    "success_url",
    "cancel_url",
    "currency",
    "expires_at",
    "invoice_creation.enabled",
    "line_items.price",
    "line_items.quantity",
    "line_items.price_data.currency",
    "line_items.price_data.unit_amount",
    "line_items.price_data.product_data.name",
    "metadata",
    "payment_intent_data.metadata",
    "payment_method_types",
    "setup_intent_data.metadata",
    "subscription_data.metadata",
];

/// The maximum and default lifetime of a session in seconds.
const MAX_SESSION_TTL: i64 = 86_400;

/// The minimum lifetime of a session in seconds.
const MIN_SESSION_TTL: i64 = 1_800;

/// `POST /v1/checkout/sessions`
///
/// Creates a session.
///
/// # Errors
/// Fails with 400 for invalid parameters.
pub(crate) fn create(op: &mut Operation<'_>, _: &str, parameters: &Value) -> ApiResult<Value> {
    let mode = text(parameters, "/mode").ok_or_else(|| ApiError::missing_parameter("mode"))?;
    check_urls(parameters)?;
    check_mode(parameters, mode)?;
    let email = find_customer_email(op, parameters)?;
    let expires_at = number(parameters, "/expires_at").unwrap_or(op.now + MAX_SESSION_TTL);
    if !(op.now + MIN_SESSION_TTL..=op.now + MAX_SESSION_TTL).contains(&expires_at) {
        let message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout \
            Session creation.";
        return Err(ApiError::invalid_request(message).with_param("expires_at"));
    }
    let line_items = create_line_items(op, parameters, mode)?;
    let total: i64 = line_items.iter().filter_map(|item| item["amount_total"].as_i64()).sum();
    let amount = (mode != "setup").then_some(total);
    let id = op.new_id("cs_test");
    let fields = json!({
        "adaptive_pricing": null, "after_expiration": null, "amount_subtotal": amount, "amount_total": amount,
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "cancel_url": text(parameters, "/cancel_url"),
        "client_reference_id": text(parameters, "/client_reference_id"),
        "collected_information": null, "consent": null, "consent_collection": null,
        "currency": (mode != "setup").then_some("usd").or(text(parameters, "/currency")),
        "currency_conversion": null,
        "custom_text": {"after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null},
        "customer": text(parameters, "/customer"),
        "customer_creation": customer_creation(parameters, mode),
        "customer_details": email.as_str().map(build_customer_details),
        "customer_email": text(parameters, "/customer_email"),
        "expires_at": expires_at,
        "invoice_creation": (mode == "payment").then(|| build_invoice_creation(parameters)),
        "managed_payments": null,
        "metadata": metadata(parameters, "/metadata"),
        "mode": mode, "payment_intent": null,
        "payment_method_collection": if mode == "subscription" { "always" } else { "if_required" },
        "payment_method_configuration_details": null,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types":
            parameters.get("payment_method_types").cloned().unwrap_or_else(|| json!(["card"])),
        "payment_status": if mode == "setup" { "no_payment_required" } else { "unpaid" },
        "permissions": null,
        "saved_payment_method_options": null, "shipping_address_collection": null,
        "shipping_cost": null, "status": "open", "success_url": text(parameters, "/success_url"),
        "total_details": (mode != "setup").then(|| {
            json!({"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0})
        }),
        "ui_mode": "hosted", "url": format!("{}/checkout/{id}", op.pages_url), "wallet_options": null,
    });
    op.create_object("checkout.session", &id, fields);
    let metadata = match mode {
        "subscription" => metadata(parameters, "/subscription_data/metadata"),
        "payment" => metadata(parameters, "/payment_intent_data/metadata"),
        _ => metadata(parameters, "/setup_intent_data/metadata"),
    };
    op.store.checkout_details.insert(id.clone(), CheckoutDetails { line_items, metadata });
    op.schedule(expires_at, TimerAction::ExpireSession(id.clone()));
    Ok(op.get_object("checkout.session", &id, "id")?.clone())
}

/// `POST /v1/checkout/sessions/{id}/expire`
///
/// Expires an open session.
///
/// # Errors
/// Fails with 404 if the session does not exist, and with 400 if it is not open.
pub(crate) fn expire(op: &mut Operation<'_>, id: &str, _: &Value) -> ApiResult<Value> {
    if op.get_object("checkout.session", id, "id")?["status"] != "open" {
        let message = "Only Checkout Sessions with a status in [\"open\"] can be expired. ";
        let status = op.text(id, "/status");
        return Err(ApiError::invalid_request(format!(
            "{message}This Checkout Session has a status of {status}."
        )));
    }
    close(op, id, json!({"status": "expired", "url": null}));
    op.emit_event("checkout.session.expired", id);
    Ok(op.get_object("checkout.session", id, "id")?.clone())
}

/// Closes a session: updates its fields and cancels its expiration.
pub(crate) fn close(op: &mut Operation<'_>, id: &str, fields: Value) {
    op.store.timers.retain(|timer| timer.action != TimerAction::ExpireSession(id.to_owned()));
    op.update_object(id, fields);
}

/// Builds the `customer_details` field for an email address.
pub(crate) fn build_customer_details(email: &str) -> Value {
    json!({"address": null, "business_name": null, "email": email, "individual_name": null,
        "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null})
}

fn build_invoice_creation(parameters: &Value) -> Value {
    json!({"enabled": is_true(parameters, "/invoice_creation/enabled"),
        "invoice_data": {"account_tax_ids": null, "custom_fields": null, "description": null,
            "footer": null, "issuer": null, "metadata": {}, "rendering_options": null}})
}

fn customer_creation(parameters: &Value, mode: &str) -> Option<&'static str> {
    match (text(parameters, "/customer"), mode) {
        (None, "subscription" | "setup") => Some("always"),
        (None, _) => Some("if_required"),
        (Some(_), _) => None,
    }
}
