//! Refunds charges, in full or in part.

use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::{metadata, number, text};

/// The supported parameters for creating a refund.
pub(crate) const CREATE_PARAMETERS: &[&str] =
    &["charge", "payment_intent", "amount", "reason", "metadata"];

/// `POST /v1/refunds`
///
/// Refunds `amount` of a charge, or all that is left of it.
///
/// # Errors
/// Fails with 400 if the charge is not paid, is fully refunded or is disputed, or if the amount is not
/// between 1 and what is left.
pub(crate) fn create(op: &mut Operation<'_>, _: &str, parameters: &Value) -> ApiResult<Value> {
    let charge = find_charge(op, parameters)?;
    let left = op.number(&charge, "/amount_captured") - op.number(&charge, "/amount_refunded");
    if left == 0 {
        let message = format!("Charge {charge} has already been refunded.");
        return Err(ApiError::invalid_request(message).with_code("charge_already_refunded"));
    }
    if *op.field(&charge, "/disputed") == true && has_unwon_dispute(op, &charge) {
        let message = format!("Charge {charge} has been charged back; cannot issue a refund.");
        return Err(ApiError::invalid_request(message).with_code("charge_disputed"));
    }
    let amount = number(parameters, "/amount").unwrap_or(left);
    if amount < 1 {
        let error = ApiError::invalid_request("Invalid positive integer");
        return Err(error.with_code("parameter_invalid_integer").with_param("amount"));
    }
    if amount > left {
        let message = format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        );
        return Err(ApiError::invalid_request(message).with_param("amount"));
    }
    let id = op.new_id("re");
    let fields = json!({
        "amount": amount, "charge": charge, "metadata": metadata(parameters, "/metadata"),
        "balance_transaction": op.new_id("txn"),
        "destination_details": {"card": {"type": "refund", "reference_status": "pending",
            "reference_type": "acquirer_reference_number"}, "type": "card"},
        "payment_intent": op.field(&charge, "/payment_intent"),
        "payment_method": op.field(&charge, "/payment_method"),
        "customer": op.field(&charge, "/customer"),
        "reason": text(parameters, "/reason"), "status": "succeeded",
    });
    op.create_object("refund", &id, fields);
    let captured = op.number(&charge, "/amount_captured");
    let refunded = captured - left + amount;
    let refund = op.field(&id, "").clone();
    let changes = json!({"amount_refunded": refunded, "refunded": refunded == captured});
    let previous = op.update_object(&charge, changes);
    op.emit_event("refund.created", &id);
    op.emit_event_with_previous("charge.refunded", &charge, Some(previous));
    Ok(refund)
}

/// Returns whether a dispute of the charge is open or lost.
fn has_unwon_dispute(op: &Operation<'_>, charge: &str) -> bool {
    let is_won = |dispute: &Value| dispute["status"] == "won";
    op.store.list("dispute").any(|dispute| dispute["charge"] == charge && !is_won(dispute))
}

/// Returns the id of the charge to refund.
///
/// # Errors
/// Fails with 400 if the parameters name no paid charge.
fn find_charge(op: &Operation<'_>, parameters: &Value) -> ApiResult<String> {
    if let Some(charge) = text(parameters, "/charge") {
        let found = op.get_object("charge", charge, "charge")?;
        if found["paid"] != true {
            let message = format!("Charge {charge} has not been captured.");
            return Err(ApiError::invalid_request(message));
        }
        return Ok(charge.to_owned());
    }
    let Some(intent) = text(parameters, "/payment_intent") else {
        let message = "One of the following params should be provided for this request: payment_intent \
            or charge.";
        return Err(ApiError::invalid_request(message));
    };
    let found = op.get_object("payment_intent", intent, "payment_intent")?;
    match found["latest_charge"].as_str().filter(|_| found["status"] == "succeeded") {
        Some(charge) => Ok(charge.to_owned()),
        None => {
            let message = format!(
                "This PaymentIntent ({intent}) does not have a successful charge to refund."
            );
            Err(ApiError::invalid_request(message).with_param("payment_intent"))
        }
    }
}
