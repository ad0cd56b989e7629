//! Lists of objects: newest first, with filters and pagination.

use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::{number, text};

/// The page sizes that a caller may request.
const PAGE_SIZES: std::ops::RangeInclusive<i64> = 1..=100;

/// The page size of a request without `limit`.
const DEFAULT_PAGE_SIZE: i64 = 10;

/// The time in seconds for which Stripe lists events.
const EVENT_TTL: i64 = 30 * 86_400;

/// The parameters that every list supports.
pub(crate) const PAGINATION_PARAMETERS: [&str; 2] = ["limit", "starting_after"];

/// The fields that a parameter of the same name filters by.
const FILTER_FIELDS: [&str; 7] =
    ["customer", "email", "charge", "payment_intent", "type", "product", "status"];

/// Lists one page of the objects of a type that match the parameters and `matches`.
///
/// # Errors
/// Fails with 400 if `limit` is out of range or `starting_after` names no object of this type.
pub(crate) fn list_page(
    op: &Operation<'_>,
    object_type: &str,
    url: &str,
    parameters: &Value,
    matches: impl Fn(&Value) -> bool,
) -> ApiResult<Value> {
    let limit = number(parameters, "/limit").unwrap_or(DEFAULT_PAGE_SIZE);
    if !PAGE_SIZES.contains(&limit) {
        let message =
            "This value must be greater than or equal to 1, and less than or equal to 100.";
        return Err(ApiError::invalid_request(message)
            .with_code("parameter_invalid_integer")
            .with_param("limit"));
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let mut objects = op.store.list(object_type);
    if let Some(after) = text(parameters, "/starting_after") {
        // The cursor's object need not match the filters: it may have changed since the last page.
        if objects.find(|object| object["id"] == after).is_none() {
            return Err(ApiError::resource_missing(object_type, after, "starting_after"));
        }
    }
    let is_listed = |object: &&Value| {
        FILTER_FIELDS.iter().all(|name| {
            let wanted = text(parameters, &format!("/{name}"));
            wanted.is_none_or(|wanted| {
                object[*name] == wanted || wanted == "all" && *name == "status"
            })
        }) && has_created(object, parameters)
            && matches(object)
    };
    let mut found: Vec<_> = objects.filter(is_listed).take(limit + 1).cloned().collect();
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok(json!({"object": "list", "data": found, "has_more": has_more, "url": url}))
}

/// Returns whether an object matches the `created` parameter: a time, or an object with bounds.
fn has_created(object: &Value, parameters: &Value) -> bool {
    let created = object["created"].as_i64().unwrap_or_default();
    let bound = |name: &str| number(parameters, &format!("/created/{name}"));
    number(parameters, "/created").is_none_or(|exact| created == exact)
        && bound("gt").is_none_or(|bound| created > bound)
        && bound("gte").is_none_or(|bound| created >= bound)
        && bound("lt").is_none_or(|bound| created < bound)
        && bound("lte").is_none_or(|bound| created <= bound)
}

/// Lists subscriptions. Canceled ones are listed only if `status` is set.
///
/// # Errors
/// See [`list_page`].
pub(crate) fn list_subscriptions(op: &Operation<'_>, parameters: &Value) -> ApiResult<Value> {
    let price = text(parameters, "/price");
    list_page(op, "subscription", "/v1/subscriptions", parameters, |subscription| {
        (text(parameters, "/status").is_some() || subscription["status"] != "canceled")
            && price.is_none_or(|price| subscription["items"]["data"][0]["price"]["id"] == price)
    })
}

/// Lists invoices, all or those of one subscription.
///
/// # Errors
/// See [`list_page`].
pub(crate) fn list_invoices(op: &Operation<'_>, parameters: &Value) -> ApiResult<Value> {
    let subscription = text(parameters, "/subscription");
    let pointer = "/parent/subscription_details/subscription";
    list_page(op, "invoice", "/v1/invoices", parameters, |invoice| {
        let own = invoice.pointer(pointer).and_then(Value::as_str);
        subscription.is_none_or(|subscription| own == Some(subscription))
    })
}

/// Lists invoice payments, which link invoices to payment intents.
///
/// # Errors
/// See [`list_page`].
pub(crate) fn list_invoice_payments(op: &Operation<'_>, parameters: &Value) -> ApiResult<Value> {
    list_page(op, "invoice_payment", "/v1/invoice_payments", parameters, |payment| {
        text(parameters, "/invoice").is_none_or(|invoice| payment["invoice"] == invoice)
            && ["type", "payment_intent", "payment_record"].iter().all(|name| {
                let wanted = text(parameters, &format!("/payment/{name}"));
                wanted.is_none_or(|wanted| payment["payment"][*name] == wanted)
            })
    })
}

/// Lists the events of the last 30 days.
///
/// # Errors
/// Fails with 400 if both `type` and `types` are set. See also [`list_page`].
pub(crate) fn list_events(op: &Operation<'_>, parameters: &Value) -> ApiResult<Value> {
    let types = parameters.get("types").and_then(Value::as_array);
    if types.is_some() && parameters.get("type").is_some() {
        let message = "You may only specify one of these parameters: type, types.";
        return Err(ApiError::invalid_request(message));
    }
    let delivered = text(parameters, "/delivery_success").map(|wanted| wanted == "true");
    list_page(op, "event", "/v1/events", parameters, |event| {
        types.is_none_or(|types| types.contains(&event["type"]))
            && delivered.is_none_or(|wanted| wanted == (event["pending_webhooks"] == 0))
            && event["created"].as_i64().is_some_and(|created| created > op.now - EVENT_TTL)
    })
}
