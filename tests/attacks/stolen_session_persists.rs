//! A stolen session cannot give its thief lasting access: a change that would outlive it needs a recent
//! proof of identity.

use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::MAX_RECENT_TOKENS;
use shared::accounts::passkeys::MAX_PASSKEYS;
use shared::organizations::Role;
use shared::sessions::RECENT_PROOF_TTL;
use tests::change_email::{change_address, undo_change};
use tests::google_accounts::get_user;
use tests::members::{create_team, sign_up_member};
use tests::notifications::webhook_path;
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, ceremony_body, sign_in_with_passkey, start_ceremony,
};
use tests::sign_in::login_body;
use tests::{Authenticator, PASSWORD, Person, TestApp, Visitor, session_cookie};

#[tokio::test]
async fn stolen_session_persists_in_nothing_that_outlives_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await.id().await;
    let (key, _) = ada.key(&client, "ci").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    // Started while the proof was recent.
    app.advance_clock(RECENT_PROOF_TTL.as_secs() - 1).await;
    let start = start_ceremony(&ada.visitor, "").await;
    let mut registration = ceremony_body(&start, &authenticator.create(&start["options"]).await);
    registration["name"] = json!("thief");
    app.advance_clock(1).await;
    let at = |path: &str| format!("/v1/clients/{client}{path}");
    let webhook =
        json!({"slack_webhook_url": format!("https://hooks.slack.com{}", webhook_path(&ada))});
    let attempts = [
        (Method::GET, "/v1/auth/google?link=1".to_owned(), json!({})),
        (Method::DELETE, "/v1/me/connections/google".to_owned(), json!({})),
        (Method::POST, "/v1/passkeys/options".to_owned(), json!({})),
        (Method::POST, "/v1/passkeys".to_owned(), registration),
        (Method::DELETE, format!("/v1/passkeys/{}", passkey["id"].as_str().unwrap()), json!({})),
        (Method::POST, "/v1/2fa/setup".to_owned(), json!({})),
        (Method::POST, "/v1/2fa/enable".to_owned(), json!({"code": "123456"})),
        (Method::POST, "/v1/tokens".to_owned(), json!({"token_name": "thief"})),
        (Method::PUT, "/v1/me/notifications".to_owned(), webhook),
        (Method::POST, at("/api-keys"), json!({"name": "thief"})),
        (Method::POST, at(&format!("/api-keys/{key}/rotate")), json!({})),
        (Method::POST, at("/invitations"), json!({"email": "eve@example.com", "role": "admin"})),
        (Method::PATCH, at(&format!("/members/{bob}")), json!({"role": "admin"})),
        (Method::DELETE, at(&format!("/members/{bob}")), json!({})),
        (Method::DELETE, at(""), json!({"confirm": "Acme Corp"})),
    ];
    let before = app.dump().await;
    for (method, path, body) in &attempts {
        let reply = ada.visitor.send_json(method.clone(), path, body).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "REAUTH_REQUIRED"), "{path}");
    }
    assert_eq!(app.dump().await.len(), before.len());
    // What takes the password itself is no way around it.
    for (method, path, body) in [
        (Method::POST, "/v1/me/password".to_owned(), json!({"new_password": "thief-horse-9"})),
        (Method::POST, "/v1/me/email".to_owned(), json!({"new_email": "thief@example.com"})),
        (Method::DELETE, "/v1/me".to_owned(), json!({"confirm": "DELETE"})),
        (Method::POST, at("/transfer"), json!({"user_id": bob.to_string()})),
    ] {
        let reply = ada.visitor.send_json(method, &path, &body).await;
        assert!(reply.status == 400 && reply.code().starts_with("MISSING_"), "{path}");
    }
    // The owner proves who they are, and everything works.
    let proof = json!({"password": PASSWORD});
    ada.post("/v1/me/reauthenticate", proof).await.expect(200);
    for (method, path, body) in attempts {
        let reply = ada.visitor.send_json(method, &path, &body).await;
        assert!(!reply.text.contains("REAUTH_REQUIRED"), "{path}: {}", reply.text);
    }
}

/// The password after the recovery.
const NEW: &str = "another-horse-7";

/// What a thief has made with a session whose proof of identity was recent.
struct Stolen {
    ada: Person,
    /// A token of the owner, made more than 7 days before.
    old: Visitor,
    thief: Visitor,
    token: Visitor,
    /// A passkey of the owner, made more than 7 days before.
    old_passkey: PasskeyAuthenticator,
    passkey: PasskeyAuthenticator,
}

impl Stolen {
    async fn make(app: &TestApp) -> Self {
        Self::make_with(app, async |_| ()).await.0
    }

    /// Makes it, and calls `change` before the second factor is on.
    async fn make_with<T>(app: &TestApp, change: impl AsyncFnOnce(&Person) -> T) -> (Self, T) {
        let ada = app.sign_up("ada").await;
        let old = ada.token("owner").await;
        let mut old_passkey = PasskeyAuthenticator::new(app);
        add_passkey(&ada.visitor, &mut old_passkey, "owner").await;
        app.advance_clock_only(8 * 24 * 3600).await;
        let ada = ada.sign_in(app).await;
        let token = ada.token("thief").await;
        let mut passkey = PasskeyAuthenticator::new(app);
        add_passkey(&ada.visitor, &mut passkey, "thief").await;
        let session = ada.session.clone().unwrap();
        app.create_google_account("mallory@example.com", true).await;
        app.link_google(&ada.visitor, &session, "mallory@example.com").await.expect(302);
        let webhook = format!("https://hooks.slack.com{}", webhook_path(&ada));
        let preferences = json!({"slack_webhook_url": webhook, "test_failures": "slack"});
        let put = ada.visitor.send_json(Method::PUT, "/v1/me/notifications", &preferences).await;
        put.expect(200);
        let changed = change(&ada).await;
        Authenticator::enabled(app, &ada.visitor).await;
        let (old, token) = (app.visitor().with_bearer(&old), app.visitor().with_bearer(&token));
        for bearer in [&old, &token] {
            bearer.get("/v1/token").await.expect(200);
        }
        let thief = ada.visitor.clone();
        (Self { thief, ada, old, token, old_passkey, passkey }, changed)
    }

    /// Asserts that the answer names all that was ended, and that nothing of it works.
    async fn assert_ended(&mut self, app: &TestApp, ended: &Value) {
        let all = json!({
            "tokens": [{"id": 2, "token_name": "thief"}], "all_tokens": false,
            "google_account": "mallory@example.com", "passkeys": 1, "two_factor": true,
            "slack_webhook": true,
        });
        assert_eq!(*ended, all);
        self.old.get("/v1/token").await.expect(200);
        self.assert_shut_out(app).await;
    }

    /// Asserts that neither the session nor the token nor the Google account nor the passkey of the thief opens the
    /// account, and that the owner's passkey does.
    async fn assert_shut_out(&mut self, app: &TestApp) {
        self.thief.get("/v1/me").await.expect_error(401, "invalid session");
        self.token.get("/v1/token").await.expect_error(401, "invalid token");
        let refused = sign_in_with_passkey(app, &mut self.passkey).await;
        refused.expect_error(401, "INVALID_PASSKEY");
        sign_in_with_passkey(app, &mut self.old_passkey).await.expect(200);
        let google = app.sign_in_with_google(&app.visitor(), "mallory@example.com").await;
        let mallory = app.visitor().with_session(&session_cookie(&google.expect(302)).unwrap());
        assert_eq!(get_user(&mallory).await["email"], "mallory@example.com");
    }

    /// Asserts that the owner signs in with the new password alone, and that notifications are mailed.
    async fn assert_recovered(&self, app: &TestApp) {
        let visitor = app.visitor();
        visitor.post("/v1/login", self.ada.credentials()).await.expect(401);
        let login = visitor.post("/v1/login", login_body(&self.ada.email, NEW)).await.expect(200);
        let owner = visitor.with_session(login.json()["session_token"].as_str().unwrap());
        let preferences = owner.get("/v1/me/notifications").await.expect(200).json();
        assert_eq!(preferences["slack_webhook_url"], Value::Null);
        assert_eq!(preferences["test_failures"], "email");
        assert_eq!(get_user(&owner).await["two_factor_enabled"], false);
    }
}

#[tokio::test]
async fn stolen_session_persists_not_after_a_reset() {
    let app = TestApp::start().await;
    let mut stolen = Stolen::make(&app).await;
    let email = &stolen.ada.email.clone();
    app.visitor().post("/v1/password/forgot", json!({"email": email})).await.expect(200);
    let reset = app.reset_with_link(&app.reset_token(email).await, NEW).await.expect(200);
    stolen.assert_ended(&app, &reset.json()["ended"]).await;
    stolen.assert_recovered(&app).await;
}

#[tokio::test]
async fn stolen_session_persists_not_after_a_reset_with_a_code() {
    let app = TestApp::start().await;
    let mut stolen = Stolen::make(&app).await;
    let email = &stolen.ada.email.clone();
    app.visitor().post("/v1/password/forgot", json!({"email": email})).await.expect(200);
    let body = json!({"email": email, "code": app.code(email).await, "new_password": NEW});
    let reset = app.visitor().post("/v1/password/reset", body).await.expect(200);
    stolen.assert_ended(&app, &reset.json()["ended"]).await;
    stolen.assert_recovered(&app).await;
}

/// The link is in each mail about what the thief made.
#[tokio::test]
async fn stolen_session_persists_not_after_not_me() {
    let app = TestApp::start().await;
    let mut stolen = Stolen::make(&app).await;
    let email = &stolen.ada.email.clone();
    let mails = app.mails(email).await;
    for subject in [
        "New sign-in to your AIUS account",
        "A Google account was connected to your AIUS account",
        "The Slack webhook of your AIUS account was changed",
        "A personal token was created for your AIUS account",
        "A passkey was added to your AIUS account",
        "Two-factor authentication is on for your AIUS account",
    ] {
        let mail = mails.iter().find(|mail| mail["subject"] == subject);
        let mail = mail.unwrap_or_else(|| panic!("{subject}: {:?}", mails));
        assert!(mail["text"].as_str().unwrap().contains("/account/not-me?token="), "{mail}");
        assert!(mail["html"].as_str().unwrap().contains("/account/not-me?token="), "{mail}");
    }
    let reported = app.report_not_me(&app.not_me_token(email).await).await.expect(200);
    stolen.assert_ended(&app, &reported.json()["ended"]).await;
    app.reset_with_link(&app.reset_token(email).await, NEW).await.expect(200);
    stolen.assert_recovered(&app).await;
}

/// A thief who changed the address has prepared other ways in, before and after the change.
#[tokio::test]
async fn stolen_session_persists_not_after_an_undo() {
    let app = TestApp::start().await;
    let stolen = Stolen::make_with(&app, async |ada| {
        let undo = change_address(&app, ada, "mallory@example.org").await;
        ada.token("later").await;
        undo
    });
    let (mut stolen, undo) = stolen.await;
    let undone = undo_change(&app, &undo).await.expect(200);
    let all = json!({
        "tokens": [{"id": 3, "token_name": "later"}, {"id": 2, "token_name": "thief"}], "all_tokens": true,
        "google_account": "mallory@example.com", "passkeys": 1, "two_factor": true,
            "slack_webhook": true,
    });
    assert_eq!(undone.json()["ended"], all);
    stolen.old.get("/v1/token").await.expect_error(401, "invalid token");
    stolen.assert_shut_out(&app).await;
    app.reset_with_link(&app.reset_token(&stolen.ada.email).await, NEW).await.expect(200);
    stolen.assert_recovered(&app).await;
}

/// What is older than 7 days is the owner's, as is a Google account with which the account was created.
#[tokio::test]
async fn what_the_owner_has_had_for_long_survives_a_reset() {
    let app = TestApp::start().await;
    let mut stolen = Stolen::make(&app).await;
    app.advance_clock_only(8 * 24 * 3600).await;
    let email = &stolen.ada.email.clone();
    app.visitor().post("/v1/password/forgot", json!({"email": email})).await.expect(200);
    let reset = app.reset_with_link(&app.reset_token(email).await, NEW).await.expect(200);
    let ended = reset.json()["ended"].clone();
    assert_eq!((&ended["tokens"], &ended["two_factor"]), (&json!([]), &json!(false)), "{ended}");
    assert_eq!(ended["google_account"], Value::Null);
    assert_eq!(ended["passkeys"], 0);
    stolen.token.get("/v1/token").await.expect(200);
    sign_in_with_passkey(&app, &mut stolen.passkey).await.expect(200);
    let login = app.visitor().post("/v1/login", login_body(email, NEW)).await.expect(200).json();
    assert_eq!(login["requires_2fa"], true);

    app.create_google_account("bob@gmail.com", true).await;
    let google = app.sign_in_with_google(&app.visitor(), "bob@gmail.com").await.expect(302);
    let bob = app.visitor().with_session(&session_cookie(&google).unwrap());
    app.visitor().post("/v1/password/forgot", json!({"email": "bob@gmail.com"})).await.expect(200);
    let reset = app.reset_with_link(&app.reset_token("bob@gmail.com").await, NEW).await;
    assert_eq!(reset.expect(200).json()["ended"]["google_account"], Value::Null);
    bob.get("/v1/me").await.expect_error(401, "invalid session");
    app.sign_in_with_google(&app.visitor(), "bob@gmail.com").await.expect(302);
}

/// The largest transaction: each kind of access, as often as it is ended one by one.
#[tokio::test]
async fn stolen_session_persists_not_in_all_that_it_can_add() {
    let app = TestApp::start().await;
    let (mut stolen, mut passkeys) = Stolen::make_with(&app, async |ada| {
        let mut passkeys = Vec::new();
        for number in 2..MAX_RECENT_TOKENS {
            ada.token(&format!("t{number}")).await;
        }
        for number in 2..MAX_PASSKEYS {
            let mut passkey = PasskeyAuthenticator::new(&app);
            add_passkey(&ada.visitor, &mut passkey, &format!("p{number}")).await;
            passkeys.push(passkey);
        }
        passkeys
    })
    .await;
    let email = stolen.ada.email.clone();
    app.visitor().post("/v1/password/forgot", json!({"email": email})).await.expect(200);
    let reset = app.reset_with_link(&app.reset_token(&email).await, NEW).await.expect(200).json();
    let ended = &reset["ended"];
    assert_eq!(ended["tokens"].as_array().unwrap().len(), MAX_RECENT_TOKENS - 1, "{ended}");
    assert_eq!(
        (&ended["all_tokens"], &ended["passkeys"]),
        (&json!(false), &json!(MAX_PASSKEYS - 1))
    );
    for passkey in &mut passkeys {
        sign_in_with_passkey(&app, passkey).await.expect_error(401, "INVALID_PASSKEY");
    }
    stolen.assert_shut_out(&app).await;
    assert_eq!(app.items("PASSKEY#", "").await.len(), 1);
}

/// More tokens than are revoked one by one end together.
#[tokio::test]
async fn stolen_session_persists_in_none_of_many_tokens() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut bearers = Vec::new();
    for number in 0..51 {
        let token = ada.token(&format!("t{number}")).await;
        bearers.push(app.visitor().with_bearer(&token));
    }
    app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    let reset = app.reset_with_link(&app.reset_token(&ada.email).await, NEW).await.expect(200);
    assert_eq!(reset.json()["ended"]["all_tokens"], true);
    for bearer in [&bearers[0], &bearers[50]] {
        bearer.get("/v1/token").await.expect_error(401, "invalid token");
    }
}
