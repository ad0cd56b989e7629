//! Cancels subscriptions.

use serde_json::{Value, json};

use super::subscription_schedules;
use super::subscriptions::require_active;
use crate::description::merge_fields;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::store::TimerAction;

/// The supported parameters for canceling a subscription.
pub(crate) const CANCEL_PARAMETERS: &[&str] = &["cancellation_details"];

/// `DELETE /v1/subscriptions/{id}`
///
/// Cancels a subscription immediately.
///
/// # Errors
/// Fails with 404 if it does not exist or is canceled.
pub(crate) fn cancel(op: &mut Operation<'_>, id: &str, parameters: &Value) -> ApiResult<Value> {
    require_active(op, id)?;
    let mut details = json!({"reason": "cancellation_requested"});
    merge_fields(&mut details, parameters.get("cancellation_details").cloned().unwrap_or_default());
    cancel_now(op, id, details);
    Ok(op.get_object("subscription", id, "id")?.clone())
}

/// Cancels a subscription before the end of its period.
pub(crate) fn cancel_now(op: &mut Operation<'_>, id: &str, cancellation_details: Value) {
    op.update_object(id, json!({"canceled_at": op.now}));
    end(op, id, cancellation_details);
}

/// Ends a subscription: it neither renews nor collects open invoices any more.
pub(crate) fn end(op: &mut Operation<'_>, id: &str, cancellation_details: Value) {
    let mut details = op.field(id, "/cancellation_details").clone();
    merge_fields(&mut details, cancellation_details);
    let fields = json!({"cancellation_details": details, "ended_at": op.now, "status": "canceled"});
    op.update_object(id, fields);
    op.update_object(id, json!({"pending_update": null}));
    let expiry = TimerAction::ExpirePendingUpdate(id.to_owned());
    op.store.timers.retain(|timer| timer.action != expiry);
    subscription_schedules::cancel_with_subscription(op, id);
    op.store.pending_lines.remove(id);
    op.store.timers.retain(|timer| timer.action != TimerAction::RenewSubscription(id.to_owned()));
    stop_collection(op, id);
    op.emit_event("customer.subscription.deleted", id);
}

/// Stops the automatic collection of a subscription's open and draft invoices.
fn stop_collection(op: &mut Operation<'_>, id: &str) {
    let is_open = |invoice: &&Value| {
        (invoice["status"] == "open" || invoice["status"] == "draft")
            && invoice["parent"]["subscription_details"]["subscription"] == id
    };
    let open: Vec<_> =
        op.store.list("invoice").filter(is_open).map(|each| each["id"].clone()).collect();
    for invoice in open.iter().filter_map(Value::as_str) {
        let actions = [
            TimerAction::RetryInvoice(invoice.to_owned()),
            TimerAction::FinalizeInvoice(invoice.to_owned()),
        ];
        op.store.timers.retain(|timer| !actions.contains(&timer.action));
        let fields = json!({"auto_advance": false, "automatically_finalizes_at": null,
            "next_payment_attempt": null});
        op.update_and_emit("invoice.updated", invoice, fields);
    }
}
