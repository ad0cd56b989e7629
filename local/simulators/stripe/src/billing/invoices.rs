//! Finalizing and collecting invoices.

use serde_json::{Value, json};

use super::payments::{self, NewPayment, PaymentOutcome, SessionUsage};
use super::{pending_updates, subscription_status, subscriptions};
use crate::description::merge_fields;
use crate::error::{ApiError, ApiResult};
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
    let (due, ending_balance) = amount_due(op.number(id, "/total"), balance);
    let fields = json!({"amount_due": due, "amount_remaining": due, "ending_balance": ending_balance,
        "starting_balance": balance});
    op.update_object(id, fields);
    op.update_and_emit("customer.updated", &customer, json!({"balance": ending_balance}));
    finalize(op, id);
}

/// Returns the amount due for a total after a customer's balance, and the balance that remains.
pub(crate) fn amount_due(total: i64, balance: i64) -> (i64, i64) {
    let sum = total + balance;
    if sum < MIN_CHARGE_CENTS { (0, sum) } else { (sum, 0) }
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
    if is_sent(op, id) {
        let subscription = subscriptions::find_by_invoice(op, id).unwrap_or_default();
        let days = op.number(&subscription, "/days_until_due");
        op.update_object(id, json!({"due_date": op.now + days * DAY}));
    }
    op.emit_event("invoice.finalized", id);
    if is_sent(op, id) {
        op.emit_event("invoice.sent", id);
    }
}

/// Returns whether an invoice is sent to the customer, who pays it on its page.
pub(crate) fn is_sent(op: &Operation<'_>, id: &str) -> bool {
    op.text(id, "/collection_method") == "send_invoice"
}

/// `POST /v1/invoices/{invoice}/void`
///
/// Voids an open invoice, and discards the pending update that waits for it.
///
/// # Errors
/// Fails with 404 if the invoice does not exist, and with 400 if it is not open.
pub(crate) fn void(op: &mut Operation<'_>, id: &str, _: &Value) -> ApiResult<Value> {
    let status = op.get_object("invoice", id, "id")?["status"].clone();
    if status != "open" && status != "uncollectible" {
        let message =
            "You can only pass in open or uncollectible invoices. This invoice isn't open.";
        return Err(ApiError::invalid_request(message));
    }
    let waiting = pending_updates::find_waiting(op, id);
    let mut transitions = op.field(id, "/status_transitions").clone();
    merge_fields(&mut transitions, json!({"voided_at": op.now}));
    let fields = json!({"auto_advance": false, "next_payment_attempt": null, "status": "void",
        "status_transitions": transitions});
    op.store.timers.retain(|timer| timer.action != TimerAction::RetryInvoice(id.to_owned()));
    op.update_object(id, fields);
    op.emit_event("invoice.voided", id);
    if let Some(subscription) = waiting {
        pending_updates::discard(op, &subscription);
    }
    Ok(op.get_object("invoice", id, "id")?.clone())
}

/// Discards the pending update of a subscription, and voids the invoice that it waits for.
pub(crate) fn expire_pending_update(op: &mut Operation<'_>, subscription: &str) {
    if !op.field(subscription, "/pending_update").is_null() {
        let invoice = op.text(subscription, "/latest_invoice");
        // It fails only for an invoice that is not open, for which no update waits.
        let _ = void(op, &invoice, &json!({}));
    }
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
    let waiting = pending_updates::find_waiting(op, id);
    let next = delay.filter(|_| waiting.is_none()).map(|days| op.now + days * DAY);
    let fields = json!({"attempted": true, "attempt_count": count, "auto_advance": next.is_some(),
        "next_payment_attempt": next});
    op.update_and_emit("invoice.updated", id, fields);
    op.emit_event("invoice.payment_failed", id);
    if let Some(next) = next {
        op.schedule(next, TimerAction::RetryInvoice(id.to_owned()));
    }
    // A subscription whose update waits for the payment goes on as if there were no update.
    if waiting.is_none() {
        subscription_status::update_after_failed_payment(op, id, next.is_none());
    }
}
