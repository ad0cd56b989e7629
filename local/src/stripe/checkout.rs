//! Checkout sessions, until they are paid.

use serde_json::{Value, json};

use super::checkout_checks::{email, fits_mode, urls};
use super::checkout_items::items;
use super::parameters::{is_true, metadata, number, text};
use super::refusal::Refusal;
use super::schema::missing;
use super::store::{Due, Order};
use super::work::{Result, Work};

/// What creating one takes.
pub(super) const CREATE: &[&str] = &[
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

/// Seconds until it expires, where nothing else was said, and at least.
const LIFE: i64 = 86_400;
const SHORTEST_LIFE: i64 = 1_800;

/// `POST /v1/checkout/sessions`
pub(super) fn create(work: &mut Work<'_>, _: &str, sent: &Value) -> Result<Value> {
    let mode = text(sent, "/mode").ok_or_else(|| missing("mode"))?;
    urls(sent)?;
    fits_mode(sent, mode)?;
    let email = email(work, sent)?;
    let expires_at = number(sent, "/expires_at").unwrap_or(work.now + LIFE);
    if !(work.now + SHORTEST_LIFE..=work.now + LIFE).contains(&expires_at) {
        let message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout \
            Session creation.";
        return Err(Refusal::invalid(message).with_param("expires_at"));
    }
    let items = items(work, sent, mode)?;
    let total: i64 = items.iter().filter_map(|item| item["amount_total"].as_i64()).sum();
    let amount = (mode != "setup").then_some(total);
    let id = work.id("cs_test");
    let invoice = json!({"enabled": is_true(sent, "/invoice_creation/enabled"),
        "invoice_data": {"account_tax_ids": null, "custom_fields": null, "description": null,
            "footer": null, "issuer": null, "metadata": {}, "rendering_options": null}});
    let types = sent.get("payment_method_types").cloned().unwrap_or_else(|| json!(["card"]));
    let methods = json!({"card": {"request_three_d_secure": "automatic"}});
    let fields = json!({
        "adaptive_pricing": null, "after_expiration": null, "amount_subtotal": amount, "amount_total": amount,
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "cancel_url": text(sent, "/cancel_url"),
        "client_reference_id": text(sent, "/client_reference_id"),
        "collected_information": null, "consent": null, "consent_collection": null,
        "currency": (mode != "setup").then_some("usd").or(text(sent, "/currency")),
        "currency_conversion": null,
        "custom_text": {"after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null},
        "customer": text(sent, "/customer"),
        "customer_creation": customer_creation(sent, mode),
        "customer_details": email.as_str().map(details),
        "customer_email": text(sent, "/customer_email"),
        "expires_at": expires_at,
        "invoice_creation": (mode == "payment").then_some(invoice),
        "managed_payments": null,
        "metadata": metadata(sent, "/metadata"),
        "mode": mode, "payment_intent": null,
        "payment_method_collection": if mode == "subscription" { "always" } else { "if_required" },
        "payment_method_configuration_details": null, "payment_method_options": methods,
        "payment_method_types": types,
        "payment_status": if mode == "setup" { "no_payment_required" } else { "unpaid" },
        "permissions": null,
        "saved_payment_method_options": null, "shipping_address_collection": null,
        "shipping_cost": null, "status": "open", "success_url": text(sent, "/success_url"),
        "total_details": (mode != "setup").then(|| {
            json!({"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0})
        }),
        "ui_mode": "hosted", "url": format!("{}/checkout/{id}", work.pages), "wallet_options": null,
    });
    work.make("checkout.session", &id, fields);
    let of = |name: &str| metadata(sent, &format!("/{name}/metadata"));
    let own = match mode {
        "subscription" => of("subscription_data"),
        "payment" => of("payment_intent_data"),
        _ => of("setup_intent_data"),
    };
    work.store.orders.insert(id.clone(), Order { lines: items, metadata: own });
    work.at(expires_at, Due::Expire(id.clone()));
    Ok(work.get("checkout.session", &id, "id")?.clone())
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(super) fn expire(work: &mut Work<'_>, id: &str, _: &Value) -> Result<Value> {
    if work.get("checkout.session", id, "id")?["status"] != "open" {
        let message = "Only Checkout Sessions with a status in [\"open\"] can be expired. ";
        let status = work.text(id, "/status");
        return Err(Refusal::invalid(format!(
            "{message}This Checkout Session has a status of {status}."
        )));
    }
    close(work, id, json!({"status": "expired", "url": null}));
    work.tell("checkout.session.expired", id);
    Ok(work.get("checkout.session", id, "id")?.clone())
}

/// Nobody can pay it any more.
pub(super) fn close(work: &mut Work<'_>, id: &str, fields: Value) {
    work.store.timers.retain(|timer| timer.due != Due::Expire(id.to_owned()));
    work.change(id, fields);
}

/// `customer_details` of an address.
pub(super) fn details(email: &str) -> Value {
    json!({"address": null, "business_name": null, "email": email, "individual_name": null,
        "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null})
}

fn customer_creation(sent: &Value, mode: &str) -> Option<&'static str> {
    match (text(sent, "/customer"), mode) {
        (None, "subscription" | "setup") => Some("always"),
        (None, _) => Some("if_required"),
        (Some(_), _) => None,
    }
}
