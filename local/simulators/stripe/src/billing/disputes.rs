//! Opens and closes disputes of charges.

use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;

/// The time in seconds in which an account may respond to a dispute.
const RESPONSE_TIMEOUT: i64 = 9 * 86_400;

/// Opens a dispute of a charge.
pub(crate) fn open(op: &mut Operation<'_>, charge: &str) {
    let id = op.new_id("du");
    let brand = op.field(charge, "/payment_method_details/card/brand").clone();
    let card = json!({"brand": brand, "case_type": "chargeback", "network_reason_code": "10.4",
        "network": brand});
    let fields = json!({
        "amount": op.number(charge, "/amount"),
        "charge": charge,
        "enhanced_eligibility_types": [],
        "evidence_details": {"due_by": op.now + RESPONSE_TIMEOUT, "has_evidence": false,
            "past_due": false, "submission_count": 0, "enhanced_eligibility": {}},
        "is_charge_refundable": false,
        "metadata": {},
        "payment_intent": op.field(charge, "/payment_intent"),
        "payment_method_details": {"card": card, "type": "card"},
        "reason": "fraudulent",
        "status": "needs_response",
    });
    op.create_object("dispute", &id, fields);
    op.update_object(charge, json!({"disputed": true}));
    op.emit_event("charge.dispute.created", &id);
    op.emit_event("charge.dispute.funds_withdrawn", &id);
}

/// Closes a dispute as won or lost.
///
/// # Errors
/// Fails with 404 if the dispute does not exist, and with 400 if it is closed.
pub(crate) fn close(op: &mut Operation<'_>, id: &str, is_won: bool) -> ApiResult<Value> {
    let status = op.get_object("dispute", id, "id")?["status"].clone();
    if status == "won" || status == "lost" {
        return Err(ApiError::invalid_request("This dispute is already closed"));
    }
    op.update_object(id, json!({"status": if is_won { "won" } else { "lost" }}));
    if is_won {
        op.emit_event("charge.dispute.funds_reinstated", id);
    }
    op.emit_event("charge.dispute.closed", id);
    Ok(op.get_object("dispute", id, "id")?.clone())
}
