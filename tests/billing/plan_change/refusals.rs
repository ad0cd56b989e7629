//! Changes of plan that are refused.

use serde_json::json;
use tests::billing::{BillingFixture, DECLINED_LATER};
use tests::{CARD, price};

#[tokio::test]
async fn a_change_needs_a_subscription_and_an_offered_price() {
    let fixture = BillingFixture::start().await;
    fixture.preview_change("pro").await.expect_error(409, "NOT_SUBSCRIBED");
    fixture.change_plan("pro").await.expect_error(409, "NOT_SUBSCRIBED");
    fixture.cancel_plan().await.expect_error(409, "NOT_SUBSCRIBED");
    fixture.resume_plan().await.expect_error(409, "NOT_SUBSCRIBED");
    fixture.ada.subscribe(&fixture.app, &fixture.client, "basic").await;
    for plan in ["enterprise", "unknown"] {
        fixture.preview_change(plan).await.expect_error(400, "INVALID_FIELD");
        fixture.change_plan(plan).await.expect_error(400, "INVALID_FIELD");
    }
    let path = fixture.subscription_path("change");
    fixture.ada.get(&path).await.expect_error(400, "MISSING_PRICE_ID");
    fixture.ada.post(&path, json!({})).await.expect_error(400, "MISSING_PRICE_ID");
    let same = fixture.preview_change("basic").await.expect(200).json();
    assert_eq!((&same["direction"], &same["amount_due_now"]), (&json!("unchanged"), &json!(0)));
    assert_eq!(fixture.change_plan("basic").await.expect(200).json()["status"], "applied");
}

#[tokio::test]
async fn a_change_of_an_unpaid_period_is_refused() {
    let mut fixture = BillingFixture::subscribed("basic", DECLINED_LATER).await;
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    // In its first hour a period is not charged yet, and then the payment fails.
    for (moment, status) in [(end + 60, "active"), (end + 3_700, "past_due")] {
        fixture.advance_to(moment).await;
        fixture.app.set_webhook_delivery("normal").await;
        assert_eq!(fixture.subscription().await["status"], status);
        for plan in ["pro", "basic"] {
            fixture.preview_change(plan).await.expect_error(409, "SUBSCRIPTION_PAST_DUE");
            fixture.change_plan(plan).await.expect_error(409, "SUBSCRIPTION_PAST_DUE");
        }
    }
    // It can still be canceled and resumed.
    fixture.cancel_plan().await.expect(200);
    fixture.resume_plan().await.expect(200);
    assert_eq!(fixture.entries("quota_grant").await, [json!(5000), json!(1000)]);
}

#[tokio::test]
async fn an_upgrade_needs_a_card() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    let id = fixture.subscription_at_stripe().await["id"].as_str().unwrap().to_owned();
    let sent = "collection_method=send_invoice&days_until_due=30";
    fixture.change_at_stripe(reqwest::Method::POST, &format!("subscriptions/{id}"), sent).await;
    fixture.change_plan("pro").await.expect_error(409, "CARD_REQUIRED");
    assert_eq!(fixture.plan().await, ("basic".to_owned(), "active".to_owned()));
}

#[tokio::test]
async fn changes_that_reach_stripe_are_limited() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    let mut refused = 0;
    for _ in 0..70 {
        refused += usize::from(fixture.preview_change("pro").await.status == 429);
    }
    assert!((9..=12).contains(&refused), "{refused}");
    fixture.change_plan("pro").await.expect_error(429, "RATE_LIMITED");
    fixture.cancel_plan().await.expect_error(429, "RATE_LIMITED");
    fixture.resume_plan().await.expect_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn a_repeated_change_gets_the_first_response() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    let with_key = fixture.ada.visitor.clone().with_header("idempotency-key", "up");
    let path = fixture.subscription_path("change");
    let body = json!({"price_id": price("pro")});
    let first = with_key.post(&path, body.clone()).await.expect(200).json();
    let again = with_key.post(&path, body).await.expect(200);
    assert_eq!((again.header("idempotent-replayed"), again.json()), (Some("true"), first));
    let other = json!({"price_id": price("basic")});
    with_key.post(&path, other).await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    assert_eq!(fixture.invoices_at_stripe().await.len(), 2);
}
