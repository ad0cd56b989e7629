//! Tests of `/v1/me/reauthenticate`, and of proving one's identity again at Google.

use serde_json::{Value, json};
use shared::sessions::RECENT_PROOF_TTL;
use tests::tokens::create_ci_token;
use tests::two_factor::sign_in_with_two_factors;
use tests::{
    Authenticator, GoogleSignIn, PASSWORD, Person, Reply, TestApp, assert_done_once,
    count_successes, race, session_cookie,
};

/// The address of the Google account.
const GRACE: &str = "grace@example.com";

/// Reauthenticates with a body.
async fn reauthenticate(person: &Person, body: Value) -> Reply {
    person.post("/v1/me/reauthenticate", body).await
}

#[tokio::test]
async fn a_password_renews_the_proof_for_ten_minutes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    app.advance_clock(RECENT_PROOF_TTL.as_secs() - 1).await;
    create_ci_token(&ada).await.expect(200);
    app.advance_clock(1).await;
    create_ci_token(&ada).await.expect_error(401, "REAUTH_REQUIRED");
    let wrong = json!({"password": "wrong-horse-9"});
    reauthenticate(&ada, wrong).await.expect_error(401, "INVALID_CREDENTIALS");
    reauthenticate(&ada, json!({})).await.expect_error(400, "MISSING_PASSWORD");
    create_ci_token(&ada).await.expect_error(401, "REAUTH_REQUIRED");

    let now = app.now().await;
    let renewed = reauthenticate(&ada, json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(renewed.keys(), ["auth_time", "session_token"]);
    assert_eq!(renewed.json()["auth_time"], now);
    let token = renewed.json()["session_token"].as_str().unwrap().to_owned();
    assert_eq!(session_cookie(&renewed).as_deref(), Some(token.as_str()));
    // Both tokens belong to one session.
    create_ci_token(&ada).await.expect(200);
    app.visitor()
        .with_session(&token)
        .post("/v1/tokens", json!({"token_name": "x"}))
        .await
        .expect(200);
    let sessions = ada.get("/v1/me/sessions").await.expect(200).json();
    assert_eq!(sessions["data"].as_array().unwrap().len(), 2);
    // Other sessions have no new proof.
    create_ci_token(&elsewhere).await.expect_error(401, "REAUTH_REQUIRED");
    app.expire_proof().await;
    create_ci_token(&ada).await.expect_error(401, "REAUTH_REQUIRED");
    let log = ada.get("/v1/me/activity").await.expect(200).json();
    let actions: Vec<_> =
        log["data"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert!(actions.contains(&&json!("session.reauthenticated")), "{actions:?}");
}

#[tokio::test]
async fn a_second_factor_requires_its_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    app.expire_proof().await;
    let code = authenticator.code(&app).await;
    let only_password = json!({"password": PASSWORD});
    reauthenticate(&ada, only_password).await.expect_error(400, "MISSING_CODE");
    let wrong = json!({"code": authenticator.wrong_code(&app).await});
    reauthenticate(&ada, wrong).await.expect_error(400, "INVALID_CODE");
    let wrong_password = json!({"password": "wrong-horse-9", "code": code});
    reauthenticate(&ada, wrong_password).await.expect_error(401, "INVALID_CREDENTIALS");
    create_ci_token(&ada).await.expect_error(401, "REAUTH_REQUIRED");
    reauthenticate(&ada, json!({"code": code})).await.expect(200);
    create_ci_token(&ada).await.expect(200);
    // A code is accepted once.
    let again = json!({"password": PASSWORD, "code": code});
    reauthenticate(&ada, again).await.expect_error(400, "INVALID_CODE");
    app.expire_proof().await;
    let recovery = json!({"code": authenticator.recovery_codes[0]});
    reauthenticate(&ada, recovery).await.expect(200);
    create_ci_token(&ada).await.expect(200);
}

#[tokio::test]
async fn concurrent_reauthentications_use_a_code_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let code = authenticator.code(&app).await;
    let replies = race(8, |_| {
        let (ada, code) = (ada.clone(), code.clone());
        async move { reauthenticate(&ada, json!({"code": code})).await }
    })
    .await;
    let successes = count_successes(&replies);
    assert_done_once(&replies, *successes.start());
}

#[tokio::test]
async fn a_google_account_signs_in_at_google_again() {
    let app = TestApp::start().await;
    app.create_google_account(GRACE, true).await;
    app.create_google_account("eve@example.com", true).await;
    let signed_in = app.sign_in_with_google(&app.visitor(), GRACE).await.expect(302);
    let session = session_cookie(&signed_in).expect("a session");
    let visitor = app.visitor().with_session(&session);
    let create = async || visitor.post("/v1/tokens", json!({"token_name": "ci"})).await;
    create().await.expect(200);
    app.expire_proof().await;
    create().await.expect_error(401, "REAUTH_REQUIRED");
    let reply = visitor.post("/v1/me/reauthenticate", json!({"password": PASSWORD})).await;
    reply.expect_error(401, "REAUTH_REQUIRED");
    let begin = async |hint: &str| {
        let query = format!("reauthenticate=1&redirect=/account/tokens&login_hint={hint}");
        GoogleSignIn::begin(&app.visitor(), Some(&session), &query).await
    };
    let flow = begin(GRACE).await;
    assert_eq!(flow.parameter("prompt").as_deref(), Some("login"));
    assert_eq!(flow.parameter("max_age").as_deref(), Some("0"));
    // Another Google account, and a sign-in at Google from before, prove nothing.
    begin("eve@example.com").await.finish().await.expect_error(401, "INVALID_CREDENTIALS");
    let old = app.now().await - 120;
    for change in [json!({"auth_time": old}), json!({"drop": ["auth_time"]})] {
        app.alter_next_google_token(change).await;
        begin(GRACE).await.finish().await.expect_error(401, "INVALID_CREDENTIALS");
    }
    app.alter_next_google_token(json!({})).await;
    create().await.expect_error(401, "REAUTH_REQUIRED");
    let reply = begin(GRACE).await.finish().await.expect(302);
    assert_eq!(reply.header("location"), Some("/account/tokens"));
    create().await.expect(200);
    // A sign-in at Google does not replace the second factor.
    let authenticator = Authenticator::enabled(&app, &visitor).await;
    app.expire_proof().await;
    begin(GRACE).await.finish().await.expect_error(401, "REAUTH_REQUIRED");
    let code = json!({"code": authenticator.code(&app).await});
    visitor.post("/v1/me/reauthenticate", code).await.expect(200);
    create().await.expect(200);
}

#[tokio::test]
async fn an_ended_session_cannot_renew_its_proof() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let other = sign_in_with_two_factors(&app, &ada, &authenticator).await;
    other.delete("/v1/me/sessions", json!({})).await.expect(200);
    let code = json!({"code": authenticator.code_in(&app, 30).await});
    reauthenticate(&ada, code).await.expect_error(401, "invalid session");
}
