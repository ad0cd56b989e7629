//! Settling bank payments of checkout sessions.

use serde_json::{Value, json};

use super::payment;
use crate::billing::test_cards::US_BANK_ACCOUNT;
use crate::billing::{invoices, payments};
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;

/// Settles the bank payment of a session: the bank pays or refuses.
///
/// # Errors
/// Fails with 404 if the session does not exist, and with 400 if it has no payment in processing.
pub(crate) fn settle(op: &mut Operation<'_>, id: &str, succeeded: bool) -> ApiResult<Value> {
    let session = op.get_object("checkout.session", id, "id")?.clone();
    let invoice = session["invoice"].as_str().map(str::to_owned);
    let own_intent = session["payment_intent"].as_str().map(str::to_owned);
    let payment = invoice.as_ref().and_then(|invoice| invoices::find_invoice_payment(op, invoice));
    let intent =
        own_intent.or_else(|| payment.map(|payment| op.text(&payment, "/payment/payment_intent")));
    let processing = intent.filter(|intent| op.text(intent, "/status") == "processing");
    let Some(intent) = processing else {
        let message = format!("This session has no {US_BANK_ACCOUNT} payment in processing.");
        return Err(ApiError::invalid_request(message));
    };
    payments::settle(op, &intent, succeeded);
    match (succeeded, invoice) {
        (true, Some(invoice)) => invoices::mark_paid(op, &invoice, Some(&intent)),
        (true, None) => payment::create_invoice(op, id, &intent),
        // The settlement is the outcome of an earlier attempt, not an attempt of its own.
        (false, Some(invoice)) => invoices::mark_attempt_failed(op, &invoice),
        (false, None) => {}
    }
    if succeeded {
        op.update_object(id, json!({"payment_status": "paid"}));
        op.emit_event("checkout.session.async_payment_succeeded", id);
    } else {
        op.emit_event("checkout.session.async_payment_failed", id);
    }
    Ok(op.get_object("checkout.session", id, "id")?.clone())
}
