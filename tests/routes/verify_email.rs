//! Tests of `POST /v1/verify-email`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tests::malformed_bodies::malformed_bodies;
use tests::{Reply, TestApp, count_successes, is_dynamodb_local, keys, race, race_size};

/// Builds the body with a code.
fn guess_body(code: &str) -> Value {
    json!({"email": "ada@example.com", "code": code})
}

/// Generates a code that differs from `right`.
fn wrong_code(right: &str, number: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let digit = |place: u32| char::from(ALPHABET[number / 32_usize.pow(place) % 32]);
    let code: String = (0..6).map(digit).collect();
    if code == right { wrong_code(right, number + 1_000_000) } else { code }
}

#[tokio::test]
async fn the_code_verifies_the_address_and_signs_in() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let code = app.code(&ada.email).await;
    let reply = ada.post("/v1/verify-email", guess_body(&code)).await;
    assert_snapshot!(app.snapshot(&reply).await, @r#"
    200
    {
      "message": "Email verified",
      "session_token": "[session token]",
      "user": {
        "company": null,
        "created_at": "[now]",
        "email": "ada@example.com",
        "email_verified": true,
        "has_password": true,
        "id": "[usr]",
        "job_title": null,
        "name": "ada",
        "phone": null,
        "provider": "email",
        "provider_id": "ada@example.com",
        "timezone": null,
        "two_factor_enabled": false
      }
    }
    "#);
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.starts_with(&format!("__Host-aius_session={token};")), "{cookie}");
    let me = app.visitor().with_session(&token).get("/v1/me").await.expect(200);
    assert_eq!(me.json()["user"], reply.json()["user"]);
    assert_eq!(keys(&me.json()), ["user"]);
    // A code can be used once.
    let again = ada.post("/v1/verify-email", guess_body(&code)).await;
    assert_snapshot!(app.snapshot(&again).await, @r#"
    400
    {
      "detail": {
        "code": "INVALID_CODE",
        "message": "Invalid or expired code"
      }
    }
    "#);
    let actions: Vec<_> = app.items("ACTIVITY#USER#", "").await;
    let mut actions: Vec<_> = actions.iter().map(|a| a["action"]["S"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["account.email_verified", "account.registered", "session.started"]);
}

#[tokio::test]
async fn a_code_is_accepted_in_any_spelling() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let code = app.code(&ada.email).await.to_lowercase();
    let typed = format!(" {} - {} ", &code[..3], &code[3..]);
    let body = json!({"email": " ADA@Example.com", "code": typed});
    ada.post("/v1/verify-email", body).await.expect(200);
}

#[tokio::test]
async fn code_bruteforce_fifth_wrong_guess_kills_the_code() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let code = app.code(&ada.email).await;
    for number in 0..5 {
        // Each guess comes from another source address.
        let reply =
            app.visitor().post("/v1/verify-email", guess_body(&wrong_code(&code, number))).await;
        reply.expect_error(400, "INVALID_CODE");
    }
    ada.post("/v1/verify-email", guess_body(&code)).await.expect_error(400, "INVALID_CODE");
    // A new code is the way out.
    app.advance_clock(61).await;
    ada.post("/v1/verify-email/resend", json!({"email": ada.email})).await.expect(200);
    ada.verify(&app).await;
}

#[tokio::test]
async fn the_fifth_guess_may_be_correct() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let code = app.code(&ada.email).await;
    for number in 0..4 {
        ada.post("/v1/verify-email", guess_body(&wrong_code(&code, number))).await.expect(400);
    }
    ada.post("/v1/verify-email", guess_body(&code)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn counter_race_200_guesses_are_judged_at_most_5_times() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let code = app.code(&ada.email).await;
    let visitors: Vec<_> = (0..4 * race_size()).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let (visitor, wrong) = (visitors[number].clone(), wrong_code(&code, number));
        async move { visitor.post("/v1/verify-email", guess_body(&wrong)).await }
    })
    .await;
    // A request that did not get its turn is answered with 503 and has no effect.
    assert!(replies.iter().all(|r| r.code() == "INVALID_CODE" || r.status == 503));
    app.wait_until_idle(&replies).await;
    let tries = async || {
        let row = &app.items("CODE#", "META").await[0];
        row["tries"]["N"].as_str().unwrap().parse::<usize>().unwrap()
    };
    if is_dynamodb_local() {
        // Some of the five tries may not have got their turn, so they are made now.
        for number in tries().await..5 {
            ada.post("/v1/verify-email", guess_body(&wrong_code(&code, number))).await.expect(400);
        }
    }
    assert_eq!(tries().await, 5, "judged guesses");
    ada.post("/v1/verify-email", guess_body(&code)).await.expect_error(400, "INVALID_CODE");
    assert!(app.items("USER#", "SESSION#").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn counter_race_one_code_makes_one_session() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let code = app.code(&ada.email).await;
    let visitors: Vec<_> = (0..race_size().min(20)).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let (visitor, code) = (visitors[number].clone(), code.clone());
        async move { visitor.post("/v1/verify-email", guess_body(&code)).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1));
    let is_right = |r: &Reply| r.status == 200 || r.code() == "INVALID_CODE" || r.has_timed_out();
    assert!(replies.iter().all(is_right));
    app.wait_until_idle(&replies).await;
    // There is no session if each of the five counted requests timed out.
    let sessions = app.items("USER#", "SESSION#").await.len();
    assert!(sessions <= 1 && count_successes(&replies).contains(&sessions), "{sessions}");
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.register_unverified("ada").await, app.register_unverified("eve").await);
    let code = app.code(&ada.email).await;
    let eves = app.code(&eve.email).await;
    app.advance_clock(599).await;
    ada.post("/v1/verify-email", guess_body(&code)).await.expect(200);
    app.advance_clock(1).await;
    let body = json!({"email": eve.email, "code": eves});
    eve.post("/v1/verify-email", body).await.expect_error(400, "INVALID_CODE");
}

#[tokio::test]
async fn a_code_is_valid_for_one_address() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.register_unverified("ada").await, app.register_unverified("eve").await);
    let eves = app.code(&eve.email).await;
    ada.post("/v1/verify-email", guess_body(&eves)).await.expect_error(400, "INVALID_CODE");
    let nobody = json!({"email": "nobody@example.com", "code": eves});
    eve.post("/v1/verify-email", nobody).await.expect_error(400, "INVALID_CODE");
    eve.verify(&app).await;
}

#[tokio::test]
async fn a_network_may_guess_thirty_times_a_minute() {
    let app = TestApp::start().await;
    let eve = app.visitor();
    for _ in 0..30 {
        eve.post("/v1/verify-email", guess_body("ABC234")).await.expect_error(400, "INVALID_CODE");
    }
    let refused = eve.post("/v1/verify-email", guess_body("ABC234")).await;
    let refused = refused.expect_error(429, "RATE_LIMITED");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    app.visitor().post("/v1/verify-email", guess_body("ABC234")).await.expect(400);
    app.advance_clock(wait).await;
    eve.post("/v1/verify-email", guess_body("ABC234")).await.expect(400);
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let before = app.durable_items().await;
    for (content_type, body, status, code) in malformed_bodies() {
        let reply = app.visitor().post_raw("/v1/verify-email", content_type, body).await;
        reply.expect_error(status, code);
    }
    for (body, code) in [
        (json!({}), "MISSING_EMAIL"),
        (json!({"email": ada.email}), "MISSING_CODE"),
        (json!({"email": ada.email, "code": null}), "MISSING_CODE"),
        (json!({"email": ada.email, "code": " "}), "MISSING_CODE"),
        (json!({"email": ada.email, "code": 123456}), "INVALID_FIELD"),
        (json!({"email": "x", "code": "ABC234"}), "INVALID_EMAIL"),
    ] {
        app.visitor().post("/v1/verify-email", body).await.expect_error(400, code);
    }
    assert_eq!(app.durable_items().await, before);
    // Text that cannot be a code counts as a wrong guess.
    for odd in ["ABC23", "ABC2345", "ÄÖÜ234", "ABC\u{0}34", &"A".repeat(60_000)] {
        ada.post("/v1/verify-email", guess_body(odd)).await.expect_error(400, "INVALID_CODE");
    }
}
