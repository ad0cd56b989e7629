//! An account whose address nobody verifies is erased after 7 days, and the address is free again.

use serde_json::{Value, json};
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account};
use tests::account_erasure::{
    UNIQUE_NAME, interrupt_erasure, items_containing, list_erasures, race_erasure,
};
use tests::time::DAY;
use tests::{FaultProxy, PASSWORD, TestApp, registration_browser};

/// Returns the address of [`UNIQUE_NAME`].
fn address() -> String {
    format!("{UNIQUE_NAME}@example.com")
}

#[tokio::test]
async fn unproven_accounts_forever_are_erased_after_7_days() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    app.register_unverified(UNIQUE_NAME).await;
    let id = list_erasures(&app).await.remove(0).user_id;
    app.advance_clock(7 * DAY - 1).await;
    assert!(!items_containing(&app, &[UNIQUE_NAME]).await.is_empty());
    // The daily run after the 7 days.
    app.advance_clock(DAY + 1).await;
    assert_eq!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await, Vec::<Value>::new());
    let login = json!({"email": address(), "password": PASSWORD});
    app.visitor().post("/v1/login", login).await.expect_error(401, "INVALID_CREDENTIALS");
    // The address is free.
    let owner = app.sign_up(UNIQUE_NAME).await;
    assert_ne!(owner.id().await, id);
}

#[tokio::test]
async fn unproven_accounts_forever_a_verified_account_stays() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    let verified = app.sign_up("ada").await;
    // Signing in with Google verifies the address as well.
    app.register_unverified("eve").await;
    app.create_google_account("eve@example.com", true).await;
    app.sign_in_with_google(&app.visitor(), "eve@example.com").await.expect(302);
    // Nothing is left for the worker to look at.
    assert!(list_erasures(&app).await.is_empty());
    let users = app.items("USER#", "META").await.len();
    app.advance_clock(9 * DAY).await;
    assert_eq!(app.items("USER#", "META").await.len(), users);
    verified.sign_in(&app).await;
}

#[tokio::test]
async fn unproven_accounts_forever_a_new_registration_has_7_days() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    let (mut visitor, email) = (app.visitor(), "ada@example.com");
    let body = json!({"email": email, "name": "Ada", "password": PASSWORD});
    // Twice within a second, and again six days later.
    for _ in 0..2 {
        for _ in 0..2 {
            let reply = visitor.post("/v1/register", body.clone()).await.expect(200);
            visitor = registration_browser(&visitor, &reply);
            assert_eq!(list_erasures(&app).await.len(), 1);
        }
        app.advance_clock(6 * DAY).await;
    }
    visitor.post("/v1/verify-email/resend", json!({"email": email})).await.expect(200);
    let verify = json!({"email": email, "code": app.code(email).await});
    visitor.post("/v1/verify-email", verify).await.expect(200);
    app.advance_clock(9 * DAY).await;
    let login = json!({"email": email, "password": PASSWORD});
    visitor.post("/v1/login", login).await.expect(200);
}

/// Accounts are in use without having been verified where the deployment does not require it.
#[tokio::test]
async fn unproven_accounts_forever_in_use_are_not_erased() {
    let app = TestApp::start_without_email_verification().await;
    let ada = app.visitor();
    let body = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    ada.post("/v1/register", body).await.expect(200);
    assert!(list_erasures(&app).await.is_empty());
    app.advance_clock(9 * DAY).await;
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    ada.post("/v1/login", login).await.expect(200);
}

/// Either the code signs in and the account stays, or it is refused and the account is erased.
#[tokio::test(flavor = "multi_thread")]
async fn unproven_accounts_forever_verified_at_the_last_moment() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    for number in 0..8 {
        let name = format!("{UNIQUE_NAME}-{number}");
        let email = format!("{name}@example.com");
        let before = app.items("USER#", "META").await.len();
        app.register_unverified(&name).await;
        let due = list_erasures(&app).await.remove(0);
        // The erasure is due, and the daily run comes later.
        app.advance_clock_only(7 * DAY).await;
        app.visitor().post("/v1/verify-email/resend", json!({"email": email})).await.expect(200);
        let verify = json!({"email": email, "code": app.code(&email).await});
        let (ctx, visitor) = (app.stack().context(), app.visitor());
        let (verified, erased) = tokio::join!(
            visitor.post("/v1/verify-email", verify),
            erase_account(ctx, &app.stack().clients().stripe, &due),
        );
        let stayed = match erased.unwrap() {
            ErasureOutcome::Erased => {
                verified.expect_error(400, "INVALID_CODE");
                0
            }
            ErasureOutcome::NotDue => {
                verified.expect(200);
                1
            }
        };
        assert_eq!(app.items("USER#", "META").await.len(), before + stayed);
        assert!(list_erasures(&app).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unproven_accounts_forever_erased_by_several_at_once() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    app.register_unverified(UNIQUE_NAME).await;
    let due = list_erasures(&app).await.remove(0);
    app.advance_clock_only(7 * DAY).await;
    race_erasure(&app, &due).await;
    assert!(items_containing(&app, &[UNIQUE_NAME, due.user_id.as_str()]).await.is_empty());
}

/// DynamoDB fails permanently at each step of an erasure in turn. The address cannot be verified meanwhile, and the
/// next run finishes the erasure.
#[tokio::test]
async fn unproven_accounts_forever_stopped_in_the_middle() {
    const STEPS: usize = 34;
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.advance_clock(60).await;
    for step in 0..STEPS {
        app.register_unverified(&format!("{UNIQUE_NAME}-{step}-")).await;
    }
    app.advance_clock(7 * DAY).await;
    let (ctx, stripe) = (app.stack().context(), &app.stack().clients().stripe);
    for (step, due) in list_erasures(&app).await.into_iter().enumerate() {
        let Some(user) = interrupt_erasure(&app, &engine, &due, step).await else {
            assert!(step > 10, "an erasure takes more than {step} calls");
            return;
        };
        assert_eq!(erase_account(ctx, stripe, &due).await.unwrap(), ErasureOutcome::Erased);
        let left = items_containing(&app, &[&user.name.to_string(), due.user_id.as_str()]).await;
        assert_eq!(left, Vec::<Value>::new(), "at step {step}");
    }
    panic!("an erasure takes more than {STEPS} calls");
}
