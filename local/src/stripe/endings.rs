//! How subscriptions end.

use serde_json::{Value, json};

use super::public::merge;
use super::store::Due;
use super::subscriptions::living;
use super::work::{Result, Work};

/// `DELETE /v1/subscriptions/{id}`
pub(super) fn cancel(work: &mut Work<'_>, id: &str, sent: &Value) -> Result<Value> {
    living(work, id)?;
    let mut details = json!({"reason": "cancellation_requested"});
    merge(&mut details, sent.get("cancellation_details").cloned().unwrap_or_default());
    cancel_now(work, id, details);
    Ok(work.get("subscription", id, "id")?.clone())
}

/// Ends one before its period does.
pub(super) fn cancel_now(work: &mut Work<'_>, id: &str, details: Value) {
    work.change(id, json!({"canceled_at": work.now}));
    end(work, id, details);
}

/// Ends one.
pub(super) fn end(work: &mut Work<'_>, id: &str, details: Value) {
    let mut reason = work.field(id, "/cancellation_details").clone();
    merge(&mut reason, details);
    let fields =
        json!({"cancellation_details": reason, "ended_at": work.now, "status": "canceled"});
    work.change(id, fields);
    work.store.pending.remove(id);
    work.store.timers.retain(|timer| timer.due != Due::Renew(id.to_owned()));
    stop_collecting(work, id);
    work.tell("customer.subscription.deleted", id);
}

/// Nobody tries any more to have the open invoices of a subscription paid.
fn stop_collecting(work: &mut Work<'_>, id: &str) {
    let is_open = |invoice: &&Value| {
        (invoice["status"] == "open" || invoice["status"] == "draft")
            && invoice["parent"]["subscription_details"]["subscription"] == id
    };
    let open: Vec<_> =
        work.store.all("invoice").filter(is_open).map(|each| each["id"].clone()).collect();
    for invoice in open.iter().filter_map(Value::as_str) {
        let timers = [Due::Retry(invoice.to_owned()), Due::Finalize(invoice.to_owned())];
        work.store.timers.retain(|timer| !timers.contains(&timer.due));
        let fields = json!({"auto_advance": false, "automatically_finalizes_at": null,
            "next_payment_attempt": null});
        work.change_and_tell("invoice.updated", invoice, fields);
    }
}
