//! Tests of `POST /v1/2fa/login`: signing in with the second factor.

use serde_json::{Value, json};
use tests::two_factor::{answer_challenge, sign_in_with_two_factors, start_challenge};
use tests::{Authenticator, PASSWORD, Person, Reply, TestApp, count_successes, race, race_size};

#[tokio::test]
async fn signing_in_requires_the_second_factor() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let before = app.items("USER#", "SESSION#").await.len();
    let first = app.visitor().post("/v1/login", ada.credentials()).await.expect(200);
    assert_eq!(first.keys(), ["challenge_token", "email", "message", "requires_2fa"]);
    let body = first.json();
    assert_eq!(body["requires_2fa"], true);
    assert_eq!(body["email"], "ada@example.com");
    assert_eq!(body["message"], "Two-factor authentication required");
    assert!(first.header("set-cookie").is_none(), "no session yet");
    assert_eq!(app.items("USER#", "SESSION#").await.len(), before);
    // The challenge is not accepted as a credential.
    let challenge = body["challenge_token"].as_str().unwrap();
    app.visitor().with_session(challenge).get("/v1/me").await.expect(401);
    app.visitor().with_bearer(challenge).get("/v1/me").await.expect(401);

    let second =
        answer_challenge(&app, challenge, &authenticator.code(&app).await).await.expect(200);
    assert_eq!(second.keys(), ["message", "session_token", "user"]);
    assert_eq!(second.json()["message"], "Login successful");
    assert!(second.header("set-cookie").unwrap().starts_with("__Host-aius_session=eyJ"));
    let token = second.json()["session_token"].as_str().unwrap().to_owned();
    app.visitor().with_session(&token).get("/v1/me").await.expect(200);
    let claims = token.split('.').nth(1).unwrap();
    let claims = data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["amr"], json!(["pwd", "otp"]));
    // A challenge can be used once.
    let again = answer_challenge(&app, challenge, &authenticator.code_in(&app, 30).await).await;
    again.expect_error(401, "INVALID_CHALLENGE");
}

#[tokio::test]
async fn a_recovery_code_signs_in_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let code = &authenticator.recovery_codes[0];
    let first = start_challenge(&app, &ada).await;
    let reply = answer_challenge(&app, &first, code).await.expect(200);
    let second = start_challenge(&app, &ada).await;
    answer_challenge(&app, &second, code).await.expect_error(401, "INVALID_CODE");
    let ada = Person::from_session(&app.visitor(), &ada.email, &reply);
    let status = ada.get("/v1/2fa/status").await.expect(200).json();
    assert_eq!(status, json!({"enabled": true, "recovery_codes_left": 9, "reset_due_at": null}));
    let mails = app.mails(&ada.email).await;
    let notice = mails.iter().find(|mail| mail["subject"].as_str().unwrap().contains("recovery"));
    assert!(notice.expect("a mail")["text"].as_str().unwrap().contains('9'));
    // The recovery codes of another user are refused.
    let eve = app.sign_up("eve").await;
    let eves = Authenticator::enabled(&app, &eve.visitor).await;
    answer_challenge(&app, &second, &eves.recovery_codes[1])
        .await
        .expect_error(401, "INVALID_CODE");
}

#[tokio::test]
async fn a_challenge_expires_and_is_bound_to_its_account() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let eves = Authenticator::enabled(&app, &eve.visitor).await;
    let old = start_challenge(&app, &ada).await;
    app.advance_clock(299).await;
    let fresh = start_challenge(&app, &ada).await;
    answer_challenge(&app, &old, &authenticator.wrong_code(&app).await)
        .await
        .expect_error(401, "INVALID_CODE");
    app.advance_clock(1).await;
    let code = authenticator.code(&app).await;
    answer_challenge(&app, &old, &code).await.expect_error(401, "INVALID_CHALLENGE");
    // Eve's code is refused for Ada's account, and so is Eve's address with Ada's challenge.
    answer_challenge(&app, &fresh, &eves.code(&app).await).await.expect_error(401, "INVALID_CODE");
    let eves_challenge = start_challenge(&app, &eve).await;
    let owner = eves_challenge.split('.').next().unwrap();
    let mixed = format!("{owner}.{}", fresh.split('.').nth(1).unwrap());
    for bad in [mixed.as_str(), ".", "x", &fresh[..fresh.len() - 1]] {
        let body = json!({"challenge_token": bad, "code": code});
        let reply = app.visitor().post("/v1/2fa/login", body).await;
        reply.expect_error(401, "INVALID_CHALLENGE");
    }
    answer_challenge(&app, "", &code).await.expect_error(400, "MISSING_CHALLENGE_TOKEN");
    answer_challenge(&app, &fresh, "").await.expect_error(400, "MISSING_CODE");
    answer_challenge(&app, &fresh, &code).await.expect(200);
}

#[tokio::test]
async fn totp_replay_a_step_is_accepted_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let setup = ada.post("/v1/2fa/setup", json!({})).await.expect(200).json();
    let authenticator = Authenticator::scan(setup["otpauth_url"].as_str().unwrap());
    let enrolling = authenticator.code(&app).await;
    ada.post("/v1/2fa/enable", json!({"code": enrolling})).await.expect(200);
    // The code that enabled the authenticator is used up.
    let first = start_challenge(&app, &ada).await;
    answer_challenge(&app, &first, &enrolling).await.expect_error(401, "INVALID_CODE");
    app.advance_clock(30).await;
    let code = authenticator.code(&app).await;
    answer_challenge(&app, &first, &code).await.expect(200);
    let second = start_challenge(&app, &ada).await;
    answer_challenge(&app, &second, &code).await.expect_error(401, "INVALID_CODE");
    // A code of an earlier step is refused after a later step was used.
    let ahead = authenticator.code_in(&app, 30).await;
    answer_challenge(&app, &second, &ahead).await.expect(200);
    let third = start_challenge(&app, &ada).await;
    answer_challenge(&app, &third, &authenticator.code(&app).await)
        .await
        .expect_error(401, "INVALID_CODE");
    // A used code is refused by other calls too.
    app.advance_clock(60).await;
    let code = authenticator.code(&app).await;
    answer_challenge(&app, &third, &code).await.expect(200);
    let body = json!({"password": PASSWORD, "code": code});
    ada.post("/v1/2fa/recovery-codes", body).await.expect_error(400, "INVALID_CODE");
}

#[tokio::test(flavor = "multi_thread")]
async fn totp_replay_concurrent_uses_of_a_code_sign_in_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    for code in [authenticator.code(&app).await, authenticator.recovery_codes[0].clone()] {
        let mut challenges = vec![];
        for _ in 0..8 {
            challenges.push(start_challenge(&app, &ada).await);
        }
        let visitors: Vec<_> = (0..8).map(|_| app.visitor()).collect();
        let replies = race(8, |number| {
            let body = json!({"challenge_token": challenges[number], "code": code});
            let visitor = visitors[number].clone();
            async move { visitor.post("/v1/2fa/login", body).await }
        })
        .await;
        assert!(count_successes(&replies).contains(&1), "{replies:#?}");
        let is_right =
            |r: &Reply| r.status == 200 || r.code() == "INVALID_CODE" || r.has_timed_out();
        assert!(replies.iter().all(is_right));
        app.wait_until_idle(&replies).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counter_race_a_challenge_allows_five_tries_and_one_session() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let wrong = authenticator.wrong_code(&app).await;
    let token = start_challenge(&app, &ada).await;
    let visitors: Vec<_> = (0..2 * race_size()).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let body = json!({"challenge_token": token, "code": wrong});
        let visitor = visitors[number].clone();
        async move { visitor.post("/v1/2fa/login", body).await }
    })
    .await;
    let is_judged = |r: &Reply| r.status == 401 && r.code() == "INVALID_CODE";
    let mut judged = replies.iter().filter(|reply| is_judged(reply)).count();
    assert!(judged > 0 || replies.iter().any(Reply::has_timed_out));
    app.wait_until_idle(&replies).await;
    // On a slow table some of the five tries did not get their turn, so they are made now.
    while is_judged(&answer_challenge(&app, &token, &wrong).await) {
        judged += 1;
    }
    assert!(judged <= 5, "{judged}");
    let right = answer_challenge(&app, &token, &authenticator.code(&app).await).await;
    right.expect_error(401, "INVALID_CHALLENGE");

    let token = start_challenge(&app, &ada).await;
    let sessions = app.items("USER#", "SESSION#").await.len();
    let code = authenticator.code(&app).await;
    let replies = race(5, |number| {
        let body = json!({"challenge_token": token, "code": code});
        let visitor = visitors[number].clone();
        async move { visitor.post("/v1/2fa/login", body).await }
    })
    .await;
    assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1, "{replies:#?}");
    assert_eq!(app.items("USER#", "SESSION#").await.len(), sessions + 1);
}

/// Submits ten wrong codes with new challenges.
async fn submit_ten_wrong_codes(app: &TestApp, person: &Person, authenticator: &Authenticator) {
    let wrong = authenticator.wrong_code(app).await;
    for _ in 0..2 {
        let token = start_challenge(app, person).await;
        for _ in 0..5 {
            answer_challenge(app, &token, &wrong).await.expect_error(401, "INVALID_CODE");
        }
    }
}

#[tokio::test]
async fn code_bruteforce_ten_wrong_codes_lock_for_15_minutes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    submit_ten_wrong_codes(&app, &ada, &authenticator).await;
    let token = start_challenge(&app, &ada).await;
    let refused = answer_challenge(&app, &token, &authenticator.code(&app).await).await;
    let refused = refused.expect_error(429, "RATE_LIMITED");
    assert_eq!(refused.header("retry-after"), Some("900"));
    // Other calls that take a code are locked too, except on a known device.
    let body = json!({"password": PASSWORD, "code": authenticator.code(&app).await});
    let elsewhere = app.visitor().with_session(ada.session.as_ref().unwrap());
    elsewhere.post("/v1/2fa/disable", body).await.expect_error(429, "RATE_LIMITED");
    ada.post("/v1/me/reauthenticate", json!({"code": authenticator.code(&app).await}))
        .await
        .expect(200);
    app.advance_clock(900).await;
    let token = start_challenge(&app, &ada).await;
    answer_challenge(&app, &token, &authenticator.code(&app).await).await.expect(200);
}

#[tokio::test]
async fn lockout_dos_a_recovery_code_works_during_a_lock() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    submit_ten_wrong_codes(&app, &ada, &authenticator).await;
    let token = start_challenge(&app, &ada).await;
    answer_challenge(&app, &token, &authenticator.recovery_codes[0]).await.expect(200);
}

#[tokio::test]
async fn stale_sessions_a_new_password_ends_open_challenges() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let token = start_challenge(&app, &ada).await;
    let body = json!({"current_password": PASSWORD, "new_password": "another-horse-7",
        "code": authenticator.code(&app).await});
    ada.post("/v1/me/password", body).await.expect(200);
    app.advance_clock(30).await;
    let reply = answer_challenge(&app, &token, &authenticator.code(&app).await).await;
    reply.expect_error(401, "INVALID_CHALLENGE");
    // A reset by mail does not avoid the second factor either, unless it is new.
    app.advance_clock(7 * 24 * 3600).await;
    let forgot = json!({"email": ada.email});
    app.visitor().post("/v1/password/forgot", forgot).await.expect(200);
    let code = app.code(&ada.email).await;
    let reset = json!({"email": ada.email, "code": code, "new_password": PASSWORD});
    app.visitor().post("/v1/password/reset", reset).await.expect(200);
    sign_in_with_two_factors(&app, &ada, &authenticator).await;
}

#[tokio::test]
async fn a_sign_in_on_a_new_device_is_notified() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let news = async || {
        let mails = app.mails(&ada.email).await;
        mails.iter().filter(|m| m["subject"].as_str().unwrap().contains("sign-in")).count()
    };
    assert_eq!(news().await, 0, "the first is no news");
    // The device of the registration is known.
    ada.visitor.post("/v1/login", ada.credentials()).await.expect(200);
    assert_eq!(news().await, 0);
    let elsewhere = app.visitor();
    elsewhere.post("/v1/login", ada.credentials()).await.expect(200);
    assert_eq!(news().await, 1, "another network");
    elsewhere.post("/v1/login", ada.credentials()).await.expect(200);
    assert_eq!(news().await, 1);
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    let browser = elsewhere.with_header("user-agent", firefox);
    browser.post("/v1/login", ada.credentials()).await.expect(200);
    assert_eq!(news().await, 2, "another program");
    let newer = firefox.replace("133.0", "134.0");
    let updated = browser.with_header("user-agent", &newer);
    updated.post("/v1/login", ada.credentials()).await.expect(200);
    assert_eq!(news().await, 2, "an update is no other program");
    let wrong = json!({"email": ada.email, "password": "wrong-horse-9"});
    app.visitor().post("/v1/login", wrong).await.expect(401);
    assert_eq!(news().await, 2, "and nobody signed in here");
}
