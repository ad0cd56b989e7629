//! The mail about a reset of a user's second factor that was stopped: what it says and that each stop sends one.

use serde_json::{Value, json};
use shared::accounts::two_factor::reset::cancel::cancel_two_factor_reset;
use shared::mail::LinkedPage;
use tests::mailed_links::token_in;
use tests::two_factor::sign_in_with_two_factors;
use tests::two_factor_reset::{
    case, count_stops, expect_stop_mail, request_reset, reset, stop_mails, waiting_reset,
};
use tests::{Reply, TestApp, race};

#[tokio::test]
async fn the_mail_about_a_stop_secures_the_account() {
    let app = TestApp::start().await;
    let (ada, authenticator) = request_reset(&app).await;
    let thief = sign_in_with_two_factors(&app, &ada, &authenticator).await;
    let mail = expect_stop_mail(&app, &ada).await;
    assert!(mail.contains("When:") && mail.contains("IP address:"), "{mail}");
    let token = token_in(&stop_mails(&app, &ada).await[0], LinkedPage::NotMe).expect("a link");
    app.report_not_me(&token).await.expect(200);
    thief.get("/v1/me").await.expect_error(401, "invalid session");
    // Nothing waits anymore, so that nothing more is mailed about a stop.
    assert_eq!(stop_mails(&app, &ada).await.len(), 1);
}

#[tokio::test]
async fn the_mail_about_a_stop_by_support_names_no_device() {
    let app = TestApp::start().await;
    let (ada, authenticator) = request_reset(&app).await;
    let cancel = json!({"name": "cancel_two_factor_reset", "user_id": ada.id().await});
    app.operate_well(cancel.clone()).await;
    let mail = expect_stop_mail(&app, &ada).await;
    assert!(mail.contains("When:") && !mail.contains("IP address:"), "{mail}");
    assert!(!mail.contains("T-1"), "the ticket is for operators: {mail}");
    // Without a reset that waits, neither support nor a code mails anything about a stop.
    app.operate_well(cancel).await;
    sign_in_with_two_factors(&app, &ada, &authenticator).await;
    assert_eq!(stop_mails(&app, &ada).await.len(), 1);
    // Another reset has a stop of its own.
    app.operate_well(reset(ada.id().await.as_str())).await;
    let proof = json!({"code": authenticator.recovery_codes[0]});
    ada.post("/v1/me/reauthenticate", proof).await.expect(200);
    let mail = expect_stop_mail(&app, &ada).await;
    assert!(mail.contains("A recovery code was entered"), "{mail}");
    assert_eq!(stop_mails(&app, &ada).await.len(), 2);
}

/// The second factor is less than 7 days old, so a new password by mail ends it and stops its reset.
#[tokio::test]
async fn a_new_password_that_ends_the_factor_mails_the_stop() {
    let app = TestApp::start().await;
    let (ada, _) = request_reset(&app).await;
    let id = ada.id().await;
    let forgot = json!({"email": ada.email});
    app.visitor().post("/v1/password/forgot", forgot).await.expect(200);
    assert_ne!(waiting_reset(&app, &id).await, Value::Null);
    let token = app.reset_token(&ada.email).await;
    app.reset_with_link(&token, tests::PASSWORD).await.expect(200);
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    let mail = expect_stop_mail(&app, &ada).await;
    assert!(mail.contains("turned off with a link or a code from one of our mails"), "{mail}");
    assert_eq!(count_stops(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn stops_at_once_send_one_mail() {
    let app = TestApp::start().await;
    let (ada, authenticator) = request_reset(&app).await;
    let id = ada.id().await;
    let ctx = app.stack().context().clone();
    let replies = race(8, |number| {
        let (ctx, id, visitor) = (ctx.clone(), id.clone(), ada.visitor.clone());
        let proof = json!({"code": authenticator.recovery_codes[number]});
        async move {
            if number % 2 == 0 {
                cancel_two_factor_reset(&ctx, &id, &case()).await.unwrap();
                return None;
            }
            Some(visitor.post("/v1/me/reauthenticate", proof).await)
        }
    })
    .await;
    let replies: Vec<Reply> = replies.into_iter().flatten().collect();
    assert!(replies.iter().all(|reply| reply.status == 200 || reply.has_timed_out()));
    app.wait_until_idle(&replies).await;
    assert_eq!(waiting_reset(&app, &id).await, Value::Null);
    assert_eq!(count_stops(&app).await, 1);
    expect_stop_mail(&app, &ada).await;
}
