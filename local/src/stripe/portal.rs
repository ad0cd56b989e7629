//! Sessions of the customer portal.

use axum::http::Uri;
use serde_json::{Value, json};

use super::customers;
use super::parameters::text;
use super::refusal::Refusal;
use super::work::{Result, Work};

/// What creating one takes.
pub(super) const CREATE: &[&str] = &["customer", "return_url"];

/// `POST /v1/billing_portal/sessions`
pub(super) fn create(work: &mut Work<'_>, _: &str, sent: &Value) -> Result<Value> {
    let customer = text(sent, "/customer").unwrap_or_default();
    customers::living(work, customer, "customer")?;
    let return_url = text(sent, "/return_url");
    if return_url.is_some_and(|url| url.parse::<Uri>().ok().is_none_or(|uri| uri.host().is_none()))
    {
        return Err(Refusal::invalid("Not a valid URL")
            .with_code("url_invalid")
            .with_param("return_url"));
    }
    let id = work.id("bps");
    let fields = json!({"configuration": "bpc_local", "customer": customer, "flow": null,
        "return_url": return_url, "url": format!("{}/portal/{id}", work.pages)});
    work.make("billing_portal.session", &id, fields);
    Ok(work.get("billing_portal.session", &id, "id")?.clone())
}
