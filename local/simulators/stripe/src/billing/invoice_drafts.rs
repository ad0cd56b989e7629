//! Creates draft invoices.

use serde_json::{Value, json};

use crate::description::merge_fields;
use crate::operation::Operation;

/// The time in seconds between the draft of a renewal invoice and its finalization.
pub(crate) const FINALIZATION_DELAY: i64 = 3_600;

/// The parameters of a draft invoice.
pub(crate) struct NewInvoice<'i> {
    pub(crate) customer: &'i str,
    pub(crate) subscription: Option<&'i str>,
    /// The `billing_reason` of the invoice.
    pub(crate) billing_reason: &'i str,
    pub(crate) lines: Vec<Value>,
    /// The start and the end of the `period_…` fields in seconds since 1970.
    pub(crate) period: (i64, i64),
}

/// Creates a draft invoice. Returns its id.
pub(crate) fn create_draft(op: &mut Operation<'_>, invoice: NewInvoice<'_>) -> String {
    let (id, customer) = (op.new_id("in"), invoice.customer.to_owned());
    let fields = build_fields(op, &id, invoice);
    op.create_object("invoice", &id, fields);
    op.update_object(&customer, json!({"currency": "usd"}));
    op.emit_event("invoice.created", &id);
    id
}

/// Builds the fields of a draft invoice.
pub(crate) fn build_fields(op: &Operation<'_>, id: &str, invoice: NewInvoice<'_>) -> Value {
    let total: i64 = invoice.lines.iter().filter_map(|line| line["amount"].as_i64()).sum();
    let lines: Vec<_> = invoice
        .lines
        .into_iter()
        .map(|mut line| {
            merge_fields(&mut line, json!({"invoice": id}));
            line
        })
        .collect();
    let parent = invoice.subscription.map(|subscription| {
        let metadata = op.field(subscription, "/metadata");
        json!({"quote_details": null, "type": "subscription_details",
            "subscription_details": {"metadata": metadata, "subscription": subscription}})
    });
    let is_renewal = invoice.billing_reason == "subscription_cycle";
    let collection_method = invoice
        .subscription
        .map_or(json!("charge_automatically"), |id| op.field(id, "/collection_method").clone());
    json!({
        "account_name": "Local stack", "amount_due": total.max(0), "amount_overpaid": 0, "amount_paid": 0,
        "amount_remaining": total.max(0), "auto_advance": is_renewal,
        "automatically_finalizes_at": is_renewal.then_some(op.now + FINALIZATION_DELAY),
        "billing_reason": invoice.billing_reason, "collection_method": collection_method,
        "customer": invoice.customer,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null,
            "provider": null, "status": null},
        "customer_address": null, "customer_shipping": null,
        "customer_email": op.field(invoice.customer, "/email"),
        "customer_name": op.field(invoice.customer, "/name"),
        "due_date": null, "effective_at": null, "from_invoice": null, "last_finalization_error": null,
        "lines": {"object": "list", "data": lines, "has_more": false,
            "total_count": lines.len(), "url": format!("/v1/invoices/{id}/lines")},
        "metadata": {}, "next_payment_attempt": null, "parent": parent,
        "payment_settings": {"default_mandate": null, "payment_method_options": null,
            "payment_method_types": null},
        "period_start": invoice.period.0, "period_end": invoice.period.1, "rendering": null,
        "shipping_cost": null, "shipping_details": null,
        "subtotal": total, "subtotal_excluding_tax": total, "total": total,
        "total_excluding_tax": total, "webhooks_delivered_at": null,
    })
}
