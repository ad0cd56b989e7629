//! Validates the parameters of a new checkout session beyond Stripe's schema.

use axum::http::Uri;
use serde_json::Value;

use crate::billing::customers;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::text;

/// Returns the email address of the customer or the one in the parameters, or null if there is neither.
///
/// # Errors
/// Fails with 400 if the customer does not exist, or if both parameters are set.
pub(crate) fn find_customer_email(op: &Operation<'_>, parameters: &Value) -> ApiResult<Value> {
    match (text(parameters, "/customer"), parameters.get("customer_email")) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: customer, customer_email.";
            Err(ApiError::invalid_request(message).with_param("customer"))
        }
        (Some(customer), None) => {
            Ok(customers::require_exists(op, customer, "customer")?["email"].clone())
        }
        (None, email) => Ok(email.cloned().unwrap_or_default()),
    }
}

/// Checks that the redirect URLs are HTTP URLs with a host.
///
/// # Errors
/// Fails with `url_invalid` otherwise.
pub(crate) fn check_urls(parameters: &Value) -> ApiResult<()> {
    for name in ["success_url", "cancel_url"] {
        let Some(url) = text(parameters, &format!("/{name}")) else { continue };
        // The placeholder of the session id contains braces, which are not valid in a URL.
        let parsed = url.replace(['{', '}'], "").parse::<Uri>().ok();
        let is_http =
            |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        if !parsed.as_ref().is_some_and(is_http) {
            return Err(ApiError::invalid_request("Not a valid URL")
                .with_code("url_invalid")
                .with_param(name));
        }
    }
    Ok(())
}

/// Checks that the parameters are allowed in this mode.
///
/// # Errors
/// Fails with 400 for a parameter of another mode, and for one that the mode requires.
pub(crate) fn check_mode(parameters: &Value, mode: &str) -> ApiResult<()> {
    let parameter_modes = [
        ("subscription_data", "subscription"),
        ("payment_intent_data", "payment"),
        ("invoice_creation", "payment"),
        ("setup_intent_data", "setup"),
    ];
    for (name, required_mode) in parameter_modes {
        if parameters.get(name).is_some() && mode != required_mode {
            let message = format!("You can not pass `{name}` in `{mode}` mode.");
            return Err(ApiError::invalid_request(message).with_param(name));
        }
    }
    let has_items = parameters
        .get("line_items")
        .and_then(Value::as_array)
        .is_some_and(|items| !items.is_empty());
    match mode {
        "setup" if has_items => {
            let message = "You can not pass `line_items` in `setup` mode.";
            Err(ApiError::invalid_request(message).with_param("line_items"))
        }
        "setup"
            if parameters.get("payment_method_types").is_none()
                && parameters.get("currency").is_none() =>
        {
            Err(ApiError::missing_parameter("currency"))
        }
        "setup" => Ok(()),
        _ if !has_items => Err(ApiError::missing_parameter("line_items")),
        _ => Ok(()),
    }
}
