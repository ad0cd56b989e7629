//! Registering the address of another person gains nothing once its owner verifies it.

use serde_json::json;
use shared::accounts::User;
use shared::dynamo::Update;
use shared::ids::UserId;
use shared::keys;
use tests::google_accounts::get_user;
use tests::{Authenticator, GoogleSignIn, PASSWORD, Reply, TestApp, Visitor, session_cookie};

const ADA: &str = "ada@example.com";

/// The state of the account that already has the address.
#[derive(Clone, Copy, Debug, PartialEq)]
enum AccountState {
    Nothing,
    Unverified,
    Verified,
}

/// The outcome of a sign-in with Google.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// The response is 403, and nothing changes.
    Refused,
    /// A new account is created.
    New,
    /// The existing account is signed in with its data.
    Linked,
    /// The existing account is signed in without its earlier data.
    TakenOver,
    /// The Google account is connected to the account of the session, which belongs to another user.
    ConnectedToSession,
}

/// Signs in to the contested account with the squatter's password.
async fn log_in_with_password(app: &TestApp) -> Reply {
    app.visitor().post("/v1/login", json!({"email": ADA, "password": PASSWORD})).await
}

/// The session of another user during the sign-in, without or with `link=1`. Without it a session
/// makes no difference.
#[derive(Clone, Copy, Debug, PartialEq)]
enum SignedIn {
    No,
    Yes,
    Linking,
}

#[tokio::test]
async fn prehijack_google_sign_in_for_every_account_state() {
    use AccountState::{Nothing, Unverified, Verified};
    use SignedIn::{Linking, No, Yes};
    for (local, google_verified, signed_in, expected) in [
        (Nothing, false, No, Outcome::Refused),
        (Nothing, false, Yes, Outcome::Refused),
        (Nothing, false, Linking, Outcome::ConnectedToSession),
        (Nothing, true, No, Outcome::New),
        (Nothing, true, Yes, Outcome::New),
        (Nothing, true, Linking, Outcome::ConnectedToSession),
        (Unverified, false, No, Outcome::Refused),
        (Unverified, false, Yes, Outcome::Refused),
        (Unverified, false, Linking, Outcome::ConnectedToSession),
        (Unverified, true, No, Outcome::TakenOver),
        (Unverified, true, Yes, Outcome::TakenOver),
        (Unverified, true, Linking, Outcome::ConnectedToSession),
        (Verified, false, No, Outcome::Refused),
        (Verified, false, Yes, Outcome::Refused),
        (Verified, false, Linking, Outcome::ConnectedToSession),
        (Verified, true, No, Outcome::Linked),
        (Verified, true, Yes, Outcome::Linked),
        (Verified, true, Linking, Outcome::ConnectedToSession),
    ] {
        let row = format!("{local:?} here, at Google {google_verified}, signed in {signed_in:?}");
        let app = TestApp::start().await;
        match local {
            Nothing => {}
            Unverified => drop(app.register_unverified("ada").await),
            Verified => drop(app.sign_up("ada").await),
        }
        let bob = app.sign_up("bob").await;
        app.create_google_account(ADA, google_verified).await;
        let accounts = app.items("USER#", "META").await.len();
        let lasting = app.durable_items().await.len();
        let session = (signed_in != No).then(|| bob.session.clone().unwrap());
        let link = if signed_in == Linking { "&link=1" } else { "" };
        let query = format!("login_hint={ADA}{link}");
        let flow = GoogleSignIn::begin(&app.visitor(), session.as_deref(), &query).await;
        let reply = flow.finish().await;

        let outcome = match (reply.status, session_cookie(&reply)) {
            (403, None) => {
                assert_eq!(reply.code(), "EMAIL_NOT_VERIFIED");
                assert_eq!(app.durable_items().await.len(), lasting, "{row}");
                Outcome::Refused
            }
            (302, None) => {
                assert_eq!(get_user(&bob.visitor).await["email"], bob.email);
                let list = bob.get("/v1/me/connections").await.json();
                assert_eq!(list["data"][0]["email"], ADA, "{row}");
                Outcome::ConnectedToSession
            }
            (302, Some(session)) => {
                let user = get_user(&app.visitor().with_session(&session)).await;
                assert_eq!((&user["email"], &user["email_verified"]), (&json!(ADA), &json!(true)));
                let made = app.items("USER#", "META").await.len() > accounts;
                match (made, user["has_password"] == true) {
                    (true, false) => Outcome::New,
                    (false, true) => Outcome::Linked,
                    (false, false) => Outcome::TakenOver,
                    (true, true) => panic!("{row}"),
                }
            }
            _ => panic!("{row}: {} {}", reply.status, reply.text),
        };
        assert_eq!(outcome, expected, "{row}");
        bob.get("/v1/me").await.expect(200);
        // The earlier password stays valid if the account still belongs to the person who set it.
        let password = match (local, outcome) {
            (Nothing, _) | (Unverified, Outcome::TakenOver) => 401,
            (Unverified, _) => 403,
            (Verified, _) => 200,
        };
        assert_eq!(log_in_with_password(&app).await.status, password, "{row}");
    }
}

#[tokio::test]
async fn linking_by_address_notifies_the_account() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.create_google_account(ADA, true).await;
    session_cookie(&app.sign_in_with_google(&app.visitor(), ADA).await.expect(302)).unwrap();
    let subjects = app.subjects(ADA).await;
    assert!(subjects.contains(&"A Google account was connected to your AIUS account".to_owned()));
    ada.get("/v1/me").await.expect(200);
    assert_eq!(get_user(&ada.visitor).await["name"], "ada");
}

/// A code that was mailed earlier would otherwise sign in to an account that has an owner now.
#[tokio::test]
async fn prehijack_an_earlier_code_is_void_after_linking() {
    let app = TestApp::start().await;
    let squatter = app.register_unverified("ada").await;
    let code = app.code(ADA).await;
    app.create_google_account(ADA, true).await;
    let reply = app.sign_in_with_google(&app.visitor(), ADA).await.expect(302);
    let ada = app.visitor().with_session(&session_cookie(&reply).unwrap());
    assert_eq!(get_user(&ada).await["name"], "ada at Google");
    let clients = ada.get("/v1/clients").await.json();
    assert_eq!(clients["data"][0]["name"], "ada at Google");
    let old = squatter.post("/v1/verify-email", json!({"email": ADA, "code": code})).await;
    old.expect_error(400, "INVALID_CODE");
    assert!(app.items("CODE#verify-email#", "").await.is_empty());
    log_in_with_password(&app).await.expect_error(401, "INVALID_CREDENTIALS");
}

/// A squatter with every credential that an account can have, without email verification.
struct Squatter {
    session: Visitor,
    /// A visitor with a token of the account, and one with a key of its organization.
    scripts: [Visitor; 2],
}

impl Squatter {
    /// Registers the squatter and creates the credentials.
    async fn register(app: &TestApp) -> Self {
        let visitor = app.visitor();
        let body = json!({"email": ADA, "name": "Mallory", "password": PASSWORD});
        let reply = visitor.post("/v1/register", body).await.expect(200);
        let token = reply.json()["session_token"].as_str().unwrap().to_owned();
        let session = visitor.clone().with_session(&token);
        app.create_google_account("mallory@example.com", true).await;
        app.link_google(&visitor, &token, "mallory@example.com").await.expect(302);
        Authenticator::enabled(app, &session).await;
        session.get("/v1/me").await.expect(200);
        let clients = session.get("/v1/clients").await.expect(200).json();
        let keys = format!("/v1/clients/{}/api-keys", clients["data"][0]["id"].as_str().unwrap());
        let made = session.post("/v1/tokens", json!({"token_name": "x"})).await.expect(200).json();
        let token = made["token"].as_str().unwrap().to_owned();
        let made = session.post(&keys, json!({"name": "x"})).await.expect(200).json();
        let key = made["key"].as_str().unwrap().to_owned();
        let scripts = [token, key].map(|bearer| app.visitor().with_bearer(&bearer));
        for script in &scripts {
            script.get("/v1/token").await.expect(200);
        }
        Self { session, scripts }
    }

    /// Asserts that no credential of the squatter works any longer.
    async fn assert_removed(&self, app: &TestApp, ada: &Visitor) {
        self.session.get("/v1/me").await.expect_error(401, "invalid session");
        for script in &self.scripts {
            script.get("/v1/token").await.expect_error(401, "invalid token");
            script.get("/v1/clients").await.expect_error(401, "invalid token");
        }
        let keys = ada.get("/v1/api-keys").await.expect(200).json();
        assert!(keys["data"][0]["revoked_at"].is_i64(), "{keys}");
        log_in_with_password(app).await.expect_error(401, "INVALID_CREDENTIALS");
        let user = get_user(ada).await;
        assert_eq!((&user["email"], &user["two_factor_enabled"]), (&json!(ADA), &json!(false)));
        let google = app.sign_in_with_google(&app.visitor(), "mallory@example.com").await;
        let mallory = app.visitor().with_session(&session_cookie(&google.expect(302)).unwrap());
        let mallory = get_user(&mallory).await;
        assert_eq!(mallory["email"], "mallory@example.com");
        assert_ne!(mallory["id"], user["id"]);
        assert_eq!(get_user(ada).await, user);
    }
}

#[tokio::test]
async fn prehijack_google_sign_in_removes_the_squatter() {
    let app = TestApp::start_without_email_verification().await;
    let squatter = Squatter::register(&app).await;
    app.create_google_account(ADA, true).await;
    let reply = app.sign_in_with_google(&app.visitor(), ADA).await.expect(302);
    let ada = app.visitor().with_session(&session_cookie(&reply).expect("a session at once"));
    assert_eq!(get_user(&ada).await["name"], "ada at Google");
    squatter.assert_removed(&app, &ada).await;
    let list = ada.get("/v1/me/connections").await.json();
    assert_eq!(list["data"][0]["email"], ADA);
}

#[tokio::test]
async fn prehijack_a_password_reset_removes_the_squatter() {
    let app = TestApp::start_without_email_verification().await;
    let squatter = Squatter::register(&app).await;
    let visitor = app.visitor();
    visitor.post("/v1/password/forgot", json!({"email": ADA})).await.expect(200);
    let new = "another-horse-7";
    let reset = json!({"email": ADA, "code": app.code(ADA).await, "new_password": new});
    visitor.post("/v1/password/reset", reset).await.expect(200);
    let login = json!({"email": ADA, "password": new});
    let reply = visitor.post("/v1/login", login).await.expect(200);
    let ada = visitor.with_session(reply.json()["session_token"].as_str().unwrap());
    squatter.assert_removed(&app, &ada).await;
    let list = ada.get("/v1/me/connections").await.json();
    assert_eq!(list["data"], json!([]));
}

/// The owner is signed in to the squatter's account without noticing and connects their own Google
/// account. That verifies the address and removes the squatter.
#[tokio::test]
async fn prehijack_connecting_google_verifies_the_address() {
    let app = TestApp::start_without_email_verification().await;
    let body = json!({"email": ADA, "name": "Mallory", "password": PASSWORD});
    let reply = app.visitor().post("/v1/register", body).await.expect(200);
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    app.create_google_account(ADA, true).await;
    let linked = app.link_google(&app.visitor(), &token, ADA).await.expect(302);
    let ada = app.visitor().with_session(&session_cookie(&linked).expect("another session"));
    assert_eq!(get_user(&ada).await["email_verified"], true);
    let squatter = app.visitor().with_session(&token);
    squatter.get("/v1/me").await.expect_error(401, "invalid session");
    log_in_with_password(&app).await.expect_error(401, "INVALID_CREDENTIALS");
}

/// A squatter's Google account signs in to the squatted account only until email verification is required.
#[tokio::test]
async fn prehijack_google_verifies_only_its_own_address() {
    let app = TestApp::start_without_email_verification().await;
    let body = json!({"email": ADA, "name": "Mallory", "password": PASSWORD});
    let reply = app.visitor().post("/v1/register", body).await.expect(200);
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    app.create_google_account("mallory@example.com", true).await;
    app.link_google(&app.visitor(), &token, "mallory@example.com").await.expect(302);
    let google = app.sign_in_with_google(&app.visitor(), "mallory@example.com").await.expect(302);
    let mallory = app.visitor().with_session(&session_cookie(&google).unwrap());
    let user = get_user(&mallory).await;
    assert_eq!((&user["email"], &user["email_verified"]), (&json!(ADA), &json!(false)));
    // The session stays valid because nobody has verified the address.
    app.visitor().with_session(&token).get("/v1/me").await.expect(200);
}

/// Once email verification is required, it applies to sign-in with Google as well as with a password.
#[tokio::test]
async fn prehijack_google_sign_in_requires_a_verified_address() {
    let app = TestApp::start().await;
    let squatted = app.sign_up("ada").await;
    app.create_google_account("mallory@example.com", true).await;
    let session = squatted.session.clone().unwrap();
    app.link_google(&app.visitor(), &session, "mallory@example.com").await.expect(302);
    // The row is as it would be if the account had been created without email verification.
    let id = UserId::parse(get_user(&squatted.visitor).await["id"].as_str().unwrap()).unwrap();
    let table = &app.stack().context().table;
    let unproven = Update::new(keys::user(&id)).set("email_verified", false).unwrap();
    table.update::<User>(unproven).await.unwrap().unwrap();
    let google = app.sign_in_with_google(&app.visitor(), "mallory@example.com").await;
    google.expect_error(403, "EMAIL_NOT_VERIFIED");
    // The owner is let in and takes over the account.
    app.create_google_account(ADA, true).await;
    let google = app.sign_in_with_google(&app.visitor(), ADA).await.expect(302);
    let ada = app.visitor().with_session(&session_cookie(&google).unwrap());
    assert_eq!(get_user(&ada).await["id"], id.to_string());
    squatted.get("/v1/me").await.expect_error(401, "invalid session");
}

#[tokio::test]
async fn prehijack_a_mailed_code_removes_the_squatter() {
    let app = TestApp::start_without_email_verification().await;
    let squatter = Squatter::register(&app).await;
    let visitor = app.visitor();
    visitor.post("/v1/verify-email/resend", json!({"email": ADA})).await.expect(200);
    let verify = json!({"email": ADA, "code": app.code(ADA).await});
    let reply = visitor.post("/v1/verify-email", verify).await.expect(200);
    let ada = visitor.with_session(reply.json()["session_token"].as_str().unwrap());
    squatter.assert_removed(&app, &ada).await;
}
