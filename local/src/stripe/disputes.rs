//! Disputes: a customer's bank takes a payment back, until it is decided.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::work::{Result, Work};

/// How long one may answer, in seconds.
const DUE: i64 = 9 * 86_400;

/// Opens one about a charge.
pub(super) fn open(work: &mut Work<'_>, charge: &str) {
    let id = work.id("du");
    let brand = work.field(charge, "/payment_method_details/card/brand").clone();
    let card = json!({"brand": brand, "case_type": "chargeback", "network_reason_code": "10.4",
        "network": brand});
    let fields = json!({
        "amount": work.number(charge, "/amount"),
        "charge": charge,
        "enhanced_eligibility_types": [],
        "evidence_details": {"due_by": work.now + DUE, "has_evidence": false, "past_due": false,
            "submission_count": 0, "enhanced_eligibility": {}},
        "is_charge_refundable": false,
        "metadata": {},
        "payment_intent": work.field(charge, "/payment_intent"),
        "payment_method_details": {"card": card, "type": "card"},
        "reason": "fraudulent",
        "status": "needs_response",
    });
    work.make("dispute", &id, fields);
    work.change(charge, json!({"disputed": true}));
    work.tell("charge.dispute.created", &id);
    work.tell("charge.dispute.funds_withdrawn", &id);
}

/// Decides one.
pub(super) fn close(work: &mut Work<'_>, id: &str, is_won: bool) -> Result<Value> {
    let status = work.get("dispute", id, "id")?["status"].clone();
    if status == "won" || status == "lost" {
        return Err(Refusal::invalid("This dispute is already closed"));
    }
    work.change(id, json!({"status": if is_won { "won" } else { "lost" }}));
    if is_won {
        work.tell("charge.dispute.funds_reinstated", id);
    }
    work.tell("charge.dispute.closed", id);
    Ok(work.get("dispute", id, "id")?.clone())
}
