//! Updates the status of a subscription after its invoice was paid or not.

use serde_json::json;

use super::pending_updates;
use super::subscription_cancellation::cancel_now;
use super::subscriptions::find_by_invoice;
use crate::operation::Operation;

/// Activates the subscription of an invoice that was paid.
pub(crate) fn update_after_payment(op: &mut Operation<'_>, invoice: &str) {
    let Some(id) = find_by_invoice(op, invoice) else { return };
    if pending_updates::find_waiting(op, invoice).is_some() {
        pending_updates::apply(op, &id);
    }
    if ["incomplete", "past_due", "unpaid"].contains(&op.text(&id, "/status").as_str()) {
        op.update_and_emit("customer.subscription.updated", &id, json!({"status": "active"}));
    }
}

/// Marks the subscription of an invoice as past due, or cancels it if there is no further attempt.
pub(crate) fn update_after_failed_payment(
    op: &mut Operation<'_>,
    invoice: &str,
    was_last_attempt: bool,
) {
    let Some(id) = find_by_invoice(op, invoice) else { return };
    if op.text(&id, "/status") == "canceled" {
        return;
    }
    if was_last_attempt {
        cancel_now(op, &id, json!({"reason": "payment_failed"}));
    } else {
        op.update_and_emit("customer.subscription.updated", &id, json!({"status": "past_due"}));
    }
}
