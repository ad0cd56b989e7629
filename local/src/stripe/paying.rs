//! Checkout sessions when somebody pays.

use serde_json::{Value, json};

use super::cards::{self, Session};
use super::checkout::{close, details};
use super::drafts::{self, Draft};
use super::lines::{self, Line, Of};
use super::payments::{self, Paid, Payment};
use super::refusal::Refusal;
use super::store::Order;
use super::work::{Result, Work};
use super::{customers, invoices, subscriptions};

/// Pays with a card's number, or what stands for a bank account.
pub(super) fn pay(work: &mut Work<'_>, id: &str, card: &str) -> Result<Value> {
    let session = work.get("checkout.session", id, "id")?.clone();
    if session["status"] != "open" {
        return Err(Refusal::invalid("This Checkout Session is no longer open."));
    }
    let number = cards::digits(card);
    if number.is_empty() {
        return Err(Refusal::declined(
            "incomplete_number",
            None,
            "Your card number is incomplete.",
        ));
    }
    let order = work.store.orders.get(id).cloned().unwrap_or_default();
    let customer = customer(work, &session)?;
    let method = cards::make(work, &number, &session["customer_details"]["email"]);
    match session["mode"].as_str() {
        Some("setup") => set_up(work, id, &customer, &method, order)?,
        Some("subscription") => subscribe(work, id, &customer, &method, order)?,
        _ => pay_once(work, id, &customer, &method, order)?,
    }
    work.tell("checkout.session.completed", id);
    Ok(work.get("checkout.session", id, "id")?.clone())
}

/// The session's customer; a new one where it has none.
fn customer(work: &mut Work<'_>, session: &Value) -> Result<String> {
    if let Some(customer) = session["customer"].as_str() {
        customers::living(work, customer, "customer")?;
        return Ok(customer.to_owned());
    }
    let email = session["customer_details"]["email"].as_str().unwrap_or("somebody@example.com");
    let customer = customers::create(work, "", &json!({"email": email}))?;
    let customer = customer["id"].as_str().unwrap_or_default().to_owned();
    let session = session["id"].as_str().unwrap_or_default();
    work.change(session, json!({"customer": customer, "customer_details": details(email)}));
    Ok(customer)
}

fn complete(work: &mut Work<'_>, id: &str, paid: &Paid) {
    let status = if let Paid::Processing = paid { "unpaid" } else { "paid" };
    close(work, id, json!({"status": "complete", "url": null, "payment_status": status}));
}

fn pay_once(
    work: &mut Work<'_>,
    id: &str,
    customer: &str,
    method: &str,
    order: Order,
) -> Result<()> {
    let payment = Payment {
        intent: work.field(id, "/payment_intent").as_str().map(str::to_owned),
        customer,
        method,
        amount: work.number(id, "/amount_total"),
        description: None,
        metadata: order.metadata,
        session: Session::On,
    };
    let (intent, outcome) = payments::pay(work, payment);
    work.change(id, json!({"payment_intent": intent}));
    if let Paid::Declined(refusal) = outcome {
        return Err(refusal);
    }
    if let Paid::Succeeded = outcome {
        invoice(work, id, &intent);
    }
    complete(work, id, &outcome);
    Ok(())
}

/// The invoice of what was bought once, where one was asked for.
pub(super) fn invoice(work: &mut Work<'_>, id: &str, intent: &str) {
    if *work.field(id, "/invoice_creation/enabled") != true {
        return;
    }
    let items = work.store.orders.get(id).cloned().unwrap_or_default().lines;
    let line = |item: &Value| {
        let line = Line {
            price: item["price"]["id"].as_str().unwrap_or_default(),
            quantity: item["quantity"].as_i64().unwrap_or_default(),
            amount: item["amount_total"].as_i64().unwrap_or_default(),
            description: item["description"].as_str().unwrap_or_default().to_owned(),
            period: (work.now, work.now),
            of: Of::Payment,
        };
        lines::line(work, line)
    };
    let lines = items.iter().map(line).collect();
    let (customer, period) = (work.text(id, "/customer"), (work.now, work.now));
    let draft = Draft { customer: &customer, subscription: None, reason: "manual", lines, period };
    let invoice = drafts::draft(work, draft);
    invoices::finalize_as_it_is(work, &invoice);
    let due = work.number(&invoice, "/amount_due");
    invoices::record(work, &invoice, intent, due);
    invoices::paid(work, &invoice, Some(intent));
    work.change(id, json!({"invoice": invoice}));
}

fn subscribe(
    work: &mut Work<'_>,
    id: &str,
    customer: &str,
    method: &str,
    order: Order,
) -> Result<()> {
    let number = work.store.cards.get(method).cloned().unwrap_or_default();
    if cards::decline(&number, Session::On).is_some() {
        // Nothing begins before the first payment; what remains is the attempt.
        let payment = Payment {
            intent: None,
            customer,
            method,
            amount: work.number(id, "/amount_total"),
            description: Some("Subscription creation"),
            metadata: json!({}),
            session: Session::On,
        };
        let (_, outcome) = payments::pay(work, payment);
        return match outcome {
            Paid::Declined(refusal) => Err(refusal),
            Paid::Succeeded | Paid::Processing => Ok(()),
        };
    }
    cards::attach(work, method, customer);
    let Some(item) = order.lines.first() else { return Ok(()) };
    let price = item["price"]["id"].as_str().unwrap_or_default();
    let quantity = item["quantity"].as_i64().unwrap_or_default();
    let (subscription, invoice, outcome) =
        subscriptions::start(work, customer, method, (price, quantity), order.metadata);
    work.change(id, json!({"subscription": subscription, "invoice": invoice}));
    complete(work, id, &outcome);
    Ok(())
}

fn set_up(work: &mut Work<'_>, id: &str, customer: &str, method: &str, order: Order) -> Result<()> {
    let number = work.store.cards.get(method).cloned().unwrap_or_default();
    let intent = work.id("seti");
    let fields = json!({
        "automatic_payment_methods": null, "client_secret": format!("{intent}_secret_{}", work.random.identifier()),
        "customer": customer, "last_setup_error": null, "metadata": order.metadata, "next_action": null,
        "payment_method": method, "payment_method_configuration_details": null,
        "payment_method_types": [work.field(method, "/type")],
    });
    work.make("setup_intent", &intent, fields);
    work.tell("setup_intent.created", &intent);
    if let Some(refusal) = cards::decline(&number, Session::On) {
        work.change(&intent, json!({"last_setup_error": refusal.error, "payment_method": null}));
        work.tell("setup_intent.setup_failed", &intent);
        return Err(refusal);
    }
    cards::attach(work, method, customer);
    work.change(&intent, json!({"status": "succeeded"}));
    work.tell("setup_intent.succeeded", &intent);
    close(work, id, json!({"status": "complete", "url": null, "setup_intent": intent}));
    Ok(())
}
