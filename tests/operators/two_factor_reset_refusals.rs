//! When a reset of a user's second factor is refused, and when one that waits takes no effect.

use serde_json::{Value, json};
use shared::ids::UserId;
use tests::mailboxes::send_mail_event;
use tests::time::HOUR;
use tests::two_factor::start_challenge;
use tests::two_factor_reset::{DONE, EFFECT, request_reset, reset, waiting_reset};
use tests::{Authenticator, Person, TestApp};

/// An event of SES about a mail that came back.
const BOUNCE: &str = include_str!("../../events/worker-bounce.json");

/// Asserts that a reset waits although it is due.
async fn assert_blocked(app: &TestApp, ada: &Person, id: &UserId) {
    app.advance_clock(EFFECT).await;
    assert_ne!(waiting_reset(app, id).await, Value::Null);
    assert!(!app.subjects(&ada.email).await.contains(&DONE.to_owned()));
}

/// Asserts that a reset that is due takes effect at the next hourly run.
async fn assert_takes_effect(app: &TestApp, ada: &Person, id: &UserId) {
    app.advance_clock(HOUR + 60).await;
    assert_eq!(waiting_reset(app, id).await, Value::Null);
    assert!(app.subjects(&ada.email).await.contains(&DONE.to_owned()));
}

#[tokio::test]
async fn only_accounts_with_a_second_factor_are_reset() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.operate_refused(reset(ada.id().await.as_str()), "2FA_NOT_ENABLED").await;
    app.operate_refused(reset("usr_mfrggzdfmztwq2lknnwg23tpoa"), "NOT_FOUND").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    app.set_switch("mail", false).await;
    app.operate_refused(reset(ada.id().await.as_str()), "DISABLED").await;
    assert_eq!(waiting_reset(&app, &ada.id().await).await, Value::Null);
}

#[tokio::test]
async fn a_reset_waits_while_mail_is_switched_off() {
    let app = TestApp::start().await;
    let (ada, _) = request_reset(&app).await;
    let id = ada.id().await;
    app.set_switch("mail", false).await;
    assert_blocked(&app, &ada, &id).await;
    start_challenge(&app, &ada).await;
    app.set_switch("mail", true).await;
    assert_takes_effect(&app, &ada, &id).await;
}

#[tokio::test]
async fn an_account_that_gets_no_mail_is_not_reset() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let id = ada.id().await;
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await).await;
    app.operate_refused(reset(id.as_str()), "INVALID_FIELD").await;
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    ada.post("/v1/me/email/retry", json!({})).await.expect(200);
    app.operate_well(reset(id.as_str())).await;
    // The mail about the request comes back.
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await + 1).await;
    assert_blocked(&app, &ada, &id).await;
    ada.post("/v1/me/email/retry", json!({})).await.expect(200);
    assert_takes_effect(&app, &ada, &id).await;
}

#[tokio::test]
async fn a_suspended_account_is_not_reset() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let id = ada.id().await;
    let (suspend, unsuspend) =
        (json!({"name": "suspend", "id": id}), json!({"name": "unsuspend", "id": id}));
    app.operate_well(suspend.clone()).await;
    app.operate_refused(reset(id.as_str()), "SUSPENDED").await;
    app.operate_well(unsuspend.clone()).await;
    app.operate_well(reset(id.as_str())).await;
    app.operate_well(suspend).await;
    assert_blocked(&app, &ada, &id).await;
    app.operate_well(unsuspend).await;
    assert_takes_effect(&app, &ada, &id).await;
}
