//! Stripe's test cards. <https://docs.stripe.com/testing>

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::work::{Result, Work};

/// What stands for a bank account, whose payments take days.
pub(super) const BANK: &str = "us_bank_account";

/// Cards to try with, and what is special about them.
pub(super) const CARDS: [(&str, &str); 8] = [
    ("4242424242424242", "Visa, pays"),
    ("5555555555554444", "Mastercard, pays"),
    ("4000000000000002", "declined"),
    ("4000000000009995", "declined: insufficient funds"),
    ("4000000000000069", "declined: expired"),
    ("4000000000000341", "pays now, and no renewal"),
    ("4000000000000259", "pays, and the payment is disputed"),
    (BANK, "a bank account: pays later, or not"),
];

/// Whether somebody is there when a payment is made, or it is a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    On,
    Off,
}

/// The number without what people put between its digits.
pub(super) fn digits(card: &str) -> String {
    card.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Why a payment with a card is declined, if it is.
pub(super) fn decline(number: &str, session: Session) -> Option<Refusal> {
    let (code, decline, message) = match number {
        "4242424242424242" | "5555555555554444" | "4000000000000259" | BANK => return None,
        "4000000000000341" if session == Session::On => return None,
        "4000000000009995" => {
            ("card_declined", Some("insufficient_funds"), "Your card has insufficient funds.")
        }
        "4000000000000069" => ("expired_card", None, "Your card has expired."),
        "4000000000000002" | "4000000000000341" => {
            ("card_declined", Some("generic_decline"), "Your card was declined.")
        }
        _ => {
            let message = "Your card was declined. Your request was in test mode, but used a non test \
                card. For a list of valid test cards, visit: https://stripe.com/docs/testing.";
            ("card_declined", Some("test_mode_live_card"), message)
        }
    };
    Some(Refusal::declined(code, decline, message))
}

/// Whether payments with it end in a dispute.
pub(super) fn is_disputed(number: &str) -> bool {
    number == "4000000000000259"
}

/// `payment_method.card` of a number.
pub(super) fn card(work: &Work<'_>, number: &str) -> Value {
    let brand = if number.starts_with('5') { "mastercard" } else { "visa" };
    let mut card = work.public.object("payment_method", json!({}))["card"].take();
    super::public::merge(
        &mut card,
        json!({
            "brand": brand,
            "display_brand": brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": format!("local{number}"),
            "generated_from": null,
            "last4": number.get(number.len().saturating_sub(4)..),
            "networks": {"available": [brand], "preferred": null},
            "wallet": null,
        }),
    );
    card
}

/// Makes a payment method of a number; nobody's yet.
pub(super) fn make(work: &mut Work<'_>, number: &str, email: &Value) -> String {
    let id = work.id("pm");
    let address = json!({"city": null, "country": "US", "line1": null, "line2": null,
        "postal_code": null, "state": null});
    let details =
        json!({"address": address, "email": email, "name": null, "phone": null, "tax_id": null});
    let common = json!({"billing_details": details, "customer": null, "metadata": {}});
    work.make("payment_method", &id, common);
    let own = if number == BANK {
        json!({"type": BANK, "card": null, BANK: {
            "account_holder_type": "individual", "account_type": "checking",
            "bank_name": "STRIPE TEST BANK", "financial_connections_account": null,
            "fingerprint": "localbank", "last4": "6789", "networks": null,
            "routing_number": "110000000", "status_details": null}})
    } else {
        json!({"type": "card", "card": card(work, number)})
    };
    work.change(&id, own);
    work.store.cards.insert(id.clone(), number.to_owned());
    id
}

/// Gives a payment method to a customer.
pub(super) fn attach(work: &mut Work<'_>, id: &str, customer: &str) {
    work.change(id, json!({"customer": customer}));
    work.tell("payment_method.attached", id);
}

/// Takes a payment method from its customer, for good.
pub(super) fn detach(work: &mut Work<'_>, id: &str) -> Result<Value> {
    let customer = work.get("payment_method", id, "id")?["customer"].clone();
    let Some(customer) = customer.as_str() else {
        let message = "The payment method you provided is not attached to a customer so detachment is \
            impossible.";
        return Err(Refusal::invalid(message));
    };
    work.change(id, json!({"customer": null}));
    work.event("payment_method.detached", id, Some(json!({"customer": customer})));
    if work.field(customer, "/invoice_settings/default_payment_method") == id {
        super::customers::set_default(work, customer, None);
    }
    let theirs: Vec<_> = work.store.all("subscription").cloned().collect();
    for subscription in theirs.iter().filter(|each| each["default_payment_method"] == id) {
        let subscription = subscription["id"].as_str().unwrap_or_default();
        let fields = json!({"default_payment_method": null});
        work.change_and_tell("customer.subscription.updated", subscription, fields);
    }
    Ok(work.get("payment_method", id, "id")?.clone())
}
