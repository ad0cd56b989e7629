//! Tests of `/v1/account/not-me`, which secures an account after a change that its owner did not make.

use serde_json::json;
use shared::accounts::NOT_ME_LINK_TTL;
use tests::change_email::{change_address, log_in, undo_change};
use tests::sign_in::login_body;
use tests::{PASSWORD, Person, TestApp, race};

/// The password after the recovery.
const NEW: &str = "another-horse-7";

/// Signs up a person, and signs in elsewhere as a thief of the password does. Returns the owner and the thief.
async fn sign_in_as_thief(app: &TestApp) -> (Person, Person) {
    let ada = app.sign_up("ada").await;
    let thief = ada.sign_in(app).await;
    assert_eq!(app.subjects(&ada.email).await[0], "New sign-in to your AIUS account");
    (ada, thief)
}

#[tokio::test]
async fn the_password_no_longer_signs_in_until_the_link_is_used() {
    let app = TestApp::start().await;
    let (ada, thief) = sign_in_as_thief(&app).await;
    let token = app.not_me_token(&ada.email).await;
    let reply = app.report_not_me(&token).await.expect(200).json();
    assert!(reply["message"].as_str().unwrap().contains("no longer works"), "{reply}");
    let nothing_else = json!({
        "tokens": [], "all_tokens": false, "google_account": null, "passkeys": 0,
        "two_factor": false, "slack_webhook": false,
    });
    assert_eq!(reply["ended"], nothing_else);
    for session in [&ada, &thief] {
        session.get("/v1/me").await.expect_error(401, "invalid session");
    }
    for visitor in [app.visitor(), ada.visitor.clone(), thief.visitor.clone()] {
        let refused = visitor.post("/v1/login", ada.credentials()).await;
        refused.expect_error(401, "INVALID_CREDENTIALS");
    }
    let mail = app.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "Set a new password for your AIUS account");
    app.reset_with_link(&app.reset_token(&ada.email).await, NEW).await.expect(200);
    log_in(&app, &ada.email).await.expect_error(401, "INVALID_CREDENTIALS");
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

#[tokio::test]
async fn a_link_works_once_for_seven_days_and_only_with_a_post() {
    let app = TestApp::start().await;
    let (ada, _) = sign_in_as_thief(&app).await;
    let token = app.not_me_token(&ada.email).await;
    for path in ["/v1/account/not-me", "/api/v1/account/not-me"] {
        // Links of older mails lead to the page.
        let moved = app.visitor().get(&format!("{path}?token={token}")).await.expect(303);
        let page = format!("/account/not-me?token={token}");
        assert_eq!(moved.header("location"), Some(page.as_str()));
    }
    for (body, code) in [
        (json!({}), "MISSING_TOKEN"),
        (json!({"token": " "}), "MISSING_TOKEN"),
        (json!({"token": 1}), "INVALID_FIELD"),
        (json!({"token": "x"}), "INVALID_CODE"),
        (json!({"token": token.replace('.', ".A")}), "INVALID_CODE"),
        (json!({"token": &token[..token.len() - 1]}), "INVALID_CODE"),
    ] {
        app.visitor().post("/v1/account/not-me", body).await.expect_error(400, code);
    }
    app.reset_with_link(&token, NEW).await.expect_error(400, "INVALID_CODE");
    ada.get("/v1/me").await.expect(200);
    app.report_not_me(&token).await.expect(200);
    app.report_not_me(&token).await.expect_error(400, "INVALID_CODE");

    app.reset_with_link(&app.reset_token(&ada.email).await, PASSWORD).await.expect(200);
    let late = app.not_me_token(&ada.email).await;
    app.advance_clock(NOT_ME_LINK_TTL.as_secs()).await;
    app.report_not_me(&late).await.expect_error(400, "INVALID_CODE");
    log_in(&app, &ada.email).await.expect(200);
}

/// The thief has changed the password and the address after the notice was mailed.
#[tokio::test]
async fn a_changed_address_is_restored() {
    let app = TestApp::start().await;
    let (ada, thief) = sign_in_as_thief(&app).await;
    let token = app.not_me_token(&ada.email).await;
    change_address(&app, &thief, "eve@example.org").await;
    app.report_not_me(&token).await.expect(200);
    thief.get("/v1/me").await.expect_error(401, "invalid session");
    for address in [ada.email.as_str(), "eve@example.org"] {
        log_in(&app, address).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    app.reset_with_link(&app.reset_token(&ada.email).await, NEW).await.expect(200);
    let owner = app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
    assert_eq!(owner.json()["user"]["email"], ada.email);
    let subjects = app.subjects("eve@example.org").await;
    assert!(!subjects.iter().any(|subject| subject.contains("new password")), "{subjects:?}");
}

/// A thief who had changed the address got notices too. Their links have no power after the owner's undo.
#[tokio::test]
async fn a_link_of_the_thief_has_no_power_after_an_undo() {
    let app = TestApp::start().await;
    let (ada, thief) = sign_in_as_thief(&app).await;
    let undo = change_address(&app, &thief, "eve@example.org").await;
    log_in(&app, "eve@example.org").await.expect(200);
    let thiefs = app.not_me_token("eve@example.org").await;
    undo_change(&app, &undo).await.expect(200);
    app.reset_with_link(&app.reset_token(&ada.email).await, NEW).await.expect(200);
    app.report_not_me(&thiefs).await.expect_error(400, "INVALID_CODE");
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_reports_secure_the_account_once() {
    let app = TestApp::start().await;
    let (ada, _) = sign_in_as_thief(&app).await;
    let token = app.not_me_token(&ada.email).await;
    let visitors: Vec<_> = (0..8).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let (visitor, body) = (visitors[number].clone(), json!({"token": token}));
        async move { visitor.post("/v1/account/not-me", body).await }
    })
    .await;
    assert!(replies.iter().filter(|reply| reply.status == 200).count() <= 1);
    app.wait_until_idle(&replies).await;
    let subjects = app.subjects(&ada.email).await;
    let mailed = subjects.iter().filter(|subject| subject.starts_with("Set a new password"));
    assert_eq!(mailed.count(), 1);
}
