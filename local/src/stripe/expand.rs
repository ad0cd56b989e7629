//! `expand[]`: objects in place of their ids.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::work::{Result, Work};

/// Longest path.
const DEEPEST: usize = 4;

/// Expands what `expand` names in an answer.
pub(super) fn expand(work: &Work<'_>, answer: &mut Value, sent: &Value) -> Result<()> {
    for path in sent.get("expand").and_then(Value::as_array).into_iter().flatten() {
        let Some(path) = path.as_str() else {
            return Err(Refusal::invalid("Invalid string").with_param("expand"));
        };
        let parts: Vec<_> = path.split('.').collect();
        if parts.len() > DEEPEST {
            let message = format!("You cannot expand more than {DEEPEST} levels of a property");
            return Err(Refusal::invalid(message).with_param("expand"));
        }
        inside(work, answer, &parts).ok_or_else(|| {
            let message = format!("This property cannot be expanded ({path}).");
            Refusal::invalid(message).with_param("expand")
        })?;
    }
    Ok(())
}

/// `None` where there is nothing to expand.
fn inside(work: &Work<'_>, value: &mut Value, parts: &[&str]) -> Option<()> {
    let Some((first, rest)) = parts.split_first() else { return Some(()) };
    if let Some(list) = on_request(work, value, first) {
        value[*first] = list;
    }
    let field = value.as_object_mut()?.get_mut(*first)?;
    if let Value::Array(all) = field {
        return all.iter_mut().try_for_each(|each| inside(work, each, rest));
    }
    let object = field.as_str().and_then(|id| work.store.any(id)).cloned();
    match object {
        Some(object) => *field = object,
        // Nothing there to be expanded.
        None if field.is_null() => return Some(()),
        None if !field.is_object() => return None,
        None => {}
    }
    inside(work, field, rest)
}

/// Lists that are only part of an object on request.
fn on_request(work: &Work<'_>, object: &Value, name: &str) -> Option<Value> {
    let id = object["id"].as_str()?;
    let list = |kind, field: &str| -> Vec<Value> {
        work.store.all(kind).filter(|each| each[field] == id).cloned().collect()
    };
    let (data, url) = match (object["object"].as_str()?, name) {
        ("invoice", "payments") => {
            (list("invoice_payment", "invoice"), format!("/v1/invoice_payments?invoice={id}"))
        }
        ("charge", "refunds") => (list("refund", "charge"), format!("/v1/charges/{id}/refunds")),
        ("customer", "subscriptions") => {
            let mut all = list("subscription", "customer");
            all.retain(|each| each["status"] != "canceled");
            (all, format!("/v1/customers/{id}/subscriptions"))
        }
        ("checkout.session", "line_items") => {
            let lines = work.store.orders.get(id)?.lines.clone();
            (lines, format!("/v1/checkout/sessions/{id}/line_items"))
        }
        _ => return None,
    };
    Some(json!({"object": "list", "data": data, "has_more": false, "url": url}))
}
