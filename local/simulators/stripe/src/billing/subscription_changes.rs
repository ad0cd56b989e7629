//! Updating subscriptions: another price, cancellation at the end of the period, or another card.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::invoice_drafts::{self, NewInvoice};
use super::invoice_lines::{LineSource, NewInvoiceLine, build_line};
use super::payments::SessionUsage;
use super::prices::product_name;
use super::{invoices, pending_updates, subscriptions};
use crate::description::merge_fields;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::{merge_metadata, number, text};

/// The supported parameters for updating a subscription.
pub(crate) const UPDATE_PARAMETERS: &[&str] = &[
    "cancel_at_period_end",
    "cancellation_details",
    "collection_method",
    "days_until_due",
    "default_payment_method",
    "items.id",
    "items.price",
    "metadata",
    "payment_behavior",
    "proration_behavior",
];

/// `POST /v1/subscriptions/{id}`
///
/// Updates a subscription. A new price is prorated according to `proration_behavior`.
///
/// # Errors
/// Fails with 404 if it does not exist or is canceled, and with 400 for invalid parameters.
pub(crate) fn update(op: &mut Operation<'_>, id: &str, parameters: &Value) -> ApiResult<Value> {
    subscriptions::require_active(op, id)?;
    let waits_for_payment = text(parameters, "/payment_behavior") == Some("pending_if_incomplete");
    if waits_for_payment {
        pending_updates::check(op, id, parameters)?;
    }
    let price = find_new_price(op, id, parameters)?;
    let mut fields = build_fields(op, id, parameters)?;
    let proration_behavior = text(parameters, "/proration_behavior").unwrap_or("create_prorations");
    let prorations = match &price {
        None => Vec::new(),
        Some(price) => {
            let prorations = if proration_behavior == "none" {
                Vec::new()
            } else {
                build_prorations(op, id, price)
            };
            let items = build_items(op, id, price);
            if waits_for_payment {
                pending_updates::store(op, id, &items);
            } else {
                merge_fields(&mut fields, json!({"items": items}));
            }
            prorations
        }
    };
    let mut previous = op.update_object(id, fields);
    let mut due_invoice = None;
    if proration_behavior == "always_invoice" && !prorations.is_empty() {
        let customer = op.text(id, "/customer");
        let mut lines = op.store.pending_lines.remove(id).unwrap_or_default();
        lines.extend(prorations);
        let invoice = NewInvoice {
            customer: &customer,
            subscription: Some(id),
            billing_reason: "subscription_update",
            lines,
            period: (op.now, op.now),
        };
        let invoice = invoice_drafts::create_draft(op, invoice);
        merge_fields(&mut previous, op.update_object(id, json!({"latest_invoice": invoice})));
        due_invoice = Some(invoice);
    } else if !prorations.is_empty() {
        op.store.pending_lines.entry(id.to_owned()).or_default().extend(prorations);
    }
    if waits_for_payment {
        collect_pending(op, id, due_invoice, previous);
        return Ok(op.get_object("subscription", id, "id")?.clone());
    }
    if previous.as_object().is_some_and(|previous| !previous.is_empty()) {
        op.emit_event_with_previous("customer.subscription.updated", id, Some(previous));
    }
    if let Some(invoice) = due_invoice {
        invoices::finalize_with_balance(op, &invoice);
        let method = subscriptions::find_payment_method(op, id);
        invoices::collect(op, &invoice, method.as_deref(), SessionUsage::OffSession);
    }
    Ok(op.get_object("subscription", id, "id")?.clone())
}

/// Collects the invoice of a pending update, which applies it if the payment succeeds.
fn collect_pending(op: &mut Operation<'_>, id: &str, invoice: Option<String>, previous: Value) {
    let Some(invoice) = invoice else {
        if !op.field(id, "/pending_update").is_null() {
            pending_updates::apply(op, id);
        }
        return;
    };
    invoices::finalize_with_balance(op, &invoice);
    let method = subscriptions::find_payment_method(op, id);
    invoices::collect(op, &invoice, method.as_deref(), SessionUsage::OffSession);
    if !op.field(id, "/pending_update").is_null() {
        pending_updates::emit_pending_update(op, id, previous);
    }
}

/// Returns the items of a subscription with another price.
fn build_items(op: &Operation<'_>, id: &str, price: &str) -> Value {
    let mut items = op.field(id, "/items").clone();
    let fields =
        json!({"price": op.field(price, ""), "plan": subscriptions::build_plan(op, price)});
    merge_fields(&mut items["data"][0], fields);
    items
}

/// Returns the changed fields other than the price.
///
/// # Errors
/// Fails with 400 if the payment method does not exist or belongs to another customer.
fn build_fields(op: &Operation<'_>, id: &str, parameters: &Value) -> ApiResult<Value> {
    let mut fields = json!({});
    if let Some(changes) = parameters.get("metadata") {
        let metadata = merge_metadata(op.field(id, "/metadata"), changes);
        merge_fields(&mut fields, json!({"metadata": metadata}));
    }
    if let Some(method) = text(parameters, "/default_payment_method") {
        let param = "default_payment_method";
        let found = op.get_object("payment_method", method, param)?;
        if found["customer"] != *op.field(id, "/customer") {
            return Err(ApiError::resource_missing("payment_method", method, param));
        }
        merge_fields(&mut fields, json!({"default_payment_method": method}));
    }
    if let Some(collection_method) = text(parameters, "/collection_method") {
        let days_until_due = number(parameters, "/days_until_due");
        if collection_method == "send_invoice" && days_until_due.is_none() {
            let message =
                "You must pass `days_until_due` if `collection_method` is `send_invoice`.";
            return Err(ApiError::invalid_request(message).with_param("days_until_due"));
        }
        let collection =
            json!({"collection_method": collection_method, "days_until_due": days_until_due});
        merge_fields(&mut fields, collection);
    }
    let cancellation = text(parameters, "/cancel_at_period_end");
    if let Some(schedule) = op.field(id, "/schedule").as_str().filter(|_| cancellation.is_some()) {
        let message = format!(
            "The subscription is managed by the subscription schedule `{schedule}`, and updating any cancelation \
             behavior directly is not allowed. Please update the schedule instead."
        );
        return Err(ApiError::invalid_request(message).with_param("cancel_at_period_end"));
    }
    match cancellation {
        Some("true") => {
            let mut details = op.field(id, "/cancellation_details").clone();
            merge_fields(&mut details, json!({"reason": "cancellation_requested"}));
            let sent_details = parameters.get("cancellation_details").cloned().unwrap_or_default();
            merge_fields(&mut details, sent_details);
            let period_end = op.field(id, "/items/data/0/current_period_end");
            let cancellation = json!({"cancel_at_period_end": true, "cancel_at": period_end,
                "canceled_at": op.now, "cancellation_details": details});
            merge_fields(&mut fields, cancellation);
        }
        Some(_) => {
            let details = json!({"comment": null, "feedback": null, "reason": null});
            let cancellation = json!({"cancel_at_period_end": false, "cancel_at": null,
                "canceled_at": null, "cancellation_details": details});
            merge_fields(&mut fields, cancellation);
        }
        None => {}
    }
    Ok(fields)
}

/// Returns the id of the requested price, or `None` if the price stays the same.
///
/// # Errors
/// Fails with 400 if the item or the price does not exist, or the price is not recurring.
pub(crate) fn find_new_price(
    op: &Operation<'_>,
    id: &str,
    parameters: &Value,
) -> ApiResult<Option<String>> {
    let Some(items) = parameters.get("items").and_then(Value::as_array) else { return Ok(None) };
    let Some(item) = text(parameters, "/items/0/id").filter(|_| items.len() == 1) else {
        return Err(ApiError::unsupported("subscriptions of several items"));
    };
    if op.field(id, "/items/data/0/id") != item {
        return Err(ApiError::resource_missing("subscription_item", item, "items[0][id]"));
    }
    let Some(price) = text(parameters, "/items/0/price") else { return Ok(None) };
    let found = op.get_object("price", price, "items[0][price]")?;
    if found["type"] != "recurring" {
        let message = "The price specified is set to `type=one_time` but this field only accepts prices \
            with `type=recurring`.";
        return Err(ApiError::invalid_request(message).with_param("items[0][price]"));
    }
    let is_new = op.field(id, "/items/data/0/price/id") != price;
    Ok(is_new.then(|| price.to_owned()))
}

/// Builds two lines for the rest of the period: a credit for the old price and a charge for the new one.
pub(crate) fn build_prorations(op: &Operation<'_>, id: &str, new_price: &str) -> Vec<Value> {
    let field = |name: &str| op.field(id, &format!("/items/data/0/{name}"));
    let number = |name: &str| field(name).as_i64().unwrap_or_default();
    let (start, end) = (number("current_period_start"), number("current_period_end"));
    let (left, total) = ((end - op.now).max(0), (end - start).max(1));
    let old_price = field("price/id").as_str().unwrap_or_default();
    let item = field("id").as_str().unwrap_or_default();
    let day = Timestamp::from_second(op.now).map(|now| now.strftime("%d %b %Y").to_string());
    let day = day.unwrap_or_default();
    let build = |price, sign: i64, label| {
        let full_amount = op.number(price, "/unit_amount") * number("quantity");
        let line = NewInvoiceLine {
            price,
            quantity: number("quantity"),
            // Half of the divisor is added to round to the nearest cent.
            amount: sign * ((full_amount * left + total / 2) / total),
            description: format!("{label} time on {} after {day}", product_name(op, price)),
            period: (op.now, end),
            source: LineSource::Subscription { subscription: id, item, is_proration: true },
        };
        build_line(op, line)
    };
    vec![build(old_price, -1, "Unused"), build(new_price, 1, "Remaining")]
}
