//! Concurrent registrations create one account.

use serde_json::json;
use tests::registration::registration_body;
use tests::{
    PASSWORD, Reply, TestApp, assert_done_once, code_in, count_successes, race, race_size,
};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_registrations_create_one_account() {
    let app = TestApp::start().await;
    let visitors: Vec<_> = (0..race_size().min(20)).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let visitor = visitors[number].clone();
        let email = if number % 2 == 0 { "dev@example.com" } else { "DEV@Example.com" };
        async move {
            visitor
                .post("/v1/register", registration_body(email, &format!("{PASSWORD}{number}")))
                .await
        }
    })
    .await;
    // The first request creates the account and others take it over, until the codes of the hour
    // are used up.
    assert!(replies.iter().all(|r| matches!(r.status, 200 | 429) || r.has_timed_out()));
    app.wait_until_idle(&replies).await;
    let mails = app.mails("dev@example.com").await.len();
    assert!(mails <= 5 && count_successes(&replies).contains(&mails), "{mails}");
    assert!(mails == 5 || replies.iter().all(|reply| reply.status != 429), "{mails}");
    // On DynamoDB Local all requests may have timed out.
    let made = usize::from(mails > 0);
    for (kind, sort_key) in [
        ("USER#", "META"),
        ("CLIENT#", "META"),
        ("EMAIL#", "META"),
        ("CLIENT#", "MEMBER#"),
        ("USER#", "CLIENT#"),
        ("CODE#", "META"),
    ] {
        assert_eq!(app.items(kind, sort_key).await.len(), made, "{kind} {sort_key}");
    }
    // Only the last of the five codes is valid.
    let mut working = 0;
    for mail in app.mails("dev@example.com").await {
        let body = json!({"email": "dev@example.com", "code": code_in(&mail)});
        working += usize::from(app.visitor().post("/v1/verify-email", body).await.status == 200);
    }
    assert_eq!(working, made);
}

/// Without a mailed code, the uniqueness guard of the address keeps the registrations apart.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_registrations_without_verification_create_one() {
    let app = TestApp::start_without_email_verification().await;
    let visitors: Vec<_> = (0..race_size().min(20)).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let visitor = visitors[number].clone();
        let body = registration_body("dev@example.com", &format!("{PASSWORD}{number}"));
        async move { visitor.post("/v1/register", body).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1));
    let is_right =
        |r: &Reply| r.status == 200 || r.code() == "EMAIL_ALREADY_EXISTS" || r.has_timed_out();
    assert!(replies.iter().all(is_right));
    app.wait_until_idle(&replies).await;
    for (kind, sort_key) in
        [("USER#", "META"), ("CLIENT#", "META"), ("EMAIL#", "META"), ("USER#", "SESSION#")]
    {
        assert_done_once(&replies, app.items(kind, sort_key).await.len());
    }
}
