//! Paying a checkout session.

use serde_json::{Value, json};

use super::sessions::{build_customer_details, close};
use crate::billing::invoice_drafts::{self, NewInvoice};
use crate::billing::invoice_lines::{LineSource, NewInvoiceLine, build_line};
use crate::billing::payments::{self, NewPayment, PaymentOutcome, SessionUsage};
use crate::billing::subscription_lifecycle::{self, NewSubscription};
use crate::billing::{customers, invoices, payment_methods, test_cards};
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::store::CheckoutDetails;

/// A payment of a session with the customer and the payment method that were created for it.
struct SessionPayment<'p> {
    session: &'p str,
    customer: &'p str,
    method: &'p str,
    details: CheckoutDetails,
}

/// Pays an open session with a card number, or with `us_bank_account`.
///
/// # Errors
/// Fails with 404 if the session does not exist, with 400 if it is not open, and with 402 if the card is
/// declined.
pub(crate) fn pay(op: &mut Operation<'_>, id: &str, card: &str) -> ApiResult<Value> {
    let session = op.get_object("checkout.session", id, "id")?.clone();
    if session["status"] != "open" {
        return Err(ApiError::invalid_request("This Checkout Session is no longer open."));
    }
    let number = test_cards::normalize_number(card);
    if number.is_empty() {
        return Err(ApiError::card_error(
            "incomplete_number",
            None,
            "Your card number is incomplete.",
        ));
    }
    let details = op.store.checkout_details.get(id).cloned().unwrap_or_default();
    let customer = find_or_create_customer(op, &session)?;
    let method = payment_methods::create(op, &number, &session["customer_details"]["email"]);
    let payment = SessionPayment { session: id, customer: &customer, method: &method, details };
    match session["mode"].as_str() {
        Some("setup") => set_up_payment_method(op, payment)?,
        Some("subscription") => start_subscription(op, payment)?,
        _ => pay_once(op, payment)?,
    }
    op.emit_event("checkout.session.completed", id);
    Ok(op.get_object("checkout.session", id, "id")?.clone())
}

/// Returns the id of the session's customer, and creates a customer if it has none.
fn find_or_create_customer(op: &mut Operation<'_>, session: &Value) -> ApiResult<String> {
    if let Some(customer) = session["customer"].as_str() {
        customers::require_exists(op, customer, "customer")?;
        return Ok(customer.to_owned());
    }
    let email = session["customer_details"]["email"].as_str().unwrap_or("somebody@example.com");
    let customer = customers::create(op, "", &json!({"email": email}))?;
    let customer = customer["id"].as_str().unwrap_or_default().to_owned();
    let session = session["id"].as_str().unwrap_or_default();
    let customer_details = build_customer_details(email);
    op.update_object(session, json!({"customer": customer, "customer_details": customer_details}));
    Ok(customer)
}

/// Marks a session as complete.
fn complete(op: &mut Operation<'_>, id: &str, outcome: &PaymentOutcome) {
    let status = if let PaymentOutcome::Processing = outcome { "unpaid" } else { "paid" };
    close(op, id, json!({"status": "complete", "url": null, "payment_status": status}));
}

fn pay_once(op: &mut Operation<'_>, payment: SessionPayment<'_>) -> ApiResult<()> {
    let SessionPayment { session, customer, method, details } = payment;
    let payment = NewPayment {
        intent: op.field(session, "/payment_intent").as_str().map(str::to_owned),
        customer,
        method,
        amount: op.number(session, "/amount_total"),
        description: None,
        metadata: details.metadata,
        usage: SessionUsage::OnSession,
    };
    let (intent, outcome) = payments::pay(op, payment);
    op.update_object(session, json!({"payment_intent": intent}));
    if let PaymentOutcome::Declined(error) = outcome {
        return Err(error);
    }
    if let PaymentOutcome::Succeeded = outcome {
        create_invoice(op, session, &intent);
    }
    complete(op, session, &outcome);
    Ok(())
}

/// Creates the paid invoice of a one-time purchase, if the session requested one.
pub(crate) fn create_invoice(op: &mut Operation<'_>, session: &str, intent: &str) {
    if *op.field(session, "/invoice_creation/enabled") != true {
        return;
    }
    let items = op.store.checkout_details.get(session).cloned().unwrap_or_default().line_items;
    let to_invoice_line = |item: &Value| {
        let line = NewInvoiceLine {
            price: item["price"]["id"].as_str().unwrap_or_default(),
            quantity: item["quantity"].as_i64().unwrap_or_default(),
            amount: item["amount_total"].as_i64().unwrap_or_default(),
            description: item["description"].as_str().unwrap_or_default().to_owned(),
            period: (op.now, op.now),
            source: LineSource::OneTime,
        };
        build_line(op, line)
    };
    let lines = items.iter().map(to_invoice_line).collect();
    let customer = op.text(session, "/customer");
    let invoice = NewInvoice {
        customer: &customer,
        subscription: None,
        billing_reason: "manual",
        lines,
        period: (op.now, op.now),
    };
    let invoice = invoice_drafts::create_draft(op, invoice);
    invoices::finalize(op, &invoice);
    let due = op.number(&invoice, "/amount_due");
    invoices::create_invoice_payment(op, &invoice, intent, due);
    invoices::mark_paid(op, &invoice, Some(intent));
    op.update_object(session, json!({"invoice": invoice}));
}

fn start_subscription(op: &mut Operation<'_>, payment: SessionPayment<'_>) -> ApiResult<()> {
    let SessionPayment { session, customer, method, details } = payment;
    let number = op.store.card_numbers.get(method).cloned().unwrap_or_default();
    if test_cards::find_decline(&number, SessionUsage::OnSession).is_some() {
        // Stripe creates the subscription only after the first payment. A declined card leaves just the
        // failed payment behind.
        let payment = NewPayment {
            intent: None,
            customer,
            method,
            amount: op.number(session, "/amount_total"),
            description: Some("Subscription creation"),
            metadata: json!({}),
            usage: SessionUsage::OnSession,
        };
        let (_, outcome) = payments::pay(op, payment);
        return match outcome {
            PaymentOutcome::Declined(error) => Err(error),
            PaymentOutcome::Succeeded | PaymentOutcome::Processing => Ok(()),
        };
    }
    payment_methods::attach(op, method, customer);
    let Some(item) = details.line_items.first() else { return Ok(()) };
    let subscription = NewSubscription {
        customer,
        method,
        price: item["price"]["id"].as_str().unwrap_or_default(),
        quantity: item["quantity"].as_i64().unwrap_or_default(),
        metadata: details.metadata,
    };
    let started = subscription_lifecycle::start(op, subscription);
    let fields = json!({"subscription": started.id, "invoice": started.invoice});
    op.update_object(session, fields);
    complete(op, session, &started.outcome);
    Ok(())
}

/// Saves a payment method without charging it.
fn set_up_payment_method(op: &mut Operation<'_>, payment: SessionPayment<'_>) -> ApiResult<()> {
    let SessionPayment { session, customer, method, details } = payment;
    let number = op.store.card_numbers.get(method).cloned().unwrap_or_default();
    let intent = op.new_id("seti");
    let fields = json!({
        "automatic_payment_methods": null,
        "client_secret": format!("{intent}_secret_{}", op.random.identifier()),
        "customer": customer, "last_setup_error": null, "metadata": details.metadata,
        "next_action": null, "payment_method": method,
        "payment_method_configuration_details": null,
        "payment_method_types": [op.field(method, "/type")],
    });
    op.create_object("setup_intent", &intent, fields);
    op.emit_event("setup_intent.created", &intent);
    if let Some(error) = test_cards::find_decline(&number, SessionUsage::OnSession) {
        let fields = json!({"last_setup_error": error.fields, "payment_method": null});
        op.update_object(&intent, fields);
        op.emit_event("setup_intent.setup_failed", &intent);
        return Err(error);
    }
    payment_methods::attach(op, method, customer);
    op.update_object(&intent, json!({"status": "succeeded"}));
    op.emit_event("setup_intent.succeeded", &intent);
    close(op, session, json!({"status": "complete", "url": null, "setup_intent": intent}));
    Ok(())
}
