//! Starting and renewing subscriptions.

use serde_json::{Value, json};

use super::invoice_drafts::{self, FINALIZATION_DELAY, NewInvoice};
use super::invoice_lines::{LineSource, NewInvoiceLine, build_line};
use super::payments::{PaymentOutcome, SessionUsage};
use super::prices::product_name;
use super::renewal_date::next_renewal;
use super::{invoices, subscription_cancellation, subscription_schedules, subscriptions};
use crate::description::merge_fields;
use crate::operation::Operation;
use crate::store::TimerAction;

/// The parameters of a subscription.
pub(crate) struct NewSubscription<'s> {
    pub(crate) customer: &'s str,
    pub(crate) method: &'s str,
    pub(crate) price: &'s str,
    pub(crate) quantity: i64,
    pub(crate) metadata: Value,
}

/// A subscription that was created, and the outcome of its first payment.
pub(crate) struct StartedSubscription {
    pub(crate) id: String,
    /// The id of the first invoice.
    pub(crate) invoice: String,
    pub(crate) outcome: PaymentOutcome,
}

/// Creates a subscription and collects its first invoice.
pub(crate) fn start(
    op: &mut Operation<'_>,
    subscription: NewSubscription<'_>,
) -> StartedSubscription {
    let NewSubscription { customer, method, price, quantity, metadata } = subscription;
    let (id, item) = (op.new_id("sub"), op.new_id("si"));
    let now = op.now;
    let period_end = next_renewal(now, now).unwrap_or(now);
    let fields = json!({
        "id": item, "created": now, "metadata": {}, "price": op.field(price, ""),
        "plan": subscriptions::build_plan(op, price), "quantity": quantity, "subscription": id,
        "current_period_start": now, "current_period_end": period_end, "billing_thresholds": null,
    });
    let item = op.description.build_object("subscription_item", fields);
    let fields = json!({
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_cycle_anchor": now, "billing_cycle_anchor_config": null,
        "billing_mode": {"type": "classic"},
        "billing_schedules": [], "billing_thresholds": null, "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null, "customer": customer, "default_payment_method": method, "ended_at": null,
        "items": {"object": "list", "data": [item], "has_more": false, "total_count": 1,
            "url": format!("/v1/subscription_items?subscription={id}")},
        "managed_payments": null, "metadata": metadata, "next_pending_invoice_item_invoice": null,
        "pause_collection": null,
        "payment_settings": {"payment_method_options": null, "payment_method_types": null,
            "save_default_payment_method": "off"},
        "pending_invoice_item_interval": null, "pending_update": null, "start_date": now,
        "status": "incomplete", "transfer_data": null, "trial_end": null, "trial_start": null,
    });
    op.create_object("subscription", &id, fields);
    let invoice = create_invoice(op, &id, "subscription_create", (now, now));
    op.update_object(&id, json!({"latest_invoice": invoice}));
    op.emit_event("customer.subscription.created", &id);
    op.schedule(period_end, TimerAction::RenewSubscription(id.clone()));
    invoices::finalize_with_balance(op, &invoice);
    let outcome = invoices::collect(op, &invoice, Some(method), SessionUsage::OnSession);
    if let PaymentOutcome::Processing = outcome {
        // Stripe activates the subscription although the bank needs days to settle the payment.
        op.update_and_emit("customer.subscription.updated", &id, json!({"status": "active"}));
    }
    StartedSubscription { id, invoice, outcome }
}

/// Starts the next period of a subscription, or ends it if it was canceled at the end of the period.
pub(crate) fn renew(op: &mut Operation<'_>, id: &str) {
    if *op.field(id, "/cancel_at_period_end") == true {
        subscription_cancellation::end(op, id, json!({}));
        return;
    }
    invoices::expire_pending_update(op, id);
    let previous_start = op.number(id, "/items/data/0/current_period_start");
    let Some(next) = next_renewal(op.number(id, "/billing_cycle_anchor"), op.now) else {
        return;
    };
    let scheduled = subscription_schedules::begin_phase(op, id);
    let mut items = scheduled.unwrap_or_else(|| op.field(id, "/items").clone());
    merge_fields(
        &mut items["data"][0],
        json!({"current_period_start": op.now, "current_period_end": next}),
    );
    let mut previous = op.update_object(id, json!({"items": items}));
    let invoice = create_invoice(op, id, "subscription_cycle", (previous_start, op.now));
    merge_fields(&mut previous, op.update_object(id, json!({"latest_invoice": invoice})));
    op.emit_event_with_previous("customer.subscription.updated", id, Some(previous));
    op.schedule(next, TimerAction::RenewSubscription(id.to_owned()));
    op.schedule(op.now + FINALIZATION_DELAY, TimerAction::FinalizeInvoice(invoice));
}

/// Creates a draft invoice for the current period of a subscription and its pending lines.
fn create_invoice(
    op: &mut Operation<'_>,
    id: &str,
    billing_reason: &str,
    period: (i64, i64),
) -> String {
    let field = |name: &str| op.field(id, &format!("/items/data/0/{name}")).clone();
    let number = |name: &str| field(name).as_i64().unwrap_or_default();
    let (item, price, quantity) = (field("id"), field("price/id"), number("quantity"));
    let (item, price) = (item.as_str().unwrap_or_default(), price.as_str().unwrap_or_default());
    let cents = op.number(price, "/unit_amount");
    let dollars = format!("${}.{:02}", cents / 100, cents % 100);
    let line = NewInvoiceLine {
        price,
        quantity,
        amount: cents.saturating_mul(quantity),
        description: format!("{quantity} × {} (at {dollars} / month)", product_name(op, price)),
        period: (number("current_period_start"), number("current_period_end")),
        source: LineSource::Subscription { subscription: id, item, is_proration: false },
    };
    let line = build_line(op, line);
    let mut lines = op.store.pending_lines.remove(id).unwrap_or_default();
    lines.push(line);
    let customer = op.text(id, "/customer");
    invoice_drafts::create_draft(
        op,
        NewInvoice { customer: &customer, subscription: Some(id), billing_reason, lines, period },
    )
}
