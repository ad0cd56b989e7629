//! Checks that objects are complete and that Stripe's own library can parse them.

use std::collections::BTreeSet;

use super::*;
use crate::store::ObjectStore;

/// Creates objects of every type.
fn create_everything() -> Simulation {
    let simulation = Simulation::start();
    let customer = simulation.create_customer();
    simulation
        .pay(&simulation.create_subscription_session(&customer), "4242 4242 4242 4242")
        .unwrap();
    let paid =
        simulation.pay(&simulation.create_top_up_session(&customer), "5555555555554444").unwrap();
    let intent = paid["payment_intent"].as_str().unwrap();
    simulation.post("/v1/refunds", &format!("payment_intent={intent}&amount=400"));
    simulation.pay(&simulation.create_top_up_session(&customer), "4000000000000259").unwrap();
    simulation.pay(&simulation.create_top_up_session(&customer), "us_bank_account").unwrap();
    simulation.pay(&simulation.create_top_up_session(&customer), "4000000000000002").unwrap_err();
    let set_up = simulation.create_session(&customer, "mode=setup&payment_method_types[0]=card");
    simulation.pay(&set_up, "4000000000000341").unwrap();
    simulation.create_top_up_session(&customer);
    let subscription = id(&simulation.get("/v1/subscriptions")["data"][0]);
    let from = format!("from_subscription={subscription}");
    simulation.post("/v1/subscription_schedules", &from);
    simulation.post(
        "/v1/billing_portal/sessions",
        &format!("customer={customer}&return_url=https://a.example"),
    );
    simulation
}

#[test]
fn every_object_has_all_fields_of_its_example() {
    let simulation = create_everything();
    let store = simulation.stripe.lock_store();
    let object_types = [
        "customer",
        "checkout.session",
        "subscription",
        "subscription_schedule",
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
    for object_type in object_types {
        let mut count = 0;
        for object in store.list(object_type) {
            count += 1;
            let fields: BTreeSet<_> = object.as_object().unwrap().keys().cloned().collect();
            let expected: BTreeSet<_> =
                simulation.stripe.description.field_names(object_type).into_iter().collect();
            let missing: Vec<_> = expected.difference(&fields).collect();
            assert!(missing.is_empty(), "{object_type}: {missing:?}");
            let text = object.to_string();
            // Placeholder values of Stripe's examples must not remain.
            for placeholder in
                ["1234567890", "obj_123", "1028554472", "Jenny", "jenny", "1555417355"]
            {
                assert!(!text.contains(placeholder), "{object_type}: {placeholder} in {text}");
            }
            assert!(!text.contains("zgkW"), "{object_type}: {text}");
        }
        assert!(count > 0, "{object_type}");
    }
}

#[test]
fn stripes_library_parses_every_object() {
    let simulation = create_everything();
    let store = simulation.stripe.lock_store();
    macro_rules! assert_parses {
        ($($object_type:literal as $type:ty),+ $(,)?) => {$(
            for object in store.list($object_type) {
                let text = object.to_string();
                miniserde::json::from_str::<$type>(&text)
                    .unwrap_or_else(|_| panic!("{}: {text}", $object_type));
            }
        )+};
    }
    assert_parses!(
        "customer" as stripe_shared::Customer,
        "checkout.session" as stripe_shared::CheckoutSession,
        "subscription" as stripe_shared::Subscription,
        "subscription_schedule" as stripe_shared::SubscriptionSchedule,
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
    for object in store.list("billing_portal.session") {
        let text = object.to_string();
        miniserde::json::from_str::<stripe_billing::BillingPortalSession>(&text).expect(&text);
    }
}

#[test]
fn stripes_library_parses_expanded_objects_and_lists() {
    let simulation = create_everything();
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
    let error = simulation.call("GET", "/v1/invoices", "expand[]=data.colour").unwrap_err();
    assert_eq!(error.message(), "This property cannot be expanded (data.colour).");
}

#[test]
fn stored_objects_can_be_loaded() {
    let simulation = create_everything();
    let store = simulation.stripe.lock_store();
    let stored = serde_json::to_string(&*store).unwrap();
    let loaded: ObjectStore = serde_json::from_str(&stored).unwrap();
    let loaded = loaded.with_index();
    assert_eq!(serde_json::to_string(&loaded).unwrap(), stored);
    let customer = store.list("customer").next().unwrap();
    assert_eq!(loaded.get("customer", customer["id"].as_str().unwrap()), Some(customer));
}
