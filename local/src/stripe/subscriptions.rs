//! Subscriptions: from the first payment to the end.

use serde_json::{Value, json};

use super::cards::Session;
use super::drafts::{self, Draft};
use super::lines::{self, Line, Of};
use super::payments::Paid;
use super::public::merge;
use super::refusal::Refusal;
use super::store::Due;
use super::work::{Result, Work};
use super::{calendar, endings, invoices};

/// Seconds from a renewal's draft to the invoice.
pub(super) const FINALIZED_AFTER: i64 = 3_600;

/// Makes one and has its first invoice paid.
pub(super) fn start(
    work: &mut Work<'_>,
    customer: &str,
    method: &str,
    (price, quantity): (&str, i64),
    metadata: Value,
) -> (String, String, Paid) {
    let (id, item) = (work.id("sub"), work.id("si"));
    let now = work.now;
    let end = calendar::renewal(now, now).unwrap_or(now);
    let fields = json!({
        "id": item, "created": now, "metadata": {}, "price": work.field(price, ""),
        "plan": plan(work, price), "quantity": quantity, "subscription": id,
        "current_period_start": now, "current_period_end": end, "billing_thresholds": null,
    });
    let entry = work.public.object("subscription_item", fields);
    let fields = json!({
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_cycle_anchor": now, "billing_cycle_anchor_config": null, "billing_mode": {"type": "classic"},
        "billing_schedules": [], "billing_thresholds": null, "cancel_at": null, "cancel_at_period_end": false,
        "canceled_at": null, "customer": customer, "default_payment_method": method, "ended_at": null,
        "items": {"object": "list", "data": [entry], "has_more": false, "total_count": 1,
            "url": format!("/v1/subscription_items?subscription={id}")},
        "managed_payments": null, "metadata": metadata, "next_pending_invoice_item_invoice": null, "pause_collection": null,
        "payment_settings": {"payment_method_options": null, "payment_method_types": null,
            "save_default_payment_method": "off"},
        "pending_invoice_item_interval": null, "pending_update": null, "start_date": now,
        "status": "incomplete", "transfer_data": null, "trial_end": null, "trial_start": null,
    });
    work.make("subscription", &id, fields);
    let invoice = invoice(work, &id, "subscription_create", (now, now));
    work.change(&id, json!({"latest_invoice": invoice}));
    work.tell("customer.subscription.created", &id);
    work.at(end, Due::Renew(id.clone()));
    invoices::finalize(work, &invoice);
    let outcome = invoices::collect(work, &invoice, Some(method), Session::On);
    if let Paid::Processing = outcome {
        // A bank takes days, and Stripe doesn't let the customer wait.
        work.change_and_tell("customer.subscription.updated", &id, json!({"status": "active"}));
    }
    (id, invoice, outcome)
}

/// The `plan` of a price: what prices were before there were prices.
pub(super) fn plan(work: &Work<'_>, price: &str) -> Value {
    let mut plan = work.public.object("subscription_item", json!({}))["plan"].take();
    let of = |name: &str| work.field(price, name).clone();
    let fields = json!({"active": true, "amount": of("/unit_amount"),
        "amount_decimal": of("/unit_amount_decimal"), "billing_scheme": "per_unit",
        "created": of("/created"), "currency": "usd", "id": price, "interval": "month",
        "interval_count": 1, "livemode": false, "metadata": {}, "product": of("/product"),
        "transform_usage": null, "usage_type": "licensed"});
    merge(&mut plan, fields);
    plan
}

/// A draft of an invoice for the current period, and for what is pending.
fn invoice(work: &mut Work<'_>, id: &str, reason: &str, period: (i64, i64)) -> String {
    let of = |name: &str| work.field(id, &format!("/items/data/0/{name}")).clone();
    let whole = |name: &str| of(name).as_i64().unwrap_or_default();
    let (item, price, quantity) = (of("id"), of("price/id"), whole("quantity"));
    let (item, price) = (item.as_str().unwrap_or_default(), price.as_str().unwrap_or_default());
    let cents = work.number(price, "/unit_amount");
    let dollars = format!("${}.{:02}", cents / 100, cents % 100);
    let line = Line {
        price,
        quantity,
        amount: cents.saturating_mul(quantity),
        description: format!("{quantity} × {} (at {dollars} / month)", lines::name(work, price)),
        period: (whole("current_period_start"), whole("current_period_end")),
        of: Of::Subscription { subscription: id, item, is_proration: false },
    };
    let line = lines::line(work, line);
    let mut all = work.store.pending.remove(id).unwrap_or_default();
    all.push(line);
    let customer = work.text(id, "/customer");
    drafts::draft(
        work,
        Draft { customer: &customer, subscription: Some(id), reason, lines: all, period },
    )
}

/// A period is over: the next one begins, or none does.
pub(super) fn renew(work: &mut Work<'_>, id: &str) {
    if *work.field(id, "/cancel_at_period_end") == true {
        endings::end(work, id, json!({}));
        return;
    }
    let begun = work.number(id, "/items/data/0/current_period_start");
    let Some(next) = calendar::renewal(work.number(id, "/billing_cycle_anchor"), work.now) else {
        return;
    };
    let mut items = work.field(id, "/items").clone();
    merge(
        &mut items["data"][0],
        json!({"current_period_start": work.now, "current_period_end": next}),
    );
    let mut before = work.change(id, json!({"items": items}));
    let invoice = invoice(work, id, "subscription_cycle", (begun, work.now));
    merge(&mut before, work.change(id, json!({"latest_invoice": invoice})));
    work.event("customer.subscription.updated", id, Some(before));
    work.at(next, Due::Renew(id.to_owned()));
    work.at(work.now + FINALIZED_AFTER, Due::Finalize(invoice));
}

/// What pays the invoices of a subscription.
pub(super) fn method(work: &Work<'_>, id: &str) -> Option<String> {
    let own = work.field(id, "/default_payment_method").as_str();
    let customer = work.text(id, "/customer");
    let theirs = work.field(&customer, "/invoice_settings/default_payment_method").as_str();
    own.or(theirs).map(str::to_owned)
}

/// The subscription of an invoice.
pub(super) fn of_invoice(work: &Work<'_>, invoice: &str) -> Option<String> {
    let id = work.field(invoice, "/parent/subscription_details/subscription").as_str()?;
    Some(id.to_owned())
}

/// An invoice was paid.
pub(super) fn paid(work: &mut Work<'_>, invoice: &str) {
    let Some(id) = of_invoice(work, invoice) else { return };
    if ["incomplete", "past_due", "unpaid"].contains(&work.text(&id, "/status").as_str()) {
        work.change_and_tell("customer.subscription.updated", &id, json!({"status": "active"}));
    }
}

/// An invoice was not paid; nor will it be, if that was the last attempt.
pub(super) fn unpaid(work: &mut Work<'_>, invoice: &str, was_last: bool) {
    let Some(id) = of_invoice(work, invoice) else { return };
    if work.text(&id, "/status") == "canceled" {
        return;
    }
    if was_last {
        endings::cancel_now(work, &id, json!({"reason": "payment_failed"}));
    } else {
        work.change_and_tell("customer.subscription.updated", &id, json!({"status": "past_due"}));
    }
}

/// Makes sure that one is there and hasn't ended.
pub(super) fn living(work: &Work<'_>, id: &str) -> Result<()> {
    let subscription = work.get("subscription", id, "id")?;
    if subscription["status"] == "canceled" {
        return Err(Refusal::missing("subscription", id, "id"));
    }
    Ok(())
}

/// The ids of a customer's subscriptions that haven't ended.
pub(super) fn living_of(work: &Work<'_>, customer: &str) -> Vec<String> {
    let is_theirs = |each: &&Value| each["customer"] == customer && each["status"] != "canceled";
    let theirs = work.store.all("subscription").filter(is_theirs);
    theirs.filter_map(|each| each["id"].as_str()).map(str::to_owned).collect()
}
