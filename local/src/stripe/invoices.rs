//! Invoices once they are final, and how they are paid.

use serde_json::json;

use super::cards::Session;
use super::payments::{self, Paid, Payment};
use super::public::merge;
use super::refusal::Refusal;
use super::store::Due;
use super::subscriptions;
use super::work::Work;

/// Less than this many cents isn't charged: it stays with the customer until the next invoice.
const LEAST: i64 = 50;

/// Days from one failed attempt to the next; after the last, the subscription ends.
const RETRIES: [i64; 3] = [3, 5, 7];

const DAY: i64 = 86_400;

/// Makes a draft final, and the customer's balance counts in.
pub(super) fn finalize(work: &mut Work<'_>, id: &str) {
    let customer = work.text(id, "/customer");
    let balance = work.number(&customer, "/balance");
    let sum = work.number(id, "/total") + balance;
    let (due, ending) = if sum < LEAST { (0, sum) } else { (sum, 0) };
    let fields = json!({"amount_due": due, "amount_remaining": due, "ending_balance": ending,
        "starting_balance": balance});
    work.change(id, fields);
    work.change_and_tell("customer.updated", &customer, json!({"balance": ending}));
    finalize_as_it_is(work, id);
}

/// Makes a draft final: it gets its number.
pub(super) fn finalize_as_it_is(work: &mut Work<'_>, id: &str) {
    let customer = work.text(id, "/customer");
    let sequence = work.number(&customer, "/next_invoice_sequence");
    let number = format!("{}-{sequence:04}", work.text(&customer, "/invoice_prefix"));
    work.change(&customer, json!({"next_invoice_sequence": sequence + 1}));
    let mut transitions = work.field(id, "/status_transitions").clone();
    merge(&mut transitions, json!({"finalized_at": work.now}));
    let page = format!("{}/invoices/{id}", work.pages);
    let fields = json!({
        "automatically_finalizes_at": null, "effective_at": work.now,
        "hosted_invoice_url": page, "invoice_pdf": format!("{page}/pdf"), "number": number,
        "status": "open", "status_transitions": transitions, "webhooks_delivered_at": work.now,
    });
    work.change(id, fields);
    work.tell("invoice.finalized", id);
}

/// Tries to have a final invoice paid; what depends on it follows.
pub(super) fn collect(
    work: &mut Work<'_>,
    id: &str,
    method: Option<&str>,
    session: Session,
) -> Paid {
    let (customer, due) = (work.text(id, "/customer"), work.number(id, "/amount_due"));
    if due == 0 {
        paid(work, id, None);
        return Paid::Succeeded;
    }
    let Some(method) = method else {
        let message = "This customer has no attached payment source or default payment method.";
        failed(work, id);
        return Paid::Declined(Refusal::invalid(message).with_code("resource_missing"));
    };
    let (earlier, description) = (payment_of(work, id), description(work, id));
    let intent = earlier.as_ref().map(|payment| work.text(payment, "/payment/payment_intent"));
    let payment = Payment {
        intent,
        customer: &customer,
        method,
        amount: due,
        description: Some(description),
        metadata: json!({}),
        session,
    };
    let (intent, outcome) = payments::pay(work, payment);
    if earlier.is_none() {
        record(work, id, &intent, due);
    }
    match &outcome {
        Paid::Succeeded => paid(work, id, Some(&intent)),
        Paid::Processing => {
            let count = work.number(id, "/attempt_count") + 1;
            work.change(id, json!({"attempted": true, "attempt_count": count}));
        }
        Paid::Declined(_) => failed(work, id),
    }
    outcome
}

/// What brought an invoice about, as its payment is described.
fn description(work: &Work<'_>, id: &str) -> &'static str {
    match work.text(id, "/billing_reason").as_str() {
        "subscription_create" => "Subscription creation",
        "subscription_update" | "subscription_cycle" => "Subscription update",
        _ => "Payment for invoice",
    }
}

/// What pays an invoice, as an object of its own.
pub(super) fn record(work: &mut Work<'_>, invoice: &str, intent: &str, amount: i64) {
    let id = work.id("inpay");
    let fields = json!({"amount_paid": null, "amount_requested": amount, "currency": "usd",
        "invoice": invoice, "is_default": true, "status": "open",
        "payment": {"type": "payment_intent", "payment_intent": intent},
        "status_transitions": {"canceled_at": null, "paid_at": null}});
    work.make("invoice_payment", &id, fields);
}

/// The object of what pays an invoice.
pub(super) fn payment_of(work: &Work<'_>, invoice: &str) -> Option<String> {
    let payment = work.store.all("invoice_payment").find(|each| each["invoice"] == invoice)?;
    payment["id"].as_str().map(str::to_owned)
}

/// An invoice was paid, with an intent or because nothing was due.
pub(super) fn paid(work: &mut Work<'_>, id: &str, intent: Option<&str>) {
    let due = work.number(id, "/amount_due");
    let mut transitions = work.field(id, "/status_transitions").clone();
    merge(&mut transitions, json!({"paid_at": work.now}));
    let count = work.number(id, "/attempt_count") + i64::from(intent.is_some());
    let fields = json!({"amount_paid": due, "amount_remaining": 0, "attempt_count": count,
        "attempted": true, "auto_advance": false, "next_payment_attempt": null, "status": "paid",
        "status_transitions": transitions});
    work.store.timers.retain(|timer| timer.due != Due::Retry(id.to_owned()));
    work.change_and_tell("invoice.updated", id, fields);
    work.tell("invoice.paid", id);
    work.tell("invoice.payment_succeeded", id);
    if let Some(payment) = payment_of(work, id) {
        let transitions = json!({"canceled_at": null, "paid_at": work.now});
        let fields =
            json!({"amount_paid": due, "status": "paid", "status_transitions": transitions});
        work.change(&payment, fields);
        work.tell("invoice_payment.paid", &payment);
    }
    subscriptions::paid(work, id);
}

/// An attempt failed: there is another one later, or the subscription ends.
pub(super) fn failed(work: &mut Work<'_>, id: &str) {
    let count = work.number(id, "/attempt_count") + 1;
    let wait = usize::try_from(count - 1).ok().and_then(|at| RETRIES.get(at));
    let next = wait.map(|days| work.now + days * DAY);
    let fields = json!({"attempted": true, "attempt_count": count, "auto_advance": next.is_some(),
        "next_payment_attempt": next});
    work.change_and_tell("invoice.updated", id, fields);
    work.tell("invoice.payment_failed", id);
    if let Some(next) = next {
        work.at(next, Due::Retry(id.to_owned()));
    }
    subscriptions::unpaid(work, id, next.is_none());
}
