//! Refunds.

use serde_json::{Value, json};

use super::parameters::{metadata, number, text};
use super::refusal::Refusal;
use super::work::{Result, Work};

/// What creating one takes.
pub(super) const CREATE: &[&str] = &["charge", "payment_intent", "amount", "reason", "metadata"];

/// `POST /v1/refunds`: all that is left of a payment, or a part.
pub(super) fn create(work: &mut Work<'_>, _: &str, sent: &Value) -> Result<Value> {
    let charge = charge(work, sent)?;
    let of = |name: &str| work.number(&charge, name);
    let left = of("/amount_captured") - of("/amount_refunded");
    if left == 0 {
        let message = format!("Charge {charge} has already been refunded.");
        return Err(Refusal::invalid(message).with_code("charge_already_refunded"));
    }
    if *work.field(&charge, "/disputed") == true && is_disputed(work, &charge) {
        let message = format!("Charge {charge} has been charged back; cannot issue a refund.");
        return Err(Refusal::invalid(message).with_code("charge_disputed"));
    }
    let amount = number(sent, "/amount").unwrap_or(left);
    if amount < 1 {
        let refusal = Refusal::invalid("Invalid positive integer");
        return Err(refusal.with_code("parameter_invalid_integer").with_param("amount"));
    }
    if amount > left {
        let message = format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        );
        return Err(Refusal::invalid(message).with_param("amount"));
    }
    let id = work.id("re");
    let fields = json!({
        "amount": amount, "charge": charge, "metadata": metadata(sent, "/metadata"),
        "balance_transaction": work.id("txn"),
        "destination_details": {"card": {"type": "refund", "reference_status": "pending",
            "reference_type": "acquirer_reference_number"}, "type": "card"},
        "payment_intent": work.field(&charge, "/payment_intent"),
        "payment_method": work.field(&charge, "/payment_method"),
        "customer": work.field(&charge, "/customer"),
        "reason": text(sent, "/reason"), "status": "succeeded",
    });
    work.make("refund", &id, fields);
    let captured = work.number(&charge, "/amount_captured");
    let refunded = captured - left + amount;
    let made = work.field(&id, "").clone();
    let changes = json!({"amount_refunded": refunded, "refunded": refunded == captured});
    let previous = work.change(&charge, changes);
    work.tell("refund.created", &id);
    work.event("charge.refunded", &charge, Some(previous));
    Ok(made)
}

fn is_disputed(work: &Work<'_>, charge: &str) -> bool {
    let is_won = |dispute: &Value| dispute["status"] == "won";
    work.store.all("dispute").any(|dispute| dispute["charge"] == charge && !is_won(dispute))
}

/// The charge that is to be refunded.
fn charge(work: &Work<'_>, sent: &Value) -> Result<String> {
    if let Some(charge) = text(sent, "/charge") {
        let found = work.get("charge", charge, "charge")?;
        if found["paid"] != true {
            return Err(Refusal::invalid(format!("Charge {charge} has not been captured.")));
        }
        return Ok(charge.to_owned());
    }
    let Some(intent) = text(sent, "/payment_intent") else {
        let message = "One of the following params should be provided for this request: payment_intent \
            or charge.";
        return Err(Refusal::invalid(message));
    };
    let found = work.get("payment_intent", intent, "payment_intent")?;
    match found["latest_charge"].as_str().filter(|_| found["status"] == "succeeded") {
        Some(charge) => Ok(charge.to_owned()),
        None => {
            let message = format!(
                "This PaymentIntent ({intent}) does not have a successful charge to refund."
            );
            Err(Refusal::invalid(message).with_param("payment_intent"))
        }
    }
}
