//! Drafts of invoices.

use serde_json::{Value, json};

use super::public::merge;
use super::subscriptions;
use super::work::Work;

/// An invoice that is to be made.
pub(super) struct Draft<'d> {
    pub(super) customer: &'d str,
    pub(super) subscription: Option<&'d str>,
    pub(super) reason: &'d str,
    pub(super) lines: Vec<Value>,
    /// Of what was consumed before, in seconds since 1970.
    pub(super) period: (i64, i64),
}

/// Makes a draft.
pub(super) fn draft(work: &mut Work<'_>, draft: Draft<'_>) -> String {
    let id = work.id("in");
    let total: i64 = draft.lines.iter().filter_map(|line| line["amount"].as_i64()).sum();
    let lines: Vec<_> = draft
        .lines
        .into_iter()
        .map(|mut line| {
            merge(&mut line, json!({"invoice": id}));
            line
        })
        .collect();
    let parent = draft.subscription.map(|subscription| {
        let metadata = work.field(subscription, "/metadata");
        json!({"quote_details": null, "type": "subscription_details",
            "subscription_details": {"metadata": metadata, "subscription": subscription}})
    });
    let automatic = draft.reason == "subscription_cycle";
    let fields = json!({
        "account_name": "Local stack", "amount_due": total.max(0), "amount_overpaid": 0, "amount_paid": 0,
        "amount_remaining": total.max(0), "auto_advance": automatic,
        "automatically_finalizes_at": automatic.then_some(work.now + subscriptions::FINALIZED_AFTER),
        "billing_reason": draft.reason, "customer": draft.customer,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null,
            "provider": null, "status": null},
        "customer_address": null, "customer_shipping": null,
        "customer_email": work.field(draft.customer, "/email"),
        "customer_name": work.field(draft.customer, "/name"),
        "due_date": null, "effective_at": null, "from_invoice": null, "last_finalization_error": null,
        "lines": {"object": "list", "data": lines, "has_more": false,
            "total_count": lines.len(), "url": format!("/v1/invoices/{id}/lines")},
        "metadata": {}, "next_payment_attempt": null, "parent": parent,
        "payment_settings": {"default_mandate": null, "payment_method_options": null,
            "payment_method_types": null},
        "period_start": draft.period.0, "period_end": draft.period.1, "rendering": null,
        "shipping_cost": null, "shipping_details": null,
        "subtotal": total, "subtotal_excluding_tax": total, "total": total,
        "total_excluding_tax": total, "webhooks_delivered_at": null,
    });
    work.make("invoice", &id, fields);
    work.change(draft.customer, json!({"currency": "usd"}));
    work.tell("invoice.created", &id);
    id
}
