//! Changes of plan at once, and beside the webhooks.

use serde_json::json;
use tests::billing::BillingFixture;
use tests::{CARD, price, race};

#[tokio::test]
async fn two_upgrades_at_once_are_paid_once() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    let path = fixture.subscription_path("change");
    let replies = race(4, |_| {
        let (visitor, path) = (fixture.ada.visitor.clone(), path.clone());
        async move { visitor.post(&path, json!({"price_id": price("pro")})).await }
    })
    .await;
    assert!(replies.iter().any(|reply| reply.status == 200));
    assert!(replies.iter().all(|reply| [200, 503].contains(&reply.status)), "{replies:?}");
    fixture.app.set_webhook_delivery("normal").await;
    let invoices = fixture.invoices_at_stripe().await;
    let paid: Vec<_> = invoices.iter().map(|invoice| invoice["amount_paid"].clone()).collect();
    assert_eq!(paid, [json!(15_000), json!(5_000)]);
    assert_eq!(fixture.credits().await["quota"]["remaining"], 20_000);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn changes_and_cancellations_at_once_agree_with_stripe() {
    let fixture = BillingFixture::subscribed("pro", CARD).await;
    for _ in 0..3 {
        let calls = ["change", "cancel", "resume", "change"];
        let replies = race(calls.len(), |number| {
            let path = fixture.subscription_path(calls[number]);
            let plan = if number == 0 { "basic" } else { "pro" };
            let visitor = fixture.ada.visitor.clone();
            async move { visitor.post(&path, json!({"price_id": price(plan)})).await }
        })
        .await;
        for reply in &replies {
            assert!([200, 409, 503].contains(&reply.status), "{reply:?}");
        }
        fixture.app.set_webhook_delivery("normal").await;
        let (ours, stripes) =
            (fixture.subscription().await, fixture.subscription_at_stripe().await);
        assert_eq!(ours["cancel_at_period_end"], stripes["cancel_at_period_end"]);
        assert_eq!(ours["plan_name"], "pro");
        let is_managed = !stripes["schedule"].is_null();
        assert!(ours["scheduled_change"].is_null() || is_managed, "{ours}");
        assert!(!(is_managed && stripes["cancel_at_period_end"] == true), "{stripes}");
    }
    assert_eq!(fixture.invoices_at_stripe().await.len(), 1);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn the_events_of_an_upgrade_may_come_in_any_order() {
    for mode in ["reverse", "duplicate"] {
        let fixture = BillingFixture::subscribed("basic", CARD).await;
        fixture.app.set_webhook_delivery(mode).await;
        fixture.change_plan("pro").await.expect(200);
        fixture.app.set_webhook_delivery("normal").await;
        assert_eq!(fixture.plan().await, ("pro".to_owned(), "active".to_owned()));
        assert_eq!(fixture.entries("quota_grant").await, [json!(15_000), json!(5000), json!(1000)]);
        fixture.app.assert_ledgers_consistent().await;
    }
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_made_once() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    let with_key = fixture.ada.visitor.clone().with_header("idempotency-key", "lost");
    let path = fixture.subscription_path("change");
    let body = json!({"price_id": price("pro")});
    // Stripe reads the subscription and the card, and upgrades. Both answers to that are lost.
    fixture.app.set_webhook_delivery("hold").await;
    fixture
        .app
        .control_stripe("faults", json!({"skip": 2, "next": 2, "status": 500, "after": true}))
        .await;
    let lost = with_key.post(&path, body.clone()).await;
    assert_eq!(lost.status, 503, "{lost:?}");
    let again = with_key.post(&path, body).await.expect(200).json();
    assert_eq!((&again["status"], &again["plan_name"]), (&json!("applied"), &json!("pro")));
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.invoices_at_stripe().await.len(), 2);
    assert_eq!(fixture.credits().await["quota"]["remaining"], 20_000);
    fixture.app.assert_ledgers_consistent().await;
}
