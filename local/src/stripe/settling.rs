//! Payments that take days, when they are decided.

use serde_json::{Value, json};

use super::cards::BANK;
use super::refusal::Refusal;
use super::work::{Result, Work};
use super::{invoices, paying, payments};

/// A bank has decided about a payment that took days.
pub(super) fn settle(work: &mut Work<'_>, id: &str, succeeded: bool) -> Result<Value> {
    let session = work.get("checkout.session", id, "id")?.clone();
    let invoice = session["invoice"].as_str().map(str::to_owned);
    let own = session["payment_intent"].as_str().map(str::to_owned);
    let payment = invoice.as_ref().and_then(|invoice| invoices::payment_of(work, invoice));
    let intent =
        own.or_else(|| payment.map(|payment| work.text(&payment, "/payment/payment_intent")));
    let processing = intent.filter(|intent| work.text(intent, "/status") == "processing");
    let Some(intent) = processing else {
        let message = format!("No payment with {BANK} is under way here.");
        return Err(Refusal::invalid(message));
    };
    payments::settle(work, &intent, succeeded);
    match (succeeded, invoice) {
        (true, Some(invoice)) => invoices::paid(work, &invoice, Some(&intent)),
        (true, None) => paying::invoice(work, id, &intent),
        // Not another attempt: the one that was made turned out this way.
        (false, Some(invoice)) => invoices::failed(work, &invoice),
        (false, None) => {}
    }
    if succeeded {
        work.change(id, json!({"payment_status": "paid"}));
        work.tell("checkout.session.async_payment_succeeded", id);
    } else {
        work.tell("checkout.session.async_payment_failed", id);
    }
    Ok(work.get("checkout.session", id, "id")?.clone())
}
