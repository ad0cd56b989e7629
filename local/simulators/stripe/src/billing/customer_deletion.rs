//! Deletes customers, and cancels their subscriptions.

use serde_json::{Value, json};

use super::{customers, subscription_cancellation, subscriptions};
use crate::error::ApiResult;
use crate::operation::Operation;

/// `DELETE /v1/customers/{id}`
///
/// Deletes a customer and cancels their subscriptions immediately.
///
/// # Errors
/// Fails with 404 if the customer does not exist.
pub(crate) fn delete(op: &mut Operation<'_>, id: &str, _: &Value) -> ApiResult<Value> {
    customers::require_exists(op, id, "id")?;
    for subscription in subscriptions::list_active(op, id) {
        let details = json!({"reason": "cancellation_requested"});
        subscription_cancellation::cancel_now(op, &subscription, details);
    }
    op.emit_event("customer.deleted", id);
    let deleted = json!({"id": id, "object": "customer", "deleted": true});
    op.store.put(deleted.clone());
    Ok(deleted)
}
