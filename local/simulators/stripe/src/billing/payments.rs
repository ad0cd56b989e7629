//! Payment intents and their charges.

use serde_json::{Value, json};

use super::disputes;
pub(crate) use super::test_cards::SessionUsage;
use super::test_cards::{self, US_BANK_ACCOUNT};
use crate::description::merge_fields;
use crate::error::ApiError;
use crate::operation::Operation;

/// The parameters of a payment.
pub(crate) struct NewPayment<'p> {
    /// The payment intent of an earlier attempt, which is used again.
    pub(crate) intent: Option<String>,
    pub(crate) customer: &'p str,
    pub(crate) method: &'p str,
    pub(crate) amount: i64,
    pub(crate) description: Option<&'p str>,
    pub(crate) metadata: Value,
    pub(crate) usage: SessionUsage,
}

/// The outcome of a payment.
pub(crate) enum PaymentOutcome {
    /// The payment was captured.
    Succeeded,
    /// The payment waits for the bank to settle it.
    Processing,
    /// The payment was declined with this error.
    Declined(ApiError),
}

/// Charges a payment method. Returns the id of the payment intent and the outcome.
pub(crate) fn pay(op: &mut Operation<'_>, payment: NewPayment<'_>) -> (String, PaymentOutcome) {
    let number = op.store.card_numbers.get(payment.method).cloned().unwrap_or_default();
    let intent = create_or_reuse_intent(op, &payment);
    if number == US_BANK_ACCOUNT {
        let fields = json!({"status": "processing", "payment_method": payment.method});
        op.update_object(&intent, fields);
        op.emit_event("payment_intent.processing", &intent);
        return (intent, PaymentOutcome::Processing);
    }
    let decline = test_cards::find_decline(&number, payment.usage);
    let charge = create_charge(op, &intent, payment.method, decline.as_ref());
    if let Some(mut error) = decline {
        error.fields.insert("charge".to_owned(), charge.clone().into());
        mark_failed(op, &intent, &charge, &error);
        return (intent, PaymentOutcome::Declined(error));
    }
    mark_succeeded(op, &intent, &charge, payment.method);
    if test_cards::is_disputed(&number) {
        disputes::open(op, &charge);
    }
    (intent, PaymentOutcome::Succeeded)
}

/// Settles a payment intent that is processing: the bank pays or refuses.
pub(crate) fn settle(op: &mut Operation<'_>, intent: &str, succeeded: bool) {
    let method = op.text(intent, "/payment_method");
    let error = (!succeeded).then(|| {
        let message = "The customer's bank account could not be located.";
        ApiError::card_error("payment_intent_payment_attempt_failed", None, message)
    });
    let charge = create_charge(op, intent, &method, error.as_ref());
    match error {
        None => mark_succeeded(op, intent, &charge, &method),
        Some(error) => mark_failed(op, intent, &charge, &error),
    }
}

/// Returns the payment intent of an earlier attempt, or creates one.
fn create_or_reuse_intent(op: &mut Operation<'_>, payment: &NewPayment<'_>) -> String {
    if let Some(intent) = &payment.intent {
        return intent.clone();
    }
    let id = op.new_id("pi");
    let method_type = op.field(payment.method, "/type").clone();
    op.create_object(
        "payment_intent",
        &id,
        json!({
            "amount": payment.amount, "automatic_payment_methods": null, "canceled_at": null,
            "client_secret": format!("{id}_secret_{}", op.random.identifier()),
            "customer": payment.customer, "description": payment.description,
            "last_payment_error": null, "managed_payments": null, "metadata": payment.metadata,
            "next_action": null, "payment_method_configuration_details": null,
            "payment_method_options": {}, "payment_method_types": [method_type],
            "processing": null, "shipping": null, "transfer_data": null,
        }),
    );
    op.emit_event("payment_intent.created", &id);
    id
}

/// Creates the charge of a payment intent. `decline` is the error of a failed charge.
fn create_charge(
    op: &mut Operation<'_>,
    intent: &str,
    method: &str,
    decline: Option<&ApiError>,
) -> String {
    let id = op.new_id("ch");
    let decline_field = |name: &str| {
        decline.and_then(|decline| decline.fields.get(name)).cloned().unwrap_or_default()
    };
    let outcome = match decline {
        None => {
            json!({"advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
            "seller_message": "Payment complete.", "type": "authorized"})
        }
        Some(_) => {
            json!({"advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "declined_by_network", "reason": decline_field("decline_code"),
            "risk_level": "normal", "seller_message": decline_field("message"),
            "type": "issuer_declined"})
        }
    };
    let is_paid = decline.is_none();
    let amount = op.number(intent, "/amount");
    let balance_transaction = is_paid.then(|| op.new_id("txn"));
    let billing_details = op.field(method, "/billing_details").clone();
    let fields = json!({
        "amount": amount,
        "amount_captured": if is_paid { amount } else { 0 },
        "balance_transaction": balance_transaction,
        "billing_details": billing_details,
        "captured": is_paid,
        "customer": op.field(intent, "/customer"),
        "description": op.field(intent, "/description"),
        "failure_code": decline_field("code"), "failure_message": decline_field("message"),
        "metadata": op.field(intent, "/metadata"),
        "outcome": outcome,
        "paid": is_paid,
        "payment_intent": intent, "payment_method": method,
        "payment_method_details": build_method_details(op, method),
        "receipt_url": null,
        // Stripe includes refunds only if they are expanded.
        "refunds": null,
        "shipping": null, "source": null, "transfer_data": null,
        "status": if is_paid { "succeeded" } else { "failed" },
    });
    op.create_object("charge", &id, fields);
    id
}

fn mark_succeeded(op: &mut Operation<'_>, intent: &str, charge: &str, method: &str) {
    op.emit_event("charge.succeeded", charge);
    let amount = op.number(intent, "/amount");
    let fields = json!({"status": "succeeded", "amount_received": amount, "latest_charge": charge,
        "last_payment_error": null, "payment_method": method});
    op.update_object(intent, fields);
    op.emit_event("payment_intent.succeeded", intent);
}

fn mark_failed(op: &mut Operation<'_>, intent: &str, charge: &str, error: &ApiError) {
    op.emit_event("charge.failed", charge);
    let fields = json!({"status": "requires_payment_method", "payment_method": null,
        "latest_charge": charge, "last_payment_error": error.fields});
    op.update_object(intent, fields);
    op.emit_event("payment_intent.payment_failed", intent);
}

/// Builds the `payment_method_details` field of a charge.
fn build_method_details(op: &Operation<'_>, method: &str) -> Value {
    let field = |pointer: &str| op.field(method, pointer).clone();
    if field("/type") == US_BANK_ACCOUNT {
        let mut bank = field("/us_bank_account");
        for absent in ["financial_connections_account", "networks", "status_details"] {
            bank.as_object_mut().and_then(|bank| bank.remove(absent));
        }
        merge_fields(&mut bank, json!({"mandate": null, "payment_reference": null}));
        return json!({"type": US_BANK_ACCOUNT, US_BANK_ACCOUNT: bank});
    }
    let mut details =
        op.description.build_object("charge", json!({}))["payment_method_details"].take();
    let mut card = details["card"].take();
    let card_fields = json!({"brand": field("/card/brand"), "exp_month": field("/card/exp_month"),
        "exp_year": field("/card/exp_year"), "fingerprint": field("/card/fingerprint"),
        "last4": field("/card/last4"), "network": field("/card/brand"), "installments": null,
        "three_d_secure": null, "wallet": null});
    merge_fields(&mut card, card_fields);
    merge_fields(&mut details, json!({"type": "card", "card": card}));
    details
}
