//! Customers.

use serde_json::{Map, Value, json};

use super::parameters::{metadata, text};
use super::public::merge;
use super::refusal::Refusal;
use super::work::{Result, Work};
use super::{endings, subscriptions};

/// What creating one takes.
pub(super) const CREATE: &[&str] = &["email", "name", "description", "phone", "metadata"];

/// What changing one takes.
pub(super) const UPDATE: &[&str] = &[
    "email",
    "name",
    "description",
    "phone",
    "metadata",
    "invoice_settings.default_payment_method",
];

/// `POST /v1/customers`
pub(super) fn create(work: &mut Work<'_>, _: &str, sent: &Value) -> Result<Value> {
    let id = work.id("cus");
    let prefix: String = work.random.identifier().to_uppercase().chars().take(8).collect();
    work.make(
        "customer",
        &id,
        json!({
            "address": null, "discount": null, "shipping": null, "currency": null,
            "customer_account": null, "invoice_prefix": prefix,
            "metadata": metadata(sent, "/metadata"),
        }),
    );
    work.change(&id, texts(sent));
    work.tell("customer.created", &id);
    Ok(work.get("customer", &id, "id")?.clone())
}

/// `POST /v1/customers/{id}`
pub(super) fn update(work: &mut Work<'_>, id: &str, sent: &Value) -> Result<Value> {
    let mut fields = texts(sent);
    let current = living(work, id, "id")?;
    if let Some(metadata) = sent.get("metadata") {
        merge(&mut fields, json!({"metadata": merged(&current["metadata"], metadata)}));
    }
    let pointer = "/invoice_settings/default_payment_method";
    if let Some(method) = sent.pointer(pointer).and_then(Value::as_str) {
        let param = "invoice_settings[default_payment_method]";
        if !method.is_empty() && work.get("payment_method", method, param)?["customer"] != id {
            let message = "The customer does not have a payment method with the ID ";
            let refusal = Refusal::invalid(format!(
                "{message}{method}. The payment method must be \
                attached to the customer."
            ));
            return Err(refusal.with_code("resource_missing").with_param(param));
        }
        let mut settings = work.field(id, "/invoice_settings").clone();
        let method = Some(method).filter(|method| !method.is_empty());
        merge(&mut settings, json!({"default_payment_method": method}));
        merge(&mut fields, json!({"invoice_settings": settings}));
    }
    work.change_and_tell("customer.updated", id, fields);
    Ok(work.get("customer", id, "id")?.clone())
}

/// `DELETE /v1/customers/{id}`: its subscriptions end at once.
pub(super) fn delete(work: &mut Work<'_>, id: &str, _: &Value) -> Result<Value> {
    living(work, id, "id")?;
    for subscription in subscriptions::living_of(work, id) {
        endings::cancel_now(work, &subscription, json!({"reason": "cancellation_requested"}));
    }
    work.tell("customer.deleted", id);
    let gone = json!({"id": id, "object": "customer", "deleted": true});
    work.store.put(gone.clone());
    Ok(gone)
}

/// A customer that wasn't deleted.
pub(super) fn living<'w>(work: &'w Work<'_>, id: &str, param: &str) -> Result<&'w Value> {
    let customer = work.get("customer", id, param)?;
    if customer["deleted"] == true {
        return Err(Refusal::missing("customer", id, param));
    }
    Ok(customer)
}

/// What is charged from now on where a subscription says nothing else.
pub(super) fn set_default(work: &mut Work<'_>, id: &str, method: Option<&str>) {
    let mut settings = work.field(id, "/invoice_settings").clone();
    merge(&mut settings, json!({"default_payment_method": method}));
    work.change_and_tell("customer.updated", id, json!({"invoice_settings": settings}));
}

/// Metadata with changes; what is set to nothing goes.
pub(super) fn merged(current: &Value, changes: &Value) -> Value {
    let mut all: Map<String, Value> = current.as_object().cloned().unwrap_or_default();
    match changes.as_object() {
        Some(changes) => all.extend(changes.clone()),
        // `metadata=` takes all of it back.
        None => all.clear(),
    }
    Value::Object(all.into_iter().filter(|(_, value)| value != "").collect())
}

fn texts(sent: &Value) -> Value {
    let fields = ["email", "name", "description", "phone"]
        .into_iter()
        .filter(|name| sent.get(name).is_some());
    Value::Object(
        fields.map(|name| (name.to_owned(), json!(text(sent, &format!("/{name}"))))).collect(),
    )
}
