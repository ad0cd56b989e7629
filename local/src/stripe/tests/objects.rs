//! Objects: whole, and as Stripe's own library takes them.

use std::collections::BTreeSet;

use super::*;
use crate::stripe::store::Store;

/// Everything that there can be.
fn everything() -> Simulation {
    let simulation = Simulation::start();
    let customer = simulation.customer();
    simulation.pay(&simulation.subscription(&customer), "4242 4242 4242 4242").unwrap();
    let paid = simulation.pay(&simulation.top_up(&customer), "5555555555554444").unwrap();
    let intent = paid["payment_intent"].as_str().unwrap();
    simulation.post("/v1/refunds", &format!("payment_intent={intent}&amount=400"));
    simulation.pay(&simulation.top_up(&customer), "4000000000000259").unwrap();
    simulation.pay(&simulation.top_up(&customer), "us_bank_account").unwrap();
    simulation.pay(&simulation.top_up(&customer), "4000000000000002").unwrap_err();
    let set_up = simulation.checkout(&customer, "mode=setup&payment_method_types[0]=card");
    simulation.pay(&set_up, "4000000000000341").unwrap();
    simulation.top_up(&customer);
    simulation.post(
        "/v1/billing_portal/sessions",
        &format!("customer={customer}&return_url=https://a.example"),
    );
    simulation
}

#[test]
fn every_object_has_all_fields_of_its_example() {
    let simulation = everything();
    let store = simulation.stripe.store();
    let kinds = [
        "customer",
        "checkout.session",
        "subscription",
        "invoice",
        "invoice_payment",
        "payment_intent",
        "charge",
        "refund",
        "dispute",
        "payment_method",
        "setup_intent",
        "billing_portal.session",
        "event",
        "price",
        "product",
    ];
    for kind in kinds {
        let mut count = 0;
        for object in store.all(kind) {
            count += 1;
            let fields: BTreeSet<_> = object.as_object().unwrap().keys().cloned().collect();
            let expected: BTreeSet<_> = simulation.stripe.public.fields(kind).into_iter().collect();
            let lacking: Vec<_> = expected.difference(&fields).collect();
            assert!(lacking.is_empty(), "{kind}: {lacking:?}");
            let text = object.to_string();
            // What the examples are filled with.
            for filler in ["1234567890", "obj_123", "1028554472", "Jenny", "jenny", "1555417355"] {
                assert!(!text.contains(filler), "{kind}: {filler} in {text}");
            }
            assert!(!text.contains("zgkW"), "{kind}: {text}");
        }
        assert!(count > 0, "{kind}");
    }
}

#[test]
fn stripe_s_library_takes_every_object() {
    let simulation = everything();
    let store = simulation.stripe.store();
    macro_rules! takes {
        ($($kind:literal as $type:ty),+ $(,)?) => {$(
            for object in store.all($kind) {
                let text = object.to_string();
                miniserde::json::from_str::<$type>(&text)
                    .unwrap_or_else(|_| panic!("{}: {text}", $kind));
            }
        )+};
    }
    takes!(
        "customer" as stripe_shared::Customer,
        "checkout.session" as stripe_shared::CheckoutSession,
        "subscription" as stripe_shared::Subscription,
        "invoice" as stripe_shared::Invoice,
        "invoice_payment" as stripe_shared::InvoicePayment,
        "payment_intent" as stripe_shared::PaymentIntent,
        "charge" as stripe_shared::Charge,
        "refund" as stripe_shared::Refund,
        "dispute" as stripe_shared::Dispute,
        "payment_method" as stripe_shared::PaymentMethod,
        "setup_intent" as stripe_shared::SetupIntent,
        "event" as stripe_shared::Event,
        "price" as stripe_shared::Price,
        "product" as stripe_shared::Product,
    );
    for object in store.all("billing_portal.session") {
        let text = object.to_string();
        miniserde::json::from_str::<stripe_billing::BillingPortalSession>(&text).expect(&text);
    }
}

#[test]
fn stripe_s_library_takes_what_is_expanded_and_listed() {
    let simulation = everything();
    let subscriptions = simulation.get("/v1/subscriptions?status=all&expand[]=data.latest_invoice");
    assert_eq!(subscriptions["data"][0]["latest_invoice"]["object"], "invoice");
    for subscription in subscriptions["data"].as_array().unwrap() {
        let text = subscription.to_string();
        miniserde::json::from_str::<stripe_shared::Subscription>(&text).unwrap();
    }
    let invoices = simulation.get("/v1/invoices?expand[]=data.payments");
    let intent = &invoices["data"][0]["payments"]["data"][0]["payment"]["payment_intent"];
    assert!(intent.as_str().unwrap().starts_with("pi_"), "{invoices}");
    for invoice in invoices["data"].as_array().unwrap() {
        miniserde::json::from_str::<stripe_shared::Invoice>(&invoice.to_string()).unwrap();
    }
    let refused = simulation.call("GET", "/v1/invoices", "expand[]=data.colour").unwrap_err();
    assert_eq!(refused.message(), "This property cannot be expanded (data.colour).");
}

#[test]
fn what_is_kept_is_found_again() {
    let simulation = everything();
    let store = simulation.stripe.store();
    let kept = serde_json::to_string(&*store).unwrap();
    let again: Store = serde_json::from_str(&kept).unwrap();
    let again = again.placed();
    assert_eq!(serde_json::to_string(&again).unwrap(), kept);
    let customer = store.all("customer").next().unwrap();
    assert_eq!(again.get("customer", customer["id"].as_str().unwrap()), Some(customer));
}
