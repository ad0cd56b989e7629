//! Changes of subscriptions that take effect when their invoice is paid.
//! <https://docs.stripe.com/billing/subscriptions/pending-updates>

use serde_json::{Value, json};

use super::subscriptions;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::store::TimerAction;

/// The time in seconds after which an unpaid change is discarded, unless the period ends before.
const PENDING_UPDATE_TTL: i64 = 23 * 3_600;

/// The parameters that may be sent together with `payment_behavior=pending_if_incomplete`.
const SUPPORTED: [&str; 4] = ["expand", "items", "payment_behavior", "proration_behavior"];

/// Checks that an update may wait for its payment.
///
/// # Errors
/// Fails with 400 for another parameter, a subscription that is paid by invoice or from a bank account, and a
/// subscription that has a pending update.
pub(crate) fn check(op: &Operation<'_>, id: &str, parameters: &Value) -> ApiResult<()> {
    let mut names = parameters.as_object().into_iter().flatten().map(|(name, _)| name);
    if let Some(name) = names.find(|name| !SUPPORTED.contains(&name.as_str())) {
        let message = format!(
            "When `payment_behavior` is set to `pending_if_incomplete`, you cannot pass `{name}`."
        );
        return Err(ApiError::invalid_request(message).with_param(name));
    }
    let method = subscriptions::find_payment_method(op, id);
    let is_card = method.is_some_and(|method| op.text(&method, "/type") == "card");
    if op.text(id, "/collection_method") != "charge_automatically" || !is_card {
        let message = "`payment_behavior=pending_if_incomplete` is only supported for subscriptions that charge a \
            card automatically.";
        return Err(ApiError::invalid_request(message).with_param("payment_behavior"));
    }
    if !op.field(id, "/pending_update").is_null() {
        return Err(ApiError::unsupported("updating a subscription that has a pending update"));
    }
    Ok(())
}

/// Stores items that replace those of a subscription when its latest invoice is paid.
pub(crate) fn store(op: &mut Operation<'_>, id: &str, items: &Value) {
    let period_end = op.number(id, "/items/data/0/current_period_end");
    let expires_at = (op.now + PENDING_UPDATE_TTL).min(period_end);
    let pending = json!({"billing_cycle_anchor": null, "discounts": null, "expires_at": expires_at,
        "metadata": null, "subscription_items": items["data"], "trial_end": null,
        "trial_from_plan": null});
    op.update_object(id, json!({"pending_update": pending}));
}

/// Sends the event of a pending update whose first payment failed, and schedules its end.
pub(crate) fn emit_pending_update(op: &mut Operation<'_>, id: &str, previous: Value) {
    let expires_at = op.number(id, "/pending_update/expires_at");
    op.schedule(expires_at, TimerAction::ExpirePendingUpdate(id.to_owned()));
    op.emit_event_with_previous("customer.subscription.updated", id, Some(previous));
}

/// Returns the subscription whose pending update waits for an invoice.
pub(crate) fn find_waiting(op: &Operation<'_>, invoice: &str) -> Option<String> {
    let id = subscriptions::find_by_invoice(op, invoice)?;
    let waits =
        !op.field(&id, "/pending_update").is_null() && op.text(&id, "/latest_invoice") == invoice;
    waits.then_some(id)
}

/// Applies the pending update of a subscription.
pub(crate) fn apply(op: &mut Operation<'_>, id: &str) {
    let mut items = op.field(id, "/items").clone();
    items["data"] = op.field(id, "/pending_update/subscription_items").clone();
    let previous = op.update_object(id, json!({"items": items, "pending_update": null}));
    if remove_timer(op, id) {
        op.emit_event("customer.subscription.pending_update_applied", id);
    }
    op.emit_event_with_previous("customer.subscription.updated", id, Some(previous));
}

/// Discards the pending update of a subscription, if there is one.
pub(crate) fn discard(op: &mut Operation<'_>, id: &str) {
    if op.field(id, "/pending_update").is_null() {
        return;
    }
    remove_timer(op, id);
    op.update_and_emit("customer.subscription.updated", id, json!({"pending_update": null}));
    op.emit_event("customer.subscription.pending_update_expired", id);
}

fn remove_timer(op: &mut Operation<'_>, id: &str) -> bool {
    let (timers, action) = (&mut op.store.timers, TimerAction::ExpirePendingUpdate(id.to_owned()));
    let before = timers.len();
    timers.retain(|timer| timer.action != action);
    timers.len() < before
}
