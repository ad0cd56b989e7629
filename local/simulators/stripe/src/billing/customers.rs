//! Creates and updates customers.

use serde_json::{Value, json};

use crate::description::merge_fields;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::{merge_metadata, metadata, text};

/// The supported parameters for creating a customer.
pub(crate) const CREATE_PARAMETERS: &[&str] =
    &["email", "name", "description", "phone", "metadata"];

/// The supported parameters for updating a customer.
pub(crate) const UPDATE_PARAMETERS: &[&str] = &[
    "email",
    "name",
    "description",
    "phone",
    "metadata",
    "invoice_settings.default_payment_method",
];

/// `POST /v1/customers`
///
/// Creates a customer.
///
/// # Errors
/// Does not fail; the signature is that of every API call.
pub(crate) fn create(op: &mut Operation<'_>, _: &str, parameters: &Value) -> ApiResult<Value> {
    let id = op.new_id("cus");
    let prefix: String = op.random.identifier().to_uppercase().chars().take(8).collect();
    op.create_object(
        "customer",
        &id,
        json!({
            "address": null, "discount": null, "shipping": null, "currency": null,
            "customer_account": null, "invoice_prefix": prefix,
            "metadata": metadata(parameters, "/metadata"),
        }),
    );
    op.update_object(&id, text_fields(parameters));
    op.emit_event("customer.created", &id);
    Ok(op.get_object("customer", &id, "id")?.clone())
}

/// `POST /v1/customers/{id}`
///
/// Updates a customer.
///
/// # Errors
/// Fails with 404 if the customer does not exist. Fails with 400 if the payment method does not exist or
/// is not attached to the customer.
pub(crate) fn update(op: &mut Operation<'_>, id: &str, parameters: &Value) -> ApiResult<Value> {
    let mut fields = text_fields(parameters);
    let current = require_exists(op, id, "id")?;
    if let Some(changes) = parameters.get("metadata") {
        let metadata = merge_metadata(&current["metadata"], changes);
        merge_fields(&mut fields, json!({"metadata": metadata}));
    }
    let pointer = "/invoice_settings/default_payment_method";
    if let Some(method) = parameters.pointer(pointer).and_then(Value::as_str) {
        let param = "invoice_settings[default_payment_method]";
        if !method.is_empty() && op.get_object("payment_method", method, param)?["customer"] != id {
            let message = "The customer does not have a payment method with the ID ";
            let error = ApiError::invalid_request(format!(
                "{message}{method}. The payment method must be \
                attached to the customer."
            ));
            return Err(error.with_code("resource_missing").with_param(param));
        }
        let mut settings = op.field(id, "/invoice_settings").clone();
        let method = Some(method).filter(|method| !method.is_empty());
        merge_fields(&mut settings, json!({"default_payment_method": method}));
        merge_fields(&mut fields, json!({"invoice_settings": settings}));
    }
    op.update_and_emit("customer.updated", id, fields);
    Ok(op.get_object("customer", id, "id")?.clone())
}

/// Returns a customer. `param` is the name of the parameter that names the customer.
///
/// # Errors
/// Fails with `resource_missing` if the customer does not exist or was deleted.
pub(crate) fn require_exists<'o>(
    op: &'o Operation<'_>,
    id: &str,
    param: &str,
) -> ApiResult<&'o Value> {
    let customer = op.get_object("customer", id, param)?;
    if customer["deleted"] == true {
        return Err(ApiError::resource_missing("customer", id, param));
    }
    Ok(customer)
}

/// Sets the payment method that pays invoices of subscriptions without a payment method of their own.
pub(crate) fn set_default_payment_method(op: &mut Operation<'_>, id: &str, method: Option<&str>) {
    let mut settings = op.field(id, "/invoice_settings").clone();
    merge_fields(&mut settings, json!({"default_payment_method": method}));
    op.update_and_emit("customer.updated", id, json!({"invoice_settings": settings}));
}

/// Returns the text fields among the parameters.
fn text_fields(parameters: &Value) -> Value {
    let names = ["email", "name", "description", "phone"];
    let sent_names = names.into_iter().filter(|name| parameters.get(name).is_some());
    Value::Object(
        sent_names
            .map(|name| (name.to_owned(), json!(text(parameters, &format!("/{name}")))))
            .collect(),
    )
}
