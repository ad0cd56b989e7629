//! Invoices: drafts, final ones, and what is paid.

use serde_json::{Value, json};

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
