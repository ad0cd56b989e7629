//! Finalizing and collecting invoices.

use serde_json::json;

use super::payments::{self, NewPayment, PaymentOutcome, SessionUsage};
use super::subscription_status;
use crate::description::merge_fields;
use crate::error::ApiError;
use crate::operation::Operation;
use crate::store::TimerAction;

/// The minimum amount in cents that Stripe charges. A smaller amount is added to the next invoice.
const MIN_CHARGE_CENTS: i64 = 50;

/// The delays after failed attempts in days. After the last attempt the subscription is canceled.
const RETRY_DELAYS_DAYS: [i64; 3] = [3, 5, 7];

/// The length of a day in seconds.
const DAY: i64 = 86_400;

/// Applies the customer's balance to a draft invoice and finalizes it.
pub(crate) fn finalize_with_balance(op: &mut Operation<'_>, id: &str) {
    let customer = op.text(id, "/customer");
    let balance = op.number(&customer, "/balance");
    let sum = op.number(id, "/total") + balance;
    let (due, ending_balance) = if sum < MIN_CHARGE_CENTS { (0, sum) } else { (sum, 0) };
    let fields = json!({"amount_due": due, "amount_remaining": due, "ending_balance": ending_balance,
        "starting_balance": balance});
    op.update_object(id, fields);
    op.update_and_emit("customer.updated", &customer, json!({"balance": ending_balance}));
    finalize(op, id);
}

/// Finalizes a draft invoice and numbers it.
pub(crate) fn finalize(op: &mut Operation<'_>, id: &str) {
    let customer = op.text(id, "/customer");
    let sequence = op.number(&customer, "/next_invoice_sequence");
    let number = format!("{}-{sequence:04}", op.text(&customer, "/invoice_prefix"));
    op.update_object(&customer, json!({"next_invoice_sequence": sequence + 1}));
    let mut transitions = op.field(id, "/status_transitions").clone();
    merge_fields(&mut transitions, json!({"finalized_at": op.now}));
    let page_url = format!("{}/invoices/{id}", op.pages_url);
    let fields = json!({
        "automatically_finalizes_at": null, "effective_at": op.now,
        "hosted_invoice_url": page_url, "invoice_pdf": format!("{page_url}/pdf"), "number": number,
        "status": "open", "status_transitions": transitions, "webhooks_delivered_at": op.now,
    });
    op.update_object(id, fields);
    op.emit_event("invoice.finalized", id);
}

/// Charges the amount due of an open invoice, and updates the invoice and its subscription.
pub(crate) fn collect(
    op: &mut Operation<'_>,
    id: &str,
    method: Option<&str>,
    usage: SessionUsage,
) -> PaymentOutcome {
    let (customer, due) = (op.text(id, "/customer"), op.number(id, "/amount_due"));
    if due == 0 {
        mark_paid(op, id, None);
        return PaymentOutcome::Succeeded;
    }
    let Some(method) = method else {
        let message = "This customer has no attached payment source or default payment method.";
        mark_attempt_failed(op, id);
        let error = ApiError::invalid_request(message).with_code("resource_missing");
        return PaymentOutcome::Declined(error);
    };
    let (earlier, description) = (find_invoice_payment(op, id), payment_description(op, id));
    let intent = earlier.as_ref().map(|payment| op.text(payment, "/payment/payment_intent"));
    let payment = NewPayment {
        intent,
        customer: &customer,
        method,
        amount: due,
        description: Some(description),
        metadata: json!({}),
        usage,
    };
    let (intent, outcome) = payments::pay(op, payment);
    if earlier.is_none() {
        create_invoice_payment(op, id, &intent, due);
    }
    match &outcome {
        PaymentOutcome::Succeeded => mark_paid(op, id, Some(&intent)),
        PaymentOutcome::Processing => {
            let count = op.number(id, "/attempt_count") + 1;
            op.update_object(id, json!({"attempted": true, "attempt_count": count}));
        }
        PaymentOutcome::Declined(_) => mark_attempt_failed(op, id),
    }
    outcome
}

/// Returns the description of the payment intent that pays an invoice.
fn payment_description(op: &Operation<'_>, id: &str) -> &'static str {
    match op.text(id, "/billing_reason").as_str() {
        "subscription_create" => "Subscription creation",
        "subscription_update" | "subscription_cycle" => "Subscription update",
        _ => "Payment for invoice",
    }
}

/// Creates the invoice payment that links an invoice to a payment intent.
pub(crate) fn create_invoice_payment(
    op: &mut Operation<'_>,
    invoice: &str,
    intent: &str,
    amount: i64,
) {
    let id = op.new_id("inpay");
    let fields = json!({"amount_paid": null, "amount_requested": amount, "currency": "usd",
        "invoice": invoice, "is_default": true, "status": "open",
        "payment": {"type": "payment_intent", "payment_intent": intent},
        "status_transitions": {"canceled_at": null, "paid_at": null}});
    op.create_object("invoice_payment", &id, fields);
}

/// Returns the id of an invoice's payment.
pub(crate) fn find_invoice_payment(op: &Operation<'_>, invoice: &str) -> Option<String> {
    let payment = op.store.list("invoice_payment").find(|each| each["invoice"] == invoice)?;
    payment["id"].as_str().map(str::to_owned)
}

/// Marks an invoice as paid by a payment intent, or without one if nothing was due.
pub(crate) fn mark_paid(op: &mut Operation<'_>, id: &str, intent: Option<&str>) {
    let due = op.number(id, "/amount_due");
    let mut transitions = op.field(id, "/status_transitions").clone();
    merge_fields(&mut transitions, json!({"paid_at": op.now}));
    let count = op.number(id, "/attempt_count") + i64::from(intent.is_some());
    let fields = json!({"amount_paid": due, "amount_remaining": 0, "attempt_count": count,
        "attempted": true, "auto_advance": false, "next_payment_attempt": null, "status": "paid",
        "status_transitions": transitions});
    op.store.timers.retain(|timer| timer.action != TimerAction::RetryInvoice(id.to_owned()));
    op.update_and_emit("invoice.updated", id, fields);
    op.emit_event("invoice.paid", id);
    op.emit_event("invoice.payment_succeeded", id);
    if let Some(payment) = find_invoice_payment(op, id) {
        let transitions = json!({"canceled_at": null, "paid_at": op.now});
        let fields =
            json!({"amount_paid": due, "status": "paid", "status_transitions": transitions});
        op.update_object(&payment, fields);
        op.emit_event("invoice_payment.paid", &payment);
    }
    subscription_status::update_after_payment(op, id);
}

/// Records a failed attempt to collect an invoice.
///
/// Schedules the next attempt. After the last attempt the subscription is canceled.
pub(crate) fn mark_attempt_failed(op: &mut Operation<'_>, id: &str) {
    let count = op.number(id, "/attempt_count") + 1;
    let delay = usize::try_from(count - 1).ok().and_then(|index| RETRY_DELAYS_DAYS.get(index));
    let next = delay.map(|days| op.now + days * DAY);
    let fields = json!({"attempted": true, "attempt_count": count, "auto_advance": next.is_some(),
        "next_payment_attempt": next});
    op.update_and_emit("invoice.updated", id, fields);
    op.emit_event("invoice.payment_failed", id);
    if let Some(next) = next {
        op.schedule(next, TimerAction::RetryInvoice(id.to_owned()));
    }
    subscription_status::update_after_failed_payment(op, id, next.is_none());
}
