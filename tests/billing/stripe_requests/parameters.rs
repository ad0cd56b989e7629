//! The parameters of each request to Stripe.

use serde_json::{Value, json};
use tests::billing_scenario::BillingScenario;

#[tokio::test]
async fn stripe_requests_have_exactly_the_expected_parameters() {
    let scenario = BillingScenario::run().await;
    let (client, customer) = (&scenario.client, &scenario.customer);
    let first = |function: &str| scenario.requests_of(function)[0].clone();
    let place = |function: &str| {
        let path = first(function)["path"].as_str().unwrap().to_owned();
        path.split('/')
            .nth(if function == "expire_checkout_session" { 4 } else { 3 })
            .unwrap()
            .to_owned()
    };
    let origin =
        first("create_portal_session")["parameters"]["return_url"].as_str().unwrap().to_owned();
    let (site, path) = origin.rsplit_once('/').unwrap();
    assert!(site.starts_with("http://localhost:") && path == "billing", "{origin}");
    let (success, cancel) = (format!("{origin}?session={{CHECKOUT_SESSION_ID}}"), origin);
    let metadata = json!({"client_id": client});
    let page = |mode: &str, more: Value| {
        let mut page = json!({"mode": mode, "customer": customer, "client_reference_id": client,
            "success_url": success, "cancel_url": cancel, "metadata": metadata});
        page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        page
    };
    let item = first("upgrade_subscription")["parameters"]["items"][0]["id"].clone();
    let price = json!({"currency": "usd", "unit_amount": "700", "product_data": {"name": "700 AIUS credits"}});
    let expected = [
        (
            "create_customer",
            json!({"email": "bills@example.com", "name": scenario.client_name, "metadata": metadata}),
        ),
        ("update_customer", json!({"name": "Engines", "email": scenario.second_email})),
        ("delete_customer", json!({})),
        (
            "create_subscription_session",
            page(
                "subscription",
                json!({
            "line_items": [{"price": "price_basic_monthly", "quantity": "1"}],
            "subscription_data": {"metadata": metadata}}),
            ),
        ),
        (
            "create_top_up_session",
            page(
                "payment",
                json!({
            "line_items": [{"price_data": price, "quantity": "1"}],
            "metadata": {"client_id": client, "credits": "700"},
            "payment_intent_data": {"metadata": metadata},
            "invoice_creation": {"enabled": "true"}}),
            ),
        ),
        ("create_setup_session", page("setup", json!({"currency": "usd"}))),
        ("retrieve_checkout_session", json!({})),
        ("expire_checkout_session", json!({})),
        ("retrieve_subscription", json!({"expand": ["latest_invoice", "schedule"]})),
        (
            "upgrade_subscription",
            json!({"items": [{"id": item, "price": "price_pro_monthly"}],
            "payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}),
        ),
        ("set_cancel_at_period_end", json!({"cancel_at_period_end": "true"})),
        ("release_schedule", json!({})),
        ("void_invoice", json!({})),
        (
            "preview_upgrade",
            json!({"subscription": place("upgrade_subscription"), "subscription_details": {
            "items": [{"id": item, "price": "price_pro_monthly"}],
            "proration_behavior": "always_invoice"}}),
        ),
        ("cancel_subscription", json!({})),
        ("retrieve_customer", json!({})),
        ("retrieve_invoice", json!({"expand": ["payments"]})),
        ("list_invoices", json!({"customer": customer, "limit": "50"})),
        (
            "list_subscription_invoices",
            json!({"subscription": place("cancel_subscription"), "limit": "10"}),
        ),
        ("retrieve_payment_method", json!({})),
        ("list_payment_methods", json!({"customer": customer, "limit": "1"})),
        ("create_portal_session", json!({"customer": customer, "return_url": cancel})),
        ("retrieve_charge", json!({})),
        ("retrieve_dispute", json!({})),
        ("retrieve_payment_intent", json!({})),
    ];
    for (function, parameters) in &expected {
        assert_eq!(first(function)["parameters"], *parameters, "{function}");
    }
    // These requests are about objects that Stripe has created.
    let again = &scenario.requests_of("list_payment_methods")[1]["parameters"];
    let card = again["starting_after"].as_str().unwrap();
    assert_eq!(*again, json!({"customer": customer, "limit": "1", "starting_after": card}));
    assert_eq!(place("detach_payment_method"), card);
    let sent =
        |function: &str, name: &str| first(function)["parameters"].pointer(name).cloned().unwrap();
    let kept = place("retrieve_payment_method");
    let expected = [
        ("detach_payment_method", json!({})),
        (
            "set_default_payment_method",
            json!({"invoice_settings": {"default_payment_method": kept}}),
        ),
        ("set_subscription_payment_method", json!({"default_payment_method": kept})),
    ];
    for (function, parameters) in expected {
        assert_eq!(first(function)["parameters"], parameters, "{function}");
    }
    let late = sent("find_checkout_session_of_payment", "/payment_intent");
    let expected = [
        ("find_checkout_session_of_payment", json!({"payment_intent": late, "limit": "1"})),
        ("list_refunds", json!({"charge": place("retrieve_charge"), "limit": "100"})),
    ];
    for (function, parameters) in expected {
        assert_eq!(first(function)["parameters"], parameters, "{function}");
    }
    let payment = sent("find_invoice_of_payment", "/payment/payment_intent");
    assert!(payment.as_str().unwrap().starts_with("pi_") && payment != late);
    let parameters =
        json!({"payment": {"type": "payment_intent", "payment_intent": payment}, "limit": "1"});
    assert_eq!(first("find_invoice_of_payment")["parameters"], parameters);
    let refunded = sent("refund_rest", "/payment_intent");
    assert_eq!(first("refund_rest")["parameters"], json!({"payment_intent": refunded}));

    // A downgrade begins when the period ends, and the schedule ends a day later.
    let created = first("create_schedule")["parameters"].clone();
    assert!(created["from_subscription"].as_str().unwrap().starts_with("sub_"), "{created}");
    let mut phases = first("schedule_price")["parameters"].clone();
    let end: i64 = phases["phases"][0]["end_date"].as_str().unwrap().parse().unwrap();
    let start = phases["phases"][0].as_object_mut().unwrap().remove("start_date").unwrap();
    assert!(start.as_str().unwrap().parse::<i64>().unwrap() < end);
    let phase = |plan: &str, end: i64| {
        json!({"items": [{"price": format!("price_{plan}_monthly"), "quantity": "1"}],
            "end_date": end.to_string(), "proration_behavior": "none"})
    };
    let expected = json!({"end_behavior": "release", "proration_behavior": "none",
        "phases": [phase("pro", end), phase("basic", end + 86_400)]});
    assert_eq!(phases, expected);

    // The requests of the daily reconciliation.
    let now: i64 = first("list_events")["at"].as_i64().unwrap();
    let days = |at: i64| (at - 3 * 86_400).to_string();
    let mut types = sent("list_events", "/types");
    types.as_array_mut().unwrap().sort_by_key(|kind| kind.as_str().unwrap().to_owned());
    assert!(types.as_array().unwrap().len() <= 20, "Stripe takes no more");
    assert_eq!(types.as_array().unwrap().len(), shared::billing::webhooks::EVENT_TYPES.len());
    let parameters = json!({"created": {"gte": days(now)}, "types": sent("list_events", "/types"), "limit": "100"});
    assert_eq!(first("list_events")["parameters"], parameters);
    let bounds = json!({"gte": days(now), "lt": (now - 3_600).to_string()});
    assert_eq!(
        first("list_payment_intents")["parameters"],
        json!({"created": bounds, "limit": "100"})
    );

    // A key names the operation and its object.
    let key = |function: &str| first(function)["idempotency_key"].as_str().unwrap().to_owned();
    for (function, begins) in [
        ("create_customer", format!("customer-{client}-0-")),
        ("create_subscription_session", "subscribe-".to_owned()),
        ("create_top_up_session", "topup-".to_owned()),
        ("create_setup_session", "setup-".to_owned()),
        ("create_portal_session", "portal-".to_owned()),
    ] {
        assert!(key(function).starts_with(&begins), "{}", key(function));
    }
    for (function, expected) in [
        ("expire_checkout_session", format!("expire-{}", place("expire_checkout_session"))),
        ("cancel_subscription", format!("cancel-{}", place("cancel_subscription"))),
        ("delete_customer", format!("delete-{}", place("delete_customer"))),
        ("refund_rest", format!("refund-{}", refunded.as_str().unwrap())),
    ] {
        // The key changes each hour, because Stripe replays even a failure for the same key.
        let hour = first(function)["at"].as_i64().unwrap() / 3_600;
        assert_eq!(key(function), format!("{expected}-{hour}"));
    }
}
