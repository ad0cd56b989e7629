//! Sessions of the customer portal.

use axum::http::Uri;
use serde_json::{Value, json};

use super::customers;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::text;

/// The supported parameters for creating a portal session.
pub(crate) const CREATE_PARAMETERS: &[&str] = &["customer", "return_url"];

/// `POST /v1/billing_portal/sessions`
///
/// Creates a portal session.
///
/// # Errors
/// Fails with 400 if the customer does not exist or `return_url` is not a URL with a host.
pub(crate) fn create(op: &mut Operation<'_>, _: &str, parameters: &Value) -> ApiResult<Value> {
    let customer = text(parameters, "/customer").unwrap_or_default();
    customers::require_exists(op, customer, "customer")?;
    let return_url = text(parameters, "/return_url");
    if return_url.is_some_and(|url| url.parse::<Uri>().ok().is_none_or(|uri| uri.host().is_none()))
    {
        return Err(ApiError::invalid_request("Not a valid URL")
            .with_code("url_invalid")
            .with_param("return_url"));
    }
    let id = op.new_id("bps");
    let fields = json!({"configuration": "bpc_local", "customer": customer, "flow": null,
        "return_url": return_url, "url": format!("{}/portal/{id}", op.pages_url)});
    op.create_object("billing_portal.session", &id, fields);
    Ok(op.get_object("billing_portal.session", &id, "id")?.clone())
}
