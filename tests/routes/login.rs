//! Tests of `POST /v1/login`.

use insta::assert_snapshot;
use serde_json::json;
use tests::malformed_bodies::malformed_bodies;
use tests::sign_in::login_body;
use tests::{PASSWORD, TestApp, race, race_size};

#[tokio::test]
async fn the_correct_password_signs_in() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let reply = app.visitor().post("/v1/login", login_body("ADA@example.com", PASSWORD)).await;
    assert_snapshot!(app.snapshot(&reply).await, @r#"
    200
    {
      "message": "Login successful",
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
    assert_ne!(Some(&token), ada.session.as_ref(), "a session of its own");
    app.visitor().with_session(&token).get("/v1/me").await.expect(200);
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let reset = json!({"email": "eve@example.com", "name": "Eve", "password": "eves-own-pass-7"});
    eve.post("/v1/register", reset).await.expect(409);
    for wrong in ["correct-horse-8", "Correct-horse-9", "correct-horse-9 ", " ", "\u{0}"] {
        let reply = app.visitor().post("/v1/login", login_body(&ada.email, wrong)).await;
        reply.expect_error(401, "INVALID_CREDENTIALS");
    }
    let long =
        app.visitor().post("/v1/login", login_body("new@example.com", &"x".repeat(60_000))).await;
    long.expect_error(401, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn an_unverified_account_cannot_sign_in() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let right = ada.post("/v1/login", ada.credentials()).await;
    assert_snapshot!(app.snapshot(&right).await, @r#"
    403
    {
      "detail": {
        "code": "EMAIL_NOT_VERIFIED",
        "message": "Verify your email address before signing in"
      }
    }
    "#);
    let wrong = ada.post("/v1/login", login_body(&ada.email, "wrong-horse-9")).await;
    assert_snapshot!(app.snapshot(&wrong).await, @r#"
    401
    {
      "detail": {
        "code": "INVALID_CREDENTIALS",
        "message": "Invalid email or password"
      }
    }
    "#);
    assert!(app.items("USER#", "SESSION#").await.is_empty());
    // The correct password is never counted as a failure.
    for _ in 0..12 {
        ada.post("/v1/login", ada.credentials()).await.expect(403);
    }
}

#[tokio::test]
async fn repeated_failures_delay_sign_in_to_an_address() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let visitor = app.visitor();
    let wrong = async || visitor.post("/v1/login", login_body(&ada.email, "wrong-horse-9")).await;
    for _ in 0..5 {
        wrong().await.expect_error(401, "INVALID_CREDENTIALS");
    }
    for delay in [15, 30, 60, 120, 300, 900, 900] {
        let refused = wrong().await.expect_error(429, "RATE_LIMITED");
        assert_eq!(refused.header("retry-after"), Some(delay.to_string().as_str()));
        // The delay applies to the correct password too, or it would reveal which one is correct.
        visitor.post("/v1/login", ada.credentials()).await.expect(429);
        app.advance_clock(delay).await;
        wrong().await.expect_error(401, "INVALID_CREDENTIALS");
    }
    app.advance_clock(900).await;
    visitor.post("/v1/login", ada.credentials()).await.expect(200);
    // A successful sign-in resets the counter.
    for _ in 0..5 {
        wrong().await.expect_error(401, "INVALID_CREDENTIALS");
    }
}

#[tokio::test]
async fn failures_expire_after_a_day() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let visitor = app.visitor();
    for _ in 0..4 {
        visitor.post("/v1/login", login_body(&ada.email, "wrong-horse-9")).await.expect(401);
    }
    app.advance_clock(24 * 3600).await;
    for _ in 0..5 {
        visitor.post("/v1/login", login_body(&ada.email, "wrong-horse-9")).await.expect(401);
    }
    visitor.post("/v1/login", ada.credentials()).await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn counter_race_one_network_is_judged_at_most_5_times() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let stranger = app.visitor();
    let replies = race(30, |number| {
        let visitor = stranger.clone();
        let body = login_body(&ada.email, &format!("wrong-horse-{number}"));
        async move { visitor.post("/v1/login", body).await }
    })
    .await;
    let count = |status: u16| replies.iter().filter(|r| r.status == status).count();
    // A request that did not get its turn is answered with 429 or 503 and has no effect.
    assert_eq!(count(401) + count(429) + count(503), replies.len());
    app.wait_until_idle(&replies).await;
    app.advance_clock(61).await;
    // On a slow table some of the five tries did not get their turn, so they are made now.
    let mut judged = count(401);
    while judged < 5 {
        match stranger.post("/v1/login", login_body(&ada.email, "wrong-horse")).await.status {
            401 => judged += 1,
            other => assert_eq!(other, 503),
        }
    }
    assert_eq!(judged, 5);
    let counts: Vec<_> = app.items("SIGNIN#", "META").await;
    let counts = counts.iter().map(|row| row["count"]["N"].clone());
    assert_eq!(counts.collect::<Vec<_>>(), ["5", "5"], "by network and by address");
}

/// Guesses from many networks at once are counted one by one.
#[tokio::test(flavor = "multi_thread")]
async fn counter_race_200_networks_are_judged_at_most_100_times() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let visitors: Vec<_> = (0..4 * race_size()).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let visitor = visitors[number].clone();
        let body = login_body(&ada.email, &format!("wrong-horse-{number}"));
        async move { visitor.post("/v1/login", body).await }
    })
    .await;
    let judged = replies.iter().filter(|reply| reply.status == 401).count();
    assert!(judged <= 100, "judged: {judged}");
    app.wait_until_idle(&replies).await;
    let counts = app.items("SIGNIN#", "META").await;
    let count = |row: &serde_json::Value| row["count"]["N"].as_str().unwrap().parse().unwrap();
    let address: usize = counts.iter().map(count).max().unwrap_or(0);
    assert!(address >= judged, "{address} of {judged} were counted");
}

#[tokio::test]
async fn enumeration_login_responses_are_identical() {
    let app = TestApp::start().await;
    let known = app.sign_up("known").await;
    let pending = app.register_unverified("pending").await;
    let mut answers = Vec::new();
    for email in [&known.email, &pending.email, "nobody@example.com"] {
        let visitor = app.visitor();
        let mut series = Vec::new();
        for _ in 0..7 {
            let reply = visitor.post("/v1/login", login_body(email, "wrong-horse-9")).await;
            let cost = reply.cost().calls;
            let names: std::collections::BTreeSet<_> =
                reply.headers.keys().map(|name| name.to_string()).collect();
            let wait = reply.header("retry-after").map(str::to_owned);
            series.push((reply.status, reply.text.clone(), names, wait, cost));
        }
        answers.push(series);
    }
    assert_eq!(answers[0], answers[2], "an account and none");
    assert_eq!(answers[1], answers[2], "an unproven account and none");
    assert_eq!(
        answers[0].iter().map(|a| a.0).collect::<Vec<_>>(),
        [401, 401, 401, 401, 401, 429, 429]
    );
}

#[tokio::test]
async fn limiter_bypass_headers_do_not_change_the_limiter_key() {
    let app = TestApp::start().await;
    let eve = app.visitor();
    let attempt = async |number: usize, path: &str| {
        let ip = format!("198.51.100.{number}");
        let disguised = eve
            .clone()
            .with_header("x-forwarded-for", &ip)
            .with_header("x-real-ip", &ip)
            .with_header("forwarded", &format!("for={ip}"))
            .with_header("true-client-ip", &ip);
        disguised.post(path, login_body(&format!("a{number}@example.com"), "wrong-horse-9")).await
    };
    for number in 0..30 {
        let path = if number % 2 == 0 { "/v1/login" } else { "/api/v1/login" };
        attempt(number, path).await.expect(401);
    }
    for path in ["/v1/login", "/api/v1/login", "/v1/login?x=1", "/api/v1/login?"] {
        attempt(31, path).await.expect_error(429, "RATE_LIMITED");
    }
    app.visitor()
        .post("/v1/login", login_body("a31@example.com", "wrong-horse-9"))
        .await
        .expect(401);
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    for (content_type, body, status, code) in malformed_bodies() {
        let reply = app.visitor().post_raw("/v1/login", content_type, body).await;
        reply.expect_error(status, code);
    }
    for (body, code) in [
        (json!({}), "MISSING_EMAIL"),
        (json!({"email": "a@example.com"}), "MISSING_PASSWORD"),
        (json!({"email": "a@example.com", "password": null}), "MISSING_PASSWORD"),
        (json!({"email": "a@example.com", "password": ""}), "MISSING_PASSWORD"),
        (json!({"email": "a@example.com", "password": 1}), "INVALID_FIELD"),
        (json!({"email": {"S": "a"}, "password": "x"}), "INVALID_FIELD"),
        (json!({"email": "a@b", "password": "x"}), "INVALID_EMAIL"),
    ] {
        app.visitor().post("/v1/login", body).await.expect_error(400, code);
    }
    assert!(app.durable_items().await.is_empty());
}
