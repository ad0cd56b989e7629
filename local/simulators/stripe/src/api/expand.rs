//! The `expand[]` parameter: replaces ids in a response with the objects.

use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;

/// The maximum number of levels in a path.
const MAX_DEPTH: usize = 4;

/// Replaces the ids that `expand` names.
///
/// # Errors
/// Fails with 400 if a path is too deep or names a property that cannot be expanded.
pub(crate) fn expand(
    op: &Operation<'_>,
    response: &mut Value,
    parameters: &Value,
) -> ApiResult<()> {
    for path in parameters.get("expand").and_then(Value::as_array).into_iter().flatten() {
        let Some(path) = path.as_str() else {
            return Err(ApiError::invalid_request("Invalid string").with_param("expand"));
        };
        let parts: Vec<_> = path.split('.').collect();
        if parts.len() > MAX_DEPTH {
            let message = format!("You cannot expand more than {MAX_DEPTH} levels of a property");
            return Err(ApiError::invalid_request(message).with_param("expand"));
        }
        expand_path(op, response, &parts).ok_or_else(|| {
            let message = format!("This property cannot be expanded ({path}).");
            ApiError::invalid_request(message).with_param("expand")
        })?;
    }
    Ok(())
}

/// Expands one path. Returns `None` if it names nothing that can be expanded.
fn expand_path(op: &Operation<'_>, value: &mut Value, parts: &[&str]) -> Option<()> {
    let Some((first, rest)) = parts.split_first() else { return Some(()) };
    if let Some(list) = build_included_list(op, value, first) {
        value[*first] = list;
    }
    let field = value.as_object_mut()?.get_mut(*first)?;
    if let Value::Array(items) = field {
        return items.iter_mut().try_for_each(|item| expand_path(op, item, rest));
    }
    let object = field.as_str().and_then(|id| op.store.get_any(id)).cloned();
    match object {
        Some(object) => *field = object,
        // A property that can be expanded but has no value stays null.
        None if field.is_null() => return Some(()),
        None if !field.is_object() => return None,
        None => {}
    }
    expand_path(op, field, rest)
}

/// Builds a list that is part of an object only if it is expanded.
fn build_included_list(op: &Operation<'_>, object: &Value, name: &str) -> Option<Value> {
    let id = object["id"].as_str()?;
    let list = |object_type, field: &str| -> Vec<Value> {
        op.store.list(object_type).filter(|each| each[field] == id).cloned().collect()
    };
    let (data, url) = match (object["object"].as_str()?, name) {
        ("invoice", "payments") => {
            (list("invoice_payment", "invoice"), format!("/v1/invoice_payments?invoice={id}"))
        }
        ("charge", "refunds") => (list("refund", "charge"), format!("/v1/charges/{id}/refunds")),
        ("customer", "subscriptions") => {
            let mut subscriptions = list("subscription", "customer");
            subscriptions.retain(|each| each["status"] != "canceled");
            (subscriptions, format!("/v1/customers/{id}/subscriptions"))
        }
        ("checkout.session", "line_items") => {
            let line_items = op.store.checkout_details.get(id)?.line_items.clone();
            (line_items, format!("/v1/checkout/sessions/{id}/line_items"))
        }
        _ => return None,
    };
    Some(json!({"object": "list", "data": data, "has_more": false, "url": url}))
}
