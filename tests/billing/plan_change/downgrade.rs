//! Downgrades, cancellation and resumption.

use serde_json::json;
use tests::CARD;
use tests::billing::BillingFixture;

#[tokio::test]
async fn a_downgrade_begins_with_the_next_period() {
    let mut fixture = BillingFixture::subscribed("pro", CARD).await;
    let end = fixture.subscription().await["current_period_end"].clone();
    let preview = fixture.preview_change("basic").await.expect(200).json();
    assert_eq!(
        (&preview["direction"], &preview["amount_due_now"]),
        (&json!("downgrade"), &json!(0))
    );
    assert_eq!((&preview["effective_at"], &preview["quota_credits_now"]), (&end, &json!(0)));
    let changed = fixture.change_plan("basic").await.expect(200).json();
    assert_eq!((&changed["status"], &changed["plan_name"]), (&json!("scheduled"), &json!("pro")));
    assert_eq!(changed["effective_at"], end);
    let scheduled = fixture.subscription().await;
    assert_eq!(scheduled["scheduled_change"], json!({"plan_name": "basic", "effective_at": end}));
    // The events do not change that.
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.subscription().await, scheduled);
    assert_eq!(fixture.credits().await["quota"]["remaining"], 20_000);
    fixture.advance_to(end.as_i64().unwrap() + 3_601).await;
    fixture.app.set_webhook_delivery("normal").await;
    let renewed = fixture.subscription().await;
    assert_eq!(
        (&renewed["plan_name"], &renewed["scheduled_change"]),
        (&json!("basic"), &json!(null))
    );
    assert_eq!(fixture.credits().await["quota"]["remaining"], 5000);
    assert_eq!(fixture.invoices_at_stripe().await[0]["amount_paid"], 5_000);
    // After a day the schedule releases the subscription, which keeps the plan.
    fixture.advance_to(end.as_i64().unwrap() + 2 * 86_400).await;
    assert_eq!(fixture.subscription_at_stripe().await["schedule"], json!(null));
    assert_eq!(fixture.plan().await, ("basic".to_owned(), "active".to_owned()));
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_scheduled_downgrade_can_be_taken_back() {
    let mut fixture = BillingFixture::subscribed("pro", CARD).await;
    for by_change in [true, false] {
        fixture.change_plan("basic").await.expect(200);
        // Repeating it changes nothing.
        assert_eq!(fixture.change_plan("basic").await.expect(200).json()["status"], "scheduled");
        if by_change {
            let kept = fixture.change_plan("pro").await.expect(200).json();
            assert_eq!((&kept["status"], &kept["plan_name"]), (&json!("applied"), &json!("pro")));
        } else {
            let resumed = fixture.resume_plan().await.expect(200).json();
            assert_eq!(resumed["scheduled_change"], json!(null));
        }
        assert_eq!(fixture.subscription().await["scheduled_change"], json!(null));
        assert_eq!(fixture.subscription_at_stripe().await["schedule"], json!(null));
    }
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    fixture.advance_to(end + 3_601).await;
    assert_eq!(fixture.plan().await, ("pro".to_owned(), "active".to_owned()));
    assert_eq!(fixture.credits().await["quota"]["remaining"], 20_000);
}

#[tokio::test]
async fn cancellation_replaces_a_scheduled_downgrade() {
    let mut fixture = BillingFixture::subscribed("pro", CARD).await;
    fixture.change_plan("basic").await.expect(200);
    let canceled = fixture.cancel_plan().await.expect(200).json();
    assert_eq!(
        (&canceled["cancel_at_period_end"], &canceled["scheduled_change"]),
        (&json!(true), &json!(null))
    );
    // Canceling twice is the same as once.
    assert_eq!(fixture.cancel_plan().await.expect(200).json(), canceled);
    fixture.preview_change("basic").await.expect_error(409, "SUBSCRIPTION_ENDING");
    fixture.change_plan("basic").await.expect_error(409, "SUBSCRIPTION_ENDING");
    let resumed = fixture.resume_plan().await.expect(200).json();
    assert_eq!(resumed["cancel_at_period_end"], false);
    assert_eq!(fixture.resume_plan().await.expect(200).json(), resumed);
    // The key of each request at Stripe is a new one, so a second cancellation is not answered with the first.
    assert_eq!(fixture.cancel_plan().await.expect(200).json()["cancel_at_period_end"], true);
    assert_eq!(fixture.subscription_at_stripe().await["cancel_at_period_end"], true);
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    fixture.advance_to(end + 1).await;
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.plan().await, ("free".to_owned(), "canceled".to_owned()));
    let credits = fixture.credits().await;
    // The free credits are granted once. What was left of them at the first subscription stays.
    assert_eq!(
        (&credits["quota"]["monthly"], &credits["topup_balance"]),
        (&json!(0), &json!(1000))
    );
    assert_eq!(fixture.subscription().await["monthly_quota_credits"], 0);
    let usage = fixture.ada.get(&format!("/v1/clients/{}/usage", fixture.client)).await;
    assert_eq!(usage.expect(200).json()["metrics"][2]["limit"], 0);
    fixture.cancel_plan().await.expect_error(409, "NOT_SUBSCRIBED");
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_upgrade_replaces_a_scheduled_downgrade() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    fixture.change_plan("pro").await.expect(200);
    fixture.change_plan("basic").await.expect(200);
    assert_eq!(fixture.subscription().await["scheduled_change"]["plan_name"], "basic");
    let log = fixture.ada.get(&format!("/v1/clients/{}/activity", fixture.client)).await;
    let log = log.expect(200).json();
    let requested = log["data"].as_array().unwrap().iter();
    let requested = requested.filter(|event| event["action"] == "subscription.change_requested");
    let plans: Vec<_> = requested.map(|event| event["details"]["plan"].clone()).collect();
    assert_eq!(plans, [json!("basic"), json!("pro")]);
}
