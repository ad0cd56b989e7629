//! Tests of `POST /v1/me/restore` and of what else an account that waits for its erasure can do.

use serde_json::json;
use shared::accounts::deletion::restore::restore_account;
use shared::accounts::{PendingRegistration, User};
use shared::dynamo::Condition;
use shared::error::Error;
use shared::keys;
use tests::account_deletion::{
    assert_account_intact, delete_account, deletion_body, sign_in_to_deleted_account,
};
use tests::change_email::parse_undo_token;
use tests::time::DAY;
use tests::{PASSWORD, Person, TestApp, race};

#[tokio::test]
async fn a_deleted_account_can_only_be_restored_or_signed_out() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    delete_account(&ada).await;
    let due = app.now().await + 14 * 24 * 60 * 60;
    app.advance_clock(13 * DAY).await;
    let visitor = app.visitor();
    let reply = visitor.post("/v1/login", ada.credentials()).await.expect(200);
    let json = reply.json();
    assert_eq!(
        (&json["pending_deletion"], &json["deletion_scheduled_at"]),
        (&json!(true), &json!(due))
    );
    let back = Person::from_session(&visitor, &ada.email, &reply);
    for path in ["/v1/me", "/v1/me/sessions", "/v1/me/export", "/v1/clients"] {
        back.get(path).await.expect_error(403, "PENDING_DELETION");
    }
    back.delete("/v1/me", deletion_body()).await.expect_error(403, "PENDING_DELETION");
    let leaving = sign_in_to_deleted_account(&app, &ada).await;
    leaving.post("/v1/logout", json!({})).await.expect(200);
    leaving.post("/v1/me/restore", json!({})).await.expect_error(401, "invalid session");

    let restored = back.post("/v1/me/restore", json!({})).await.expect(200).json();
    assert_eq!(restored, back.get("/v1/me").await.expect(200).json());
    assert_eq!(app.subjects(&ada.email).await[0], "Your AIUS account was restored");
    let log = app.items("ACTIVITY#USER#", "").await;
    assert!(log.iter().any(|entry| entry["action"]["S"] == "account.restored"));
    assert_account_intact(&app, &back).await;
    ada.get("/v1/me").await.expect_error(401, "invalid session");
    // Sign-in works as before, and nothing has been erased.
    let again = app.visitor().post("/v1/login", ada.credentials()).await.expect(200).json();
    assert!(
        again.get("pending_deletion").is_none() && again.get("deletion_scheduled_at").is_none()
    );
    app.advance_clock(3 * DAY).await;
    back.get("/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_restores_take_effect_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    // Restoring an account that is not deleted changes nothing.
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    delete_account(&ada).await;
    let back = sign_in_to_deleted_account(&app, &ada).await;
    let replies = race(4, |_| {
        let back = back.clone();
        async move { back.post("/v1/me/restore", json!({})).await }
    })
    .await;
    for reply in replies {
        assert_eq!(reply.expect(200).json()["user"]["email"], "ada@example.com");
    }
    let subjects = app.subjects(&ada.email).await;
    assert_eq!(subjects.iter().filter(|subject| subject.contains("restored")).count(), 1);
    assert_account_intact(&app, &back).await;
}

#[tokio::test]
async fn a_deleted_account_can_reset_its_password_and_restore() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    delete_account(&ada).await;
    let register = json!({"email": ada.email, "name": "Eve", "password": PASSWORD});
    let taken = app.visitor().post("/v1/register", register).await;
    taken.expect_error(409, "EMAIL_ALREADY_EXISTS");
    app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    let new = "another-horse-7";
    let code = app.code(&ada.email).await;
    let reset = json!({"email": ada.email, "code": code, "new_password": new});
    app.visitor().post("/v1/password/reset", reset).await.expect(200);
    let visitor = app.visitor();
    let login = json!({"email": ada.email, "password": new});
    let reply = visitor.post("/v1/login", login).await.expect(200);
    let back = Person::from_session(&visitor, &ada.email, &reply);
    back.post("/v1/me/restore", json!({})).await.expect(200);
    back.get("/v1/me").await.expect(200);
}

/// Email verification became required after the account was created. A takeover would be lost with
/// the erasure of the old account.
#[tokio::test]
async fn a_deleted_unverified_account_is_not_taken_over() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    delete_account(&ada).await;
    let table = &app.stack().context().table;
    let mut user: User = table.get(&keys::user(&id)).await.unwrap().unwrap();
    user.email_verified = false;
    user.pending = Some(PendingRegistration { browser: None, contested: false, expires_at: None });
    assert!(table.put(&user, Condition::Exists).await.unwrap());
    let register = json!({"email": ada.email, "name": "Eve", "password": PASSWORD});
    let taken = app.visitor().post("/v1/register", register).await;
    taken.expect_error(409, "EMAIL_ALREADY_EXISTS");
}

/// The request starts in time, and its write comes after the due time.
#[tokio::test]
async fn a_restore_that_ends_after_the_due_time_fails() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    let ada = app.sign_up("ada").await;
    delete_account(&ada).await;
    app.advance_clock(14 * DAY - 1).await;
    let back = sign_in_to_deleted_account(&app, &ada).await;
    let ctx = app.stack().context();
    let signed_in = app.session(&back).await;
    let before = app.durable_items().await;
    app.advance_clock(1).await;
    let late = restore_account(ctx, &signed_in).await;
    assert!(matches!(late, Err(Error::InvalidSession)), "{late:?}");
    assert_eq!(app.durable_items().await.len(), before.len());
    assert_eq!(app.items("ERASURE", "").await.len(), 1);
}

/// A thief can change the address and delete the account.
#[tokio::test]
async fn an_email_change_of_a_deleted_account_can_be_undone() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let change = json!({"new_email": "thief@example.org", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect(200);
    let code = app.code("thief@example.org").await;
    ada.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
    delete_account(&ada).await;
    let token = parse_undo_token(&app.mails(&ada.email).await[0]);
    app.visitor().post("/v1/email/undo", json!({"token": token})).await.expect(200);
    let link = app.reset_token(&ada.email).await;
    app.reset_with_link(&link, PASSWORD).await.expect(200);
    let back = sign_in_to_deleted_account(&app, &ada).await;
    back.post("/v1/me/restore", json!({})).await.expect(200);
    assert_account_intact(&app, &back).await;
}
