//! The effects of payments, renewals, refunds and disputes in the local Stripe.

use serde_json::{Value, json};
use tests::stripe_simulator::{StripeFixture, assert_stripe_error};

#[tokio::test]
async fn a_paid_subscription_becomes_active_and_sends_events() {
    let stripe = StripeFixture::start().await;
    let customer = stripe.create_customer().await;
    let session = stripe.create_subscription_checkout(&customer).await;
    let declined = stripe.submit_card(&session, "4000000000000002").await.expect(402);
    assert_eq!(declined.json()["error"]["code"], "card_declined");
    let paid = stripe.submit_card(&session, "4242424242424242").await.expect(200);
    assert_eq!(paid.json(), json!({"status": "complete", "payment_status": "paid"}));
    stripe.submit_card(&session, "4242424242424242").await.expect(400);
    let session =
        stripe.get(&format!("checkout/sessions/{session}?expand[]=subscription")).await.json();
    assert_eq!(session["subscription"]["status"], "active");
    let events = stripe.get("events?limit=100").await.json();
    let mut made: Vec<_> =
        events["data"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    made.reverse();
    assert_eq!(made.last().unwrap(), "checkout.session.completed");
    let delivered = stripe.delivered_types().await;
    assert_eq!(delivered, made);
    for kind in [
        "charge.failed",
        "payment_method.attached",
        "customer.subscription.created",
        "invoice.paid",
    ] {
        assert_eq!(delivered.iter().filter(|each| *each == kind).count(), 1, "{kind}");
    }
    let some =
        stripe.get("events?types[]=invoice.paid&types[]=invoice.created&limit=1").await.json();
    assert_eq!(
        (&some["data"][0]["type"], &some["has_more"]),
        (&json!("invoice.paid"), &json!(true))
    );
    let after = some["data"][0]["id"].as_str().unwrap();
    let path =
        format!("events?types[]=invoice.paid&types[]=invoice.created&starting_after={after}");
    let rest = stripe.get(&path).await.json();
    assert_eq!(
        (&rest["data"][0]["type"], &rest["has_more"]),
        (&json!("invoice.created"), &json!(false))
    );
}

#[tokio::test]
async fn advancing_the_clock_renews_and_expires() {
    let stripe = StripeFixture::start().await;
    let customer = stripe.create_customer().await;
    let session = stripe.create_subscription_checkout(&customer).await;
    stripe.submit_card(&session, "4242424242424242").await.expect(200);
    let unpaid = stripe.create_payment_checkout(&customer).await;
    stripe.app.advance_clock(86_399).await;
    let path = format!("checkout/sessions/{unpaid}");
    assert_eq!(stripe.get(&path).await.json()["status"], "open");
    stripe.app.advance_clock(1).await;
    assert_eq!(stripe.get(&path).await.json()["status"], "expired");
    stripe.submit_card(&unpaid, "4242424242424242").await.expect(400);
    stripe.app.advance_clock_only(100 * 86_400).await;
    let invoices = stripe.get("invoices?status=paid").await.json();
    let reasons: Vec<_> = invoices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["billing_reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        ["subscription_cycle", "subscription_cycle", "subscription_cycle", "subscription_create"]
    );
    // Each invoice has the time of its period and not the time to which the clock advanced.
    let created: Vec<_> = invoices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["created"].as_i64().unwrap())
        .collect();
    assert!(
        created.windows(2).all(|pair| (28..=31).contains(&((pair[0] - pair[1]) / 86_400))),
        "{created:?}"
    );
    // Each event is sent at the time of its invoice.
    let log = stripe.visitor.get("/local/stripe/deliveries").await.json()["log"].clone();
    let mut sent: Vec<(&str, i64)> = Vec::new();
    for attempt in log.as_array().unwrap().iter().filter(|each| each["type"] == "invoice.paid") {
        let event = attempt["event"].as_str().unwrap();
        if !sent.iter().any(|(known, _)| *known == event) {
            sent.push((event, attempt["at"].as_i64().unwrap()));
        }
    }
    let paid_at = |invoice: &Value| invoice["status_transitions"]["paid_at"].as_i64().unwrap();
    let mut paid: Vec<_> = invoices["data"].as_array().unwrap().iter().map(paid_at).collect();
    paid.reverse();
    assert_eq!(sent.iter().map(|(_, at)| *at).collect::<Vec<_>>(), paid);
    let living = stripe.get(&format!("subscriptions?customer={customer}")).await.json();
    let subscription = living["data"][0]["id"].as_str().unwrap();
    stripe.delete(&format!("subscriptions/{subscription}")).await.expect(200);
    assert_stripe_error(
        &stripe.delete(&format!("subscriptions/{subscription}")).await,
        404,
        "resource_missing",
        "id",
    );
    let living = stripe.get(&format!("subscriptions?customer={customer}")).await.json();
    assert_eq!(living["data"], json!([]));
}

#[tokio::test]
async fn refunds_disputes_and_delayed_payments_work() {
    let stripe = StripeFixture::start().await;
    let customer = stripe.create_customer().await;
    let session = stripe.create_payment_checkout(&customer).await;
    let paid = stripe.submit_card(&session, "us_bank_account").await.expect(200);
    assert_eq!(paid.json(), json!({"status": "complete", "payment_status": "unpaid"}));
    let settled =
        stripe.control(&format!("checkout/{session}/settle"), json!({"succeeded": true})).await;
    assert_eq!(settled.expect(200).json()["payment_status"], "paid");
    stripe
        .control(&format!("checkout/{session}/settle"), json!({"succeeded": true}))
        .await
        .expect(400);
    let session =
        stripe.get(&format!("checkout/sessions/{session}?expand[]=invoice.payments")).await.json();
    assert_eq!(
        (&session["invoice"]["status"], &session["invoice"]["billing_reason"]),
        (&json!("paid"), &json!("manual"))
    );
    let intent = session["payment_intent"].as_str().unwrap();
    assert_eq!(session["invoice"]["payments"]["data"][0]["payment"]["payment_intent"], intent);
    let part =
        stripe.post("refunds", &format!("payment_intent={intent}&amount=1000")).await.expect(200);
    stripe.post("refunds", &format!("payment_intent={intent}&amount=1501")).await.expect(400);
    stripe.post("refunds", &format!("payment_intent={intent}")).await.expect(200);
    let gone = stripe.post("refunds", &format!("payment_intent={intent}")).await;
    assert_stripe_error(&gone, 400, "charge_already_refunded", "");
    let charge = part.json()["charge"].as_str().unwrap().to_owned();
    let refunds = stripe.get(&format!("refunds?charge={charge}")).await.json();
    let amounts: Vec<_> =
        refunds["data"].as_array().unwrap().iter().map(|each| each["amount"].clone()).collect();
    assert_eq!(amounts, [1500, 1000]);
    let charge = stripe.get(&format!("charges/{charge}")).await.json();
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(true), &json!(2500)));

    let disputed = stripe.create_payment_checkout(&customer).await;
    stripe.submit_card(&disputed, "4000000000000259").await.expect(200);
    let disputes = stripe.get("disputes").await.json();
    let dispute = disputes["data"][0]["id"].as_str().unwrap();
    let close = format!("disputes/{dispute}/close");
    assert_eq!(
        stripe.control(&close, json!({"status": "lost"})).await.expect(200).json()["status"],
        "lost"
    );
    stripe.control(&close, json!({"status": "won"})).await.expect(400);
    let delivered = stripe.delivered_types().await;
    for kind in [
        "checkout.session.async_payment_succeeded",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.closed",
    ] {
        assert!(delivered.iter().any(|each| each == kind), "{kind}");
    }
}
