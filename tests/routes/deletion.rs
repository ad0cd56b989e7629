//! Tests of `DELETE /v1/me` and of the time until the erasure.

use serde_json::{Value, json};
use shared::accounts::User;
use shared::dynamo::Record as _;
use shared::dynamo::Update;
use shared::keys;
use tests::account_deletion::{
    assert_account_intact, delete_account, deletion_body, sign_in_to_deleted_account,
};
use tests::organizations::{build_membership, insert_organization};
use tests::time::DAY;
use tests::{Authenticator, PASSWORD, Person, TestApp, race};

#[tokio::test]
async fn stale_sessions_and_tokens_are_refused_after_deletion() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    let user_id = ada.id().await;
    let script = app.visitor().with_bearer(&app.token(&ada, |_| {}).await);
    script.get("/v1/me").await.expect(200);

    let reply = delete_account(&ada).await;
    let due = app.now().await + 14 * 24 * 60 * 60;
    assert_eq!(reply.json(), json!({"deletion_scheduled_at": due}));
    assert_eq!(
        reply.header("set-cookie").unwrap(),
        "__Host-aius_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    );
    for session in [&ada, &elsewhere] {
        session.get("/v1/me").await.expect_error(401, "invalid session");
        session.post("/v1/me/restore", json!({})).await.expect_error(401, "invalid session");
    }
    script.get("/v1/me").await.expect_error(401, "invalid token");
    assert_eq!(app.subjects(&ada.email).await[0], "Your AIUS account will be deleted");
    let log = app.items("ACTIVITY#USER#", "").await;
    assert!(log.iter().any(|entry| entry["action"]["S"] == "account.deletion_scheduled"));
    let rows = app.items("ERASURE", "").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["sk"]["S"], format!("{due:0>12}#{user_id}"));
    assert!(app.items("SIGNIN#", "").await.is_empty(), "the right password counts as no failure");
}

#[tokio::test]
async fn deletion_requires_a_confirmation() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for missing in [json!({"password": PASSWORD}), json!({"password": PASSWORD, "confirm": null})] {
        ada.delete("/v1/me", missing).await.expect_error(400, "MISSING_CONFIRM");
    }
    ada.delete("/v1/me", json!({"password": PASSWORD, "confirm": ""}))
        .await
        .expect_error(400, "MISSING_CONFIRM");
    for other in ["delete", "DELETE ", "yes"] {
        let reply = ada.delete("/v1/me", json!({"password": PASSWORD, "confirm": other})).await;
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("confirm"), "{}", reply.text);
    }
    assert_account_intact(&app, &ada).await;
}

#[tokio::test]
async fn old_password_unchecked_deletion_needs_the_password() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let eves = json!({"current_password": PASSWORD, "new_password": "eves-own-horse-8"});
    eve.post("/v1/me/password", eves).await.expect(200);
    for missing in [json!({"confirm": "DELETE"}), json!({"confirm": "DELETE", "password": null})] {
        ada.delete("/v1/me", missing).await.expect_error(400, "MISSING_PASSWORD");
    }
    for wrong in ["wrong-horse-9", "eves-own-horse-8", "Correct-horse-9"] {
        let body = json!({"password": wrong, "confirm": "DELETE"});
        ada.delete("/v1/me", body).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    assert_account_intact(&app, &ada).await;
    // Wrong passwords are limited as at sign-in.
    for _ in 0..2 {
        let body = json!({"password": "wrong-horse-9", "confirm": "DELETE"});
        ada.delete("/v1/me", body).await.expect(401);
    }
    ada.delete("/v1/me", deletion_body()).await.expect_error(429, "RATE_LIMITED");
    app.advance_clock(15).await;
    delete_account(&ada).await;
}

/// The registration was contested, so the account has no password.
#[tokio::test]
async fn an_account_without_a_password_needs_a_recent_sign_in() {
    let app = TestApp::start().await;
    let (owner, squatter) = (app.visitor(), app.visitor());
    let body = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    owner.post("/v1/register", body.clone()).await.expect(200);
    squatter.post("/v1/register", body).await.expect(200);
    let verify = json!({"email": "ada@example.com", "code": app.code("ada@example.com").await});
    let reply = owner.post("/v1/verify-email", verify).await.expect(200);
    let ada = Person::from_session(&owner, "ada@example.com", &reply);
    app.expire_proof().await;
    let confirmation = json!({"confirm": "DELETE"});
    ada.delete("/v1/me", confirmation.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    // A password proves nothing for an account that has none.
    ada.delete("/v1/me", deletion_body()).await.expect_error(401, "REAUTH_REQUIRED");
    assert_account_intact(&app, &ada).await;
    // The owner recovers the account with a mailed code and a new password.
    app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    let code = app.code(&ada.email).await;
    let reset = json!({"email": ada.email, "code": code, "new_password": PASSWORD});
    app.visitor().post("/v1/password/reset", reset).await.expect(200);
    delete_account(&ada.sign_in(&app).await).await;
}

#[tokio::test]
async fn a_recent_sign_in_replaces_a_missing_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let drop = Update::new(keys::user(&ada.id().await)).remove("password_hash");
    let dropped = app.stack().context().table.update::<User>(drop).await;
    assert!(dropped.unwrap().unwrap().password_hash.is_none());
    app.advance_clock(599).await;
    ada.delete("/v1/me", json!({"confirm": "DELETE"})).await.expect(200);
}

#[tokio::test]
async fn an_account_with_a_second_factor_needs_a_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (authenticator, recovery) = Authenticator::set_up(&app, &ada.visitor).await;
    let with = |code: &str| json!({"password": PASSWORD, "confirm": "DELETE", "code": code});
    ada.delete("/v1/me", deletion_body()).await.expect_error(400, "MISSING_CODE");
    // totp_replay: the code that enabled the authenticator is used up.
    let enrolled = authenticator.code(&app).await;
    for wrong in [enrolled.as_str(), "000000", "", "abcd-efgh-jklm-npqr"] {
        ada.delete("/v1/me", with(wrong)).await.expect_error(400, "INVALID_CODE");
        app.advance_clock(901).await;
    }
    assert_account_intact(&app, &ada).await;
    // The failures at the password and at the second factor are counted. Three of the four codes
    // have the format of an authenticator, and the fourth looks like a recovery code.
    let counts = app.items("SIGNIN#", "").await;
    let mut counts: Vec<_> = counts.iter().map(|row| row["count"]["N"].as_str().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, ["3", "4"]);
    let wrong_password = json!({"password": "wrong-horse-9", "confirm": "DELETE", "code": authenticator.code(&app).await});
    ada.delete("/v1/me", wrong_password).await.expect_error(401, "INVALID_CREDENTIALS");
    app.advance_clock(901).await;
    ada.delete("/v1/me", with(&authenticator.code(&app).await)).await.expect(200);
    assert!(app.items("SIGNIN#", "").await.is_empty());

    // The account is restored with both factors. The second factor stays required, and a recovery
    // code confirms a deletion too.
    app.advance_clock(30).await;
    let visitor = app.visitor();
    let login_reply = visitor.post("/v1/login", ada.credentials()).await.expect(200).json();
    assert_eq!(login_reply["requires_2fa"], true);
    let answer = json!({
        "challenge_token": login_reply["challenge_token"], "code": authenticator.code(&app).await,
    });
    let reply = visitor.post("/v1/2fa/login", answer).await.expect(200);
    assert_eq!(reply.json()["pending_deletion"], true);
    let ada = Person::from_session(&visitor, &ada.email, &reply);
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    ada.delete("/v1/me", with(&recovery[3])).await.expect(200);
    let subjects = app.subjects(&ada.email).await;
    assert!(subjects.iter().any(|subject| subject.contains("recovery code")), "{subjects:?}");
}

#[tokio::test]
async fn deletion_names_the_organizations_that_have_members() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (ada_id, eve_id) = (ada.id().await, eve.id().await);
    let alone = insert_organization(&app, &ada_id, &[]).await;
    let shared = insert_organization(&app, &ada_id, &[&eve_id]).await;
    let reply = ada.delete("/v1/me", deletion_body()).await.expect_error(409, "OWNS_CLIENTS");
    let detail = reply.json()["detail"].clone();
    assert_eq!(tests::keys(&detail), ["clients", "code", "message"]);
    assert_eq!(detail["clients"], json!([{"id": shared.as_str(), "name": "Analytical Engines"}]));
    assert_account_intact(&app, &ada).await;
    // Other errors do not name organizations, and the names are shown only after the owner has
    // proven their identity.
    let wrong = json!({"password": "wrong-horse-9", "confirm": "DELETE"});
    let reply = ada.delete("/v1/me", wrong).await.expect_error(401, "INVALID_CREDENTIALS");
    assert_eq!(tests::keys(&reply.json()["detail"]), ["code", "message"]);
    // A member can delete their account, and so can an owner after the last other member has left.
    let (member, listed) = build_membership(&shared, &eve_id, app.now().await);
    for key in [member.key(), listed.key()] {
        app.stack().context().table.delete(&key).await.unwrap();
    }
    let fewer = Update::new(keys::organization(&shared)).add("members", -1).add("version", 1);
    app.stack().context().table.update::<Value>(fewer).await.unwrap().unwrap();
    delete_account(&ada).await;
    assert_ne!(alone, shared);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_deletions_take_effect_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let replies = race(3, |_| {
        let ada = ada.clone();
        async move { ada.delete("/v1/me", deletion_body()).await }
    })
    .await;
    let done = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(done, 1, "{replies:?}");
    let refused = replies.iter().filter(|reply| reply.status != 200);
    refused.for_each(|reply| assert_eq!(reply.code(), "invalid session"));
    assert_eq!(app.items("ERASURE", "").await.len(), 1);
    let subjects = app.subjects(&ada.email).await;
    assert_eq!(subjects.iter().filter(|subject| subject.contains("will be deleted")).count(), 1);
}

/// The erasure is due, and the worker has not run yet.
#[tokio::test]
async fn an_account_is_unusable_once_its_erasure_is_due() {
    let app = TestApp::start().await;
    // The worker runs once a day from the start on, so it last ran a minute before the erasure is due.
    app.advance_clock(60).await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (authenticator, _) = Authenticator::set_up(&app, &bob.visitor).await;
    delete_account(&ada).await;
    app.advance_clock(30).await;
    let body = json!({
        "password": PASSWORD, "confirm": "DELETE", "code": authenticator.code(&app).await,
    });
    bob.delete("/v1/me", body).await.expect(200);
    app.advance_clock(14 * DAY - 31).await;
    let back = sign_in_to_deleted_account(&app, &ada).await;
    app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    let code = app.code(&ada.email).await;
    app.advance_clock(1).await;
    assert_eq!(app.items("ERASURE", "").await.len(), 2, "nothing has been erased yet");

    back.post("/v1/me/restore", json!({})).await.expect_error(401, "invalid session");
    back.post("/v1/logout", json!({})).await.expect_error(401, "invalid session");
    let login = app.visitor().post("/v1/login", ada.credentials()).await;
    login.expect_error(401, "INVALID_CREDENTIALS");
    let reset = json!({"email": ada.email, "code": code, "new_password": "another-horse-7"});
    let reset = app.visitor().post("/v1/password/reset", reset).await;
    reset.expect_error(400, "INVALID_CODE");
    app.advance_clock(60).await;
    let before = app.mails(&ada.email).await.len();
    app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    assert_eq!(app.mails(&ada.email).await.len(), before);
    // The address stays taken until the account is erased.
    let register = json!({"email": ada.email, "name": "Eve", "password": PASSWORD});
    let taken = app.visitor().post("/v1/register", register).await;
    taken.expect_error(409, "EMAIL_ALREADY_EXISTS");

    // The second factor is submitted too late as well.
    let visitor = app.visitor();
    assert!(app.items("ERASURE", "").await.len() == 2);
    let login_reply = visitor.post("/v1/login", bob.credentials()).await;
    login_reply.expect_error(401, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn a_sign_in_that_ends_after_the_due_time_fails() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    let bob = app.sign_up("bob").await;
    let (authenticator, _) = Authenticator::set_up(&app, &bob.visitor).await;
    app.advance_clock(30).await;
    let body = json!({
        "password": PASSWORD, "confirm": "DELETE", "code": authenticator.code(&app).await,
    });
    bob.delete("/v1/me", body).await.expect(200);
    app.advance_clock(14 * DAY - 1).await;
    let visitor = app.visitor();
    let login_reply = visitor.post("/v1/login", bob.credentials()).await.expect(200).json();
    app.advance_clock(1).await;
    let answer = json!({
        "challenge_token": login_reply["challenge_token"], "code": authenticator.code(&app).await,
    });
    let late = visitor.post("/v1/2fa/login", answer).await;
    late.expect_error(401, "INVALID_CHALLENGE");
}

/// Without email verification an account can be deleted before its address is verified.
#[tokio::test]
async fn a_code_does_not_restore_an_unverified_account() {
    let app = TestApp::start_without_email_verification().await;
    app.advance_clock(60).await;
    let visitor = app.visitor();
    let body = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    let reply = visitor.post("/v1/register", body.clone()).await.expect(200);
    let ada = Person::from_session(&visitor, "ada@example.com", &reply);
    delete_account(&ada).await;
    app.advance_clock(14 * DAY - 1).await;
    let resend = app.visitor().post("/v1/verify-email/resend", json!({"email": ada.email})).await;
    resend.expect(200);
    let verify = json!({"email": ada.email, "code": app.code(&ada.email).await});
    app.advance_clock(1).await;
    let late = app.visitor().post("/v1/verify-email", verify).await;
    late.expect_error(400, "INVALID_CODE");
}
