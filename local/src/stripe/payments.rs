//! Payment intents and their charges.

use serde_json::{Value, json};

use super::cards::{self, BANK, Session};
use super::disputes;
use super::public::merge;
use super::refusal::Refusal;
use super::work::Work;

/// A payment that is to be made.
pub(super) struct Payment<'p> {
    /// The intent of an earlier attempt.
    pub(super) intent: Option<String>,
    pub(super) customer: &'p str,
    pub(super) method: &'p str,
    /// Cents.
    pub(super) amount: i64,
    pub(super) description: Option<&'p str>,
    pub(super) metadata: Value,
    pub(super) session: Session,
}

/// What came of a payment.
pub(super) enum Paid {
    Succeeded,
    /// The bank takes days.
    Processing,
    Declined(Refusal),
}

/// Makes an intent and charges what it is for; the intent, and what came of it.
pub(super) fn pay(work: &mut Work<'_>, payment: Payment<'_>) -> (String, Paid) {
    let number = work.store.cards.get(payment.method).cloned().unwrap_or_default();
    let intent = intent(work, &payment);
    if number == BANK {
        let processing = json!({"status": "processing", "payment_method": payment.method});
        work.change(&intent, processing);
        work.tell("payment_intent.processing", &intent);
        return (intent, Paid::Processing);
    }
    let decline = cards::decline(&number, payment.session);
    let charge = charge(work, &intent, payment.method, decline.as_ref());
    if let Some(mut refusal) = decline {
        work.tell("charge.failed", &charge);
        refusal.error.insert("charge".to_owned(), charge.clone().into());
        let failed = json!({"status": "requires_payment_method", "payment_method": null,
            "latest_charge": charge, "last_payment_error": refusal.error});
        work.change(&intent, failed);
        work.tell("payment_intent.payment_failed", &intent);
        return (intent, Paid::Declined(refusal));
    }
    succeed(work, &intent, &charge, payment.method);
    if cards::is_disputed(&number) {
        disputes::open(work, &charge);
    }
    (intent, Paid::Succeeded)
}

/// What a bank says in the end of a payment that took days.
pub(super) fn settle(work: &mut Work<'_>, intent: &str, succeeded: bool) -> bool {
    let method = work.text(intent, "/payment_method");
    let refusal = (!succeeded).then(|| {
        let message = "The customer's bank account could not be located.";
        Refusal::declined("payment_intent_payment_attempt_failed", None, message)
    });
    let charge = charge(work, intent, &method, refusal.as_ref());
    match refusal {
        None => succeed(work, intent, &charge, &method),
        Some(refusal) => {
            work.tell("charge.failed", &charge);
            let failed = json!({"status": "requires_payment_method", "payment_method": null,
                "latest_charge": charge, "last_payment_error": refusal.error});
            work.change(intent, failed);
            work.tell("payment_intent.payment_failed", intent);
        }
    }
    succeeded
}

fn intent(work: &mut Work<'_>, payment: &Payment<'_>) -> String {
    if let Some(intent) = &payment.intent {
        return intent.clone();
    }
    let id = work.id("pi");
    let kind = work.field(payment.method, "/type").clone();
    work.make(
        "payment_intent",
        &id,
        json!({
            "amount": payment.amount, "automatic_payment_methods": null, "canceled_at": null,
            "client_secret": format!("{id}_secret_{}", work.random.identifier()),
            "customer": payment.customer, "description": payment.description,
            "last_payment_error": null, "managed_payments": null, "metadata": payment.metadata, "next_action": null,
            "payment_method_configuration_details": null, "payment_method_options": {},
            "payment_method_types": [kind], "processing": null, "shipping": null,
            "transfer_data": null,
        }),
    );
    work.tell("payment_intent.created", &id);
    id
}

fn charge(work: &mut Work<'_>, intent: &str, method: &str, decline: Option<&Refusal>) -> String {
    let id = work.id("ch");
    let of = |name: &str| {
        decline.and_then(|decline| decline.error.get(name)).cloned().unwrap_or_default()
    };
    let outcome = match decline {
        None => {
            json!({"advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
            "seller_message": "Payment complete.", "type": "authorized"})
        }
        Some(_) => {
            json!({"advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "declined_by_network", "reason": of("decline_code"),
            "risk_level": "normal", "seller_message": of("message"), "type": "issuer_declined"})
        }
    };
    let amount = work.number(intent, "/amount");
    let balance = decline.is_none().then(|| work.id("txn"));
    let billing = work.field(method, "/billing_details").clone();
    let fields = json!({
        "amount": amount,
        "amount_captured": if decline.is_none() { amount } else { 0 },
        "balance_transaction": balance,
        "billing_details": billing,
        "captured": decline.is_none(),
        "customer": work.field(intent, "/customer"),
        "description": work.field(intent, "/description"),
        "failure_code": of("code"), "failure_message": of("message"),
        "metadata": work.field(intent, "/metadata"),
        "outcome": outcome,
        "paid": decline.is_none(),
        "payment_intent": intent, "payment_method": method,
        "payment_method_details": details(work, method),
        "receipt_url": null,
        // Only there on request.
        "refunds": null,
        "shipping": null, "source": null, "transfer_data": null,
        "status": if decline.is_none() { "succeeded" } else { "failed" },
    });
    work.make("charge", &id, fields);
    id
}

fn succeed(work: &mut Work<'_>, intent: &str, charge: &str, method: &str) {
    work.tell("charge.succeeded", charge);
    let amount = work.number(intent, "/amount");
    let fields = json!({"status": "succeeded", "amount_received": amount, "latest_charge": charge,
        "last_payment_error": null, "payment_method": method});
    work.change(intent, fields);
    work.tell("payment_intent.succeeded", intent);
}

/// `charge.payment_method_details`
fn details(work: &Work<'_>, method: &str) -> Value {
    let of = |name: &str| work.field(method, name).clone();
    if of("/type") == BANK {
        let mut bank = of("/us_bank_account");
        for unknown in ["financial_connections_account", "networks", "status_details"] {
            bank.as_object_mut().and_then(|bank| bank.remove(unknown));
        }
        merge(&mut bank, json!({"mandate": null, "payment_reference": null}));
        return json!({"type": BANK, BANK: bank});
    }
    let mut details = work.public.object("charge", json!({}))["payment_method_details"].take();
    let mut card = details["card"].take();
    let own = json!({"brand": of("/card/brand"), "exp_month": of("/card/exp_month"),
        "exp_year": of("/card/exp_year"), "fingerprint": of("/card/fingerprint"),
        "last4": of("/card/last4"), "network": of("/card/brand"), "installments": null,
        "three_d_secure": null, "wallet": null});
    merge(&mut card, own);
    merge(&mut details, json!({"type": "card", "card": card}));
    details
}
