//! Tests of the `Idempotency-Key` header.

use serde_json::{Value, json};
use tests::{PASSWORD, Reply, TestApp, Visitor, count_successes, race, race_size};

/// Builds the body of a registration.
fn registration_body() -> Value {
    json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD})
}

/// Registers with an idempotency key.
async fn register(visitor: &Visitor, key: &str, body: Value) -> Reply {
    visitor.clone().with_header("idempotency-key", key).post("/v1/register", body).await
}

#[tokio::test]
async fn a_repeated_request_is_replayed() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let first = register(&visitor, "k1", registration_body()).await.expect(200);
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = register(&visitor, "k1", registration_body()).await.expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.text, again.text);
    assert_eq!(app.mails("ada@example.com").await.len(), 1);
    // The other base path is the same operation.
    let keyed = visitor.with_header("idempotency-key", "k1");
    keyed.post("/api/v1/register", registration_body()).await.expect(200);
    assert_eq!(app.mails("ada@example.com").await.len(), 1);
    // The same key from another network is another key.
    register(&app.visitor(), "k1", registration_body()).await.expect(200);
    assert_eq!(app.mails("ada@example.com").await.len(), 2);
}

#[tokio::test]
async fn another_request_with_a_used_key_is_refused() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    register(&visitor, "k1", registration_body()).await.expect(200);
    let mut other = registration_body();
    other["password"] = json!("another-pass-1");
    register(&visitor, "k1", other).await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    register(&visitor, "k2", registration_body()).await.expect(200);
}

#[tokio::test]
async fn a_key_expires_after_a_day() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    register(&visitor, "k1", registration_body()).await.expect(200);
    app.advance_clock(24 * 3600 - 1).await;
    assert!(
        register(&visitor, "k1", registration_body())
            .await
            .expect(200)
            .header("idempotent-replayed")
            .is_some()
    );
    app.advance_clock(1).await;
    assert!(
        register(&visitor, "k1", registration_body())
            .await
            .expect(200)
            .header("idempotent-replayed")
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_with_one_key_take_effect_once() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let mut replies = race(race_size().min(20), |_| {
        let visitor = visitor.clone();
        async move { register(&visitor, "k1", registration_body()).await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    // A request that was answered with 503 is sent again.
    replies.push(register(&visitor, "k1", registration_body()).await.expect(200));
    let fresh = replies.iter().filter(|r| r.header("idempotent-replayed").is_none());
    assert!(count_successes(fresh).contains(&1));
    let last = &replies[replies.len() - 1].text;
    let is_right = |r: &Reply| r.has_timed_out() || r.status == 200 && r.text == *last;
    assert!(replies.iter().all(is_right));
    assert_eq!(app.mails("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_replayed_sign_in_returns_the_same_session() {
    let app = TestApp::start_without_email_verification().await;
    let visitor = app.visitor();
    let first = register(&visitor, "k1", registration_body()).await.expect(200);
    let again = register(&visitor, "k1", registration_body()).await.expect(200);
    assert_eq!(first.text, again.text);
    assert_eq!(first.header("set-cookie"), again.header("set-cookie"));
    assert_eq!(app.items("USER#", "SESSION#").await.len(), 1);
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let mut bad = registration_body();
    bad["password"] = json!("x");
    register(&visitor, "k1", bad).await.expect(400);
    register(&visitor, "k1", registration_body()).await.expect(200);
}

#[tokio::test]
async fn a_key_has_1_to_255_characters() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for bad in ["", &"k".repeat(256)] {
        let reply =
            register(&visitor, bad, registration_body()).await.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("Idempotency-Key"));
    }
    register(&visitor, &"k".repeat(255), registration_body()).await.expect(200);
}
