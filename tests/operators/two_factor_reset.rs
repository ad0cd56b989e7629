//! Resetting a user's second factor: it takes effect a day later, and the owner can stop it until then.

use serde_json::{Value, json};
use shared::accounts::two_factor::reset::TWO_FACTOR_RESET_DELAY;
use shared::accounts::two_factor::reset::apply::apply_two_factor_reset;
use shared::accounts::two_factor::reset::cancel::cancel_two_factor_reset;
use shared::accounts::two_factor::reset::request::request_two_factor_reset;
use shared::clock::Timestamp;
use shared::jobs::Progress;
use tests::operators::{OPERATOR, support_actions};
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, list_passkeys, reauthenticate_with_passkey,
    sign_in_with_passkey,
};
use tests::time::{DAY, HOUR};
use tests::two_factor::{answer_challenge, sign_in_with_two_factors, start_challenge};
use tests::two_factor_reset::{
    DONE, EFFECT, REQUESTED, case, count_stops, expect_stop_mail, request_reset, reset,
    waiting_reset,
};
use tests::{Authenticator, PageVisitor, Person, TestApp, race};

const NEW_PASSWORD: &str = "Set a new password for your AIUS account";

async fn status(person: &Person) -> Value {
    person.get("/v1/2fa/status").await.expect(200).json()
}

/// Sets the password with a mailed code after a reset, which has ended it. Returns the person with a new session.
async fn set_password(app: &TestApp, person: &Person) -> Person {
    let refused = app.visitor().post("/v1/login", person.credentials()).await;
    refused.expect_error(401, "INVALID_CREDENTIALS");
    let forgot = json!({"email": person.email});
    app.visitor().post("/v1/password/forgot", forgot).await.expect(200);
    let code = app.code(&person.email).await;
    let new = json!({"email": person.email, "code": code, "new_password": tests::PASSWORD});
    app.visitor().post("/v1/password/reset", new).await.expect(200);
    person.sign_in(app).await
}

/// Asserts that no reset waits, that the second factor is still there after a day, and that each stop was mailed once,
/// the last one with the sentence `says`.
async fn assert_stopped(app: &TestApp, ada: &Person, says: &str) {
    let mail = expect_stop_mail(app, ada).await;
    assert!(mail.contains(says), "{mail}");
    app.advance_clock(EFFECT).await;
    assert!(app.items("WORK#", "reset-two-factor#").await.is_empty());
    start_challenge(app, ada).await;
    assert!(!app.subjects(&ada.email).await.contains(&DONE.to_owned()));
}

/// The job that waits for the effect names the invocation of the operator, as on Lambda.
#[tokio::test]
async fn the_job_of_a_reset_names_its_cause() {
    let app = TestApp::start().await;
    request_reset(&app).await;
    let jobs = app.items("WORK#", "reset-two-factor#").await;
    assert_eq!(jobs.len(), 1);
    assert!(jobs[0]["request_id"]["S"].as_str().is_some_and(|id| !id.is_empty()), "{jobs:?}");
}

#[tokio::test]
async fn a_reset_takes_effect_after_a_day() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Phone").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let id = ada.id().await;
    let waiting = app.operate_well(reset(id.as_str())).await;
    assert_eq!(waiting["case"]["ticket"], "T-1");
    let due_at = app.now().await + i64::try_from(DAY).unwrap();
    assert_eq!((&waiting["due_at"], TWO_FACTOR_RESET_DELAY.as_secs()), (&json!(due_at), DAY));
    assert_eq!(waiting_reset(&app, &id).await, waiting);
    assert_eq!(status(&ada).await["reset_due_at"], due_at);
    assert_eq!(app.subjects(&ada.email).await[0], REQUESTED);
    // Repeating it puts nothing off, and mails nothing.
    app.advance_clock(HOUR).await;
    assert_eq!(app.operate_well(reset(id.as_str())).await, waiting);
    app.advance_clock(DAY - HOUR - 1).await;
    start_challenge(&app, &ada).await;
    assert_eq!(app.subjects(&ada.email).await.iter().filter(|it| *it == REQUESTED).count(), 1);

    app.advance_clock(2 * HOUR).await;
    let subjects = app.subjects(&ada.email).await;
    assert!(
        [DONE, NEW_PASSWORD].iter().all(|it| subjects.contains(&(*it).to_owned())),
        "{subjects:?}"
    );
    ada.get("/v1/me").await.expect_error(401, "invalid session");
    let ada = set_password(&app, &ada).await;
    let off = json!({"enabled": false, "recovery_codes_left": 0, "reset_due_at": null});
    assert_eq!(status(&ada).await, off);
    assert!(list_passkeys(&ada.visitor).await.is_empty());
    assert!(app.items("PASSKEY#", "").await.is_empty());
    assert!(app.items("WORK#", "").await.is_empty());
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    let actions = support_actions(&ada).await;
    let about = actions.iter().filter(|action| action.contains("two_factor"));
    assert_eq!(
        about.collect::<Vec<_>>(),
        ["account.two_factor_reset", "account.two_factor_reset_requested"]
    );
    let events = app.items("ACTIVITY#USER#", "").await;
    let event = events.iter().find(|event| event["action"]["S"] == "account.two_factor_reset");
    let support = &event.unwrap()["support"]["M"];
    assert_eq!(
        (&support["operator"]["S"], &support["ticket"]["S"]),
        (&json!(OPERATOR), &json!("T-1"))
    );
    // A new second factor is not reset again.
    Authenticator::enabled(&app, &ada.visitor).await;
    app.advance_clock(DAY).await;
    start_challenge(&app, &ada).await;
}

#[tokio::test]
async fn the_mailed_link_sets_a_password_after_a_reset() {
    let app = TestApp::start().await;
    let (ada, _) = request_reset(&app).await;
    let id = ada.id().await;
    let ctx = app.stack().context().clone();
    let due_at = waiting_reset(&app, &id).await["due_at"].as_i64().unwrap();
    let due_at = Timestamp::from_seconds(due_at);
    // It is due before the next hourly run.
    app.advance_clock(DAY).await;
    assert_eq!(apply_two_factor_reset(&ctx, &id, due_at).await.unwrap(), Progress::Done);
    let refused = app.visitor().post("/v1/login", ada.credentials()).await;
    refused.expect_error(401, "INVALID_CREDENTIALS");
    let token = app.reset_token(&ada.email).await;
    app.reset_with_link(&token, tests::PASSWORD).await.expect(200);
    ada.sign_in(&app).await.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_sign_in_with_the_second_factor_stops_a_reset() {
    let app = TestApp::start().await;
    let (ada, authenticator) = request_reset(&app).await;
    let id = ada.id().await;
    // The first factor alone stops nothing.
    start_challenge(&app, &ada).await;
    assert_ne!(waiting_reset(&app, &id).await, Value::Null);
    let ada = sign_in_with_two_factors(&app, &ada, &authenticator).await;
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    let log = ada.get("/v1/me/activity").await.expect(200).json();
    let events = log["data"].as_array().unwrap().clone();
    let stopped =
        events.iter().find(|event| event["action"] == "account.two_factor_reset_canceled");
    assert_eq!(stopped.unwrap()["support"], false, "the owner did it");
    assert_stopped(&app, &ada, "A code from the authenticator app was entered").await;
}

#[tokio::test]
async fn a_recovery_code_stops_a_reset() {
    let app = TestApp::start().await;
    let (ada, authenticator) = request_reset(&app).await;
    let challenge = start_challenge(&app, &ada).await;
    let code = &authenticator.recovery_codes[0];
    answer_challenge(&app, &challenge, code).await.expect(200);
    assert_stopped(&app, &ada, "A recovery code was entered").await;
}

#[tokio::test]
async fn a_code_in_a_session_stops_a_reset() {
    let app = TestApp::start().await;
    let (ada, authenticator) = request_reset(&app).await;
    let proof = json!({"code": authenticator.code(&app).await});
    ada.post("/v1/me/reauthenticate", proof).await.expect(200);
    assert_eq!(waiting_reset(&app, &ada.id().await).await, Value::Null);
    assert_eq!(count_stops(&app).await, 1);
    assert_stopped(&app, &ada, "A code from the authenticator app was entered").await;
}

#[tokio::test]
async fn a_passkey_stops_a_reset() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut passkey = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut passkey, "Laptop").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let id = ada.id().await;
    app.operate_well(reset(id.as_str())).await;
    sign_in_with_passkey(&app, &mut passkey).await.expect(200);
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    app.operate_well(reset(id.as_str())).await;
    reauthenticate_with_passkey(&ada.visitor, &mut passkey).await.expect(200);
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    assert_eq!(count_stops(&app).await, 2);
    assert_stopped(&app, &ada, "A passkey was used").await;
}

#[tokio::test]
async fn the_owner_stops_a_reset_with_the_mailed_link() {
    let app = TestApp::start().await;
    let (ada, _) = request_reset(&app).await;
    let id = ada.id().await;
    assert_eq!(app.subjects(&ada.email).await[0], REQUESTED);
    let token = app.not_me_token(&ada.email).await;
    app.report_not_me(&token).await.expect(200);
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    assert_eq!(count_stops(&app).await, 1);
    let mail = expect_stop_mail(&app, &ada).await;
    assert!(mail.contains("turned off with a link or a code from one of our mails"), "{mail}");
    app.advance_clock(EFFECT).await;
    assert!(!app.subjects(&ada.email).await.contains(&DONE.to_owned()));
}

#[tokio::test]
async fn the_owner_stops_a_reset_on_the_page() {
    let app = TestApp::start().await;
    let (ada, _) = request_reset(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open("/account/security").await.expect(200);
    let page = page.expect_text("Our support was asked to reset two-factor authentication");
    let stop = "/account/security/two-factor/stop-reset";
    let stopped = browser.submit(&page, stop, &[]).await.expect(200);
    let stopped = stopped.expect_text("Reset stopped");
    assert!(!stopped.text().contains("was asked to reset two-factor authentication. It will"));
    // From another tab.
    browser.submit(&page, stop, &[]).await.expect(200).expect_text("Reset stopped");
    assert_stopped(&app, &ada, "It was stopped on the security page").await;
}

#[tokio::test]
async fn an_operator_cancels_a_reset() {
    let app = TestApp::start().await;
    let (ada, _) = request_reset(&app).await;
    let id = ada.id().await;
    let cancel = json!({"name": "cancel_two_factor_reset", "user_id": id});
    for was_waiting in [true, false] {
        assert_eq!(app.operate_well(cancel.clone()).await["canceled"], was_waiting);
    }
    let actions = support_actions(&ada).await;
    assert_eq!(
        actions,
        ["account.two_factor_reset_canceled", "account.two_factor_reset_requested"]
    );
    // Another reset waits for its own day.
    app.advance_clock(HOUR).await;
    app.operate_well(reset(id.as_str())).await;
    app.advance_clock(DAY - HOUR + 60).await;
    start_challenge(&app, &ada).await;
    app.operate_well(cancel).await;
    assert_stopped(&app, &ada, "Our support was asked to stop it").await;
}

#[tokio::test]
async fn a_factor_that_is_replaced_is_not_reset() {
    let app = TestApp::start().await;
    let (ada, authenticator) = request_reset(&app).await;
    let id = ada.id().await;
    let proof = json!({"password": tests::PASSWORD, "code": authenticator.code(&app).await});
    ada.post("/v1/2fa/disable", proof).await.expect(200);
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    assert_eq!(count_stops(&app).await, 1);
    Authenticator::enabled(&app, &ada.visitor).await;
    assert_stopped(&app, &ada, "A code from the authenticator app was entered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_resets_at_once_are_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let id = ada.id().await;
    let ctx = app.stack().context().clone();
    let results = race(8, |_| {
        let (ctx, id) = (ctx.clone(), id.clone());
        async move { request_two_factor_reset(&ctx, &id, &case()).await }
    })
    .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let mails = app.subjects(&ada.email).await;
    assert_eq!(mails.iter().filter(|subject| *subject == REQUESTED).count(), 1);
    assert_eq!(support_actions(&ada).await, ["account.two_factor_reset_requested"]);
}

/// Either the cancellation comes first, and nothing is reset, or the reset does, and there is nothing to cancel.
#[tokio::test(flavor = "multi_thread")]
async fn a_reset_and_its_cancellation_exclude_each_other() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let id = ada.id().await;
    let ctx = app.stack().context().clone();
    let due_at = request_two_factor_reset(&ctx, &id, &case()).await.unwrap().due_at;
    assert_eq!(apply_two_factor_reset(&ctx, &id, due_at).await.unwrap(), Progress::Blocked);
    let other = Timestamp::from_seconds(due_at.seconds() - 1);
    assert_eq!(apply_two_factor_reset(&ctx, &id, other).await.unwrap(), Progress::Done);
    // It is due before the next hourly run.
    app.advance_clock(DAY).await;
    race(8, |number| {
        let (ctx, id) = (ctx.clone(), id.clone());
        async move {
            if number % 2 == 0 {
                apply_two_factor_reset(&ctx, &id, due_at).await.map(drop)
            } else {
                cancel_two_factor_reset(&ctx, &id, &case()).await.map(drop)
            }
        }
    })
    .await
    .into_iter()
    .for_each(|result| result.unwrap());
    let stored = app.items("ACTIVITY#USER#", "").await;
    let count = |action: &str| stored.iter().filter(|event| event["action"]["S"] == action).count();
    let (done, canceled) =
        (count("account.two_factor_reset"), count("account.two_factor_reset_canceled"));
    assert_eq!(done + canceled, 1, "{done} {canceled}");
    let mails = app.subjects(&ada.email).await;
    assert_eq!(mails.iter().filter(|subject| *subject == DONE).count(), done);
}
