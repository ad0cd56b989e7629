//! Lists: newest first, in pages.

use serde_json::{Value, json};

use super::parameters::{number, text};
use super::refusal::Refusal;
use super::work::{Result, Work};

const LIMITS: std::ops::RangeInclusive<i64> = 1..=100;
const USUAL: i64 = 10;

/// What every list takes.
pub(super) const PAGES: [&str; 2] = ["limit", "starting_after"];

/// The fields that lists are narrowed by, where the call takes them.
const FIELDS: [&str; 7] =
    ["customer", "email", "charge", "payment_intent", "type", "product", "status"];

/// A page of the objects of a kind that pass what was sent and `more`.
pub(super) fn page(
    work: &Work<'_>,
    kind: &str,
    url: &str,
    sent: &Value,
    more: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let limit = number(sent, "/limit").unwrap_or(USUAL);
    if !LIMITS.contains(&limit) {
        let message =
            "This value must be greater than or equal to 1, and less than or equal to 100.";
        return Err(Refusal::invalid(message)
            .with_code("parameter_invalid_integer")
            .with_param("limit"));
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let mut all = work.store.all(kind);
    if let Some(after) = text(sent, "/starting_after") {
        // A cursor stays good when what it names no longer passes.
        if all.find(|object| object["id"] == after).is_none() {
            return Err(Refusal::missing(kind, after, "starting_after"));
        }
    }
    let passes = |object: &&Value| {
        FIELDS.iter().all(|name| {
            let wanted = text(sent, &format!("/{name}"));
            wanted.is_none_or(|wanted| {
                object[*name] == wanted || wanted == "all" && *name == "status"
            })
        }) && is_created(object, sent)
            && more(object)
    };
    let mut found: Vec<_> = all.filter(passes).take(limit + 1).cloned().collect();
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok(json!({"object": "list", "data": found, "has_more": has_more, "url": url}))
}

/// Whether an object was made when `created` says: a moment, or an object of bounds.
fn is_created(object: &Value, sent: &Value) -> bool {
    let at = object["created"].as_i64().unwrap_or_default();
    let bound = |name: &str| number(sent, &format!("/created/{name}"));
    number(sent, "/created").is_none_or(|moment| at == moment)
        && bound("gt").is_none_or(|bound| at > bound)
        && bound("gte").is_none_or(|bound| at >= bound)
        && bound("lt").is_none_or(|bound| at < bound)
        && bound("lte").is_none_or(|bound| at <= bound)
}

/// Subscriptions: those that ended only where asked for.
pub(super) fn subscriptions(work: &Work<'_>, sent: &Value) -> Result<Value> {
    let price = text(sent, "/price");
    page(work, "subscription", "/v1/subscriptions", sent, |each| {
        (text(sent, "/status").is_some() || each["status"] != "canceled")
            && price.is_none_or(|price| each["items"]["data"][0]["price"]["id"] == price)
    })
}

/// Invoices.
pub(super) fn invoices(work: &Work<'_>, sent: &Value) -> Result<Value> {
    let subscription = text(sent, "/subscription");
    let pointer = "/parent/subscription_details/subscription";
    page(work, "invoice", "/v1/invoices", sent, |each| {
        let own = each.pointer(pointer).and_then(Value::as_str);
        subscription.is_none_or(|subscription| own == Some(subscription))
    })
}

/// Which payment paid which invoice.
pub(super) fn invoice_payments(work: &Work<'_>, sent: &Value) -> Result<Value> {
    page(work, "invoice_payment", "/v1/invoice_payments", sent, |each| {
        text(sent, "/invoice").is_none_or(|invoice| each["invoice"] == invoice)
            && ["type", "payment_intent", "payment_record"].iter().all(|name| {
                let wanted = text(sent, &format!("/payment/{name}"));
                wanted.is_none_or(|wanted| each["payment"][*name] == wanted)
            })
    })
}

/// How long events are listed, in seconds.
const EVENTS_KEPT: i64 = 30 * 86_400;

/// Events of the last 30 days.
pub(super) fn events(work: &Work<'_>, sent: &Value) -> Result<Value> {
    let types = sent.get("types").and_then(Value::as_array);
    if types.is_some() && sent.get("type").is_some() {
        return Err(Refusal::invalid("You may only specify one of these parameters: type, types."));
    }
    let delivered = text(sent, "/delivery_success").map(|wanted| wanted == "true");
    page(work, "event", "/v1/events", sent, |event| {
        types.is_none_or(|types| types.contains(&event["type"]))
            && delivered.is_none_or(|wanted| wanted == (event["pending_webhooks"] == 0))
            && event["created"].as_i64().is_some_and(|at| at > work.now - EVENTS_KEPT)
    })
}
