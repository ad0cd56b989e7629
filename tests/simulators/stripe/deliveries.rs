//! The webhook deliveries of the local Stripe.

use serde_json::json;
use tests::stripe_simulator::StripeFixture;

#[tokio::test]
async fn deliveries_are_held_and_repeated_on_request() {
    let stripe = StripeFixture::start().await;
    stripe.control("deliveries", json!({"mode": "hold"})).await.expect(200);
    let customer = stripe.create_customer().await;
    stripe.post(&format!("customers/{customer}"), "name=Ada").await.expect(200);
    assert_eq!(stripe.delivered_types().await, Vec::<String>::new());
    let held = stripe.visitor.get("/local/stripe/deliveries").await.json()["held"].clone();
    let of = |at: usize| held[at]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&held[0]["type"], &held[1]["type"]),
        (&json!("customer.created"), &json!("customer.updated"))
    );
    let flushed =
        stripe.control("deliveries/flush", json!({"order": [of(1), of(0)]})).await.expect(200);
    assert_eq!(flushed.json()["data"][0]["event"], of(1));
    assert!(flushed.json()["data"][0]["status"].is_u64(), "{}", flushed.text);
    assert_eq!(stripe.delivered_types().await, ["customer.updated", "customer.created"]);
    let sent = stripe
        .control("deliveries/send", json!({"event": of(0), "times": 20, "new_ids": true}))
        .await;
    let sent = sent.expect(200).json();
    let mut ids: Vec<_> = sent["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["event"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    assert_eq!(
        stripe.get(&format!("events/{}", ids[0])).await.expect(200).json()["type"],
        "customer.created"
    );
    stripe.control("deliveries/send", json!({"event": "evt_none"})).await.expect(404);
}
