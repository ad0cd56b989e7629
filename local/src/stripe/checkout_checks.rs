//! What a new checkout session's parameters must be, beyond their form.

use axum::http::Uri;
use serde_json::Value;

use super::customers;
use super::parameters::text;
use super::refusal::Refusal;
use super::schema::missing;
use super::work::{Result, Work};

/// The address of whoever is to pay; null where nobody said.
pub(super) fn email(work: &Work<'_>, sent: &Value) -> Result<Value> {
    match (text(sent, "/customer"), sent.get("customer_email")) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: customer, customer_email.";
            Err(Refusal::invalid(message).with_param("customer"))
        }
        (Some(customer), None) => {
            Ok(customers::living(work, customer, "customer")?["email"].clone())
        }
        (None, email) => Ok(email.cloned().unwrap_or_default()),
    }
}

/// Where people are sent back to must be on the web.
pub(super) fn urls(sent: &Value) -> Result<()> {
    for name in ["success_url", "cancel_url"] {
        let Some(url) = text(sent, &format!("/{name}")) else { continue };
        // Where the session's id comes in there are braces.
        let parsed = url.replace(['{', '}'], "").parse::<Uri>().ok();
        let is_web =
            |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        if !parsed.as_ref().is_some_and(is_web) {
            return Err(Refusal::invalid("Not a valid URL")
                .with_code("url_invalid")
                .with_param(name));
        }
    }
    Ok(())
}

/// Some parameters go with one mode alone.
pub(super) fn fits_mode(sent: &Value, mode: &str) -> Result<()> {
    let only = [
        ("subscription_data", "subscription"),
        ("payment_intent_data", "payment"),
        ("invoice_creation", "payment"),
        ("setup_intent_data", "setup"),
    ];
    for (name, its_mode) in only {
        if sent.get(name).is_some() && mode != its_mode {
            let message = format!("You can not pass `{name}` in `{mode}` mode.");
            return Err(Refusal::invalid(message).with_param(name));
        }
    }
    let has_items =
        sent.get("line_items").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    match mode {
        "setup" if has_items => {
            let message = "You can not pass `line_items` in `setup` mode.";
            Err(Refusal::invalid(message).with_param("line_items"))
        }
        "setup" if sent.get("payment_method_types").is_none() && sent.get("currency").is_none() => {
            Err(missing("currency"))
        }
        "setup" => Ok(()),
        _ if !has_items => Err(missing("line_items")),
        _ => Ok(()),
    }
}
