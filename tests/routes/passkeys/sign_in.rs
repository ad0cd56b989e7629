//! Signing in with a passkey.

use serde_json::{Value, json};
use shared::accounts::User;
use shared::accounts::deletion::Deletion;
use shared::accounts::passkeys::PasskeyEntry;
use shared::clock::Timestamp;
use shared::dynamo::Update;
use shared::ids::UserId;
use shared::keys;
use tests::account_deletion::delete_account;
use tests::passkeys::{
    BACKED_UP, FLAGS, PasskeyAuthenticator, ceremony_body, finish_registration, finish_sign_in,
    list_passkeys, sign_in_with_passkey, sign_up_with_passkey, start_ceremony, start_sign_in,
};
use tests::two_factor::{answer_challenge, start_challenge};
use tests::{Authenticator, Person, TestApp, cookie, session_cookie};

/// Returns the methods that a session token names.
fn methods(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    let claims = data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["amr"].clone()
}

/// Changes an account directly.
async fn change_account(app: &TestApp, user: &UserId, change: impl FnOnce(Update) -> Update) {
    let change = change(Update::new(keys::user(user))).add("version", 1);
    app.stack().context().table.update::<User>(change).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_name() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    app.advance_clock(60).await;
    let start = start_sign_in(&app, None).await;
    let options = &start["options"]["publicKey"];
    assert_eq!(
        (&options["rpId"], &options["userVerification"]),
        (&json!("localhost"), &json!("required"))
    );
    assert_eq!(options["allowCredentials"].as_array().map_or(0, Vec::len), 0, "names no account");
    assert_eq!(start["options"]["mediation"], Value::Null);
    let credential = authenticator.get(&start["options"]).await;
    let reply = finish_sign_in(&app, &start, &credential).await.expect(200);
    assert_eq!(reply.keys(), ["message", "session_token", "user"]);
    assert_eq!(reply.json()["message"], "Login successful");
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    assert_eq!(session_cookie(&reply).as_deref(), Some(token.as_str()));
    assert!(cookie(&reply, "__Host-aius_session").is_some());
    assert_eq!(methods(&token), json!(["passkey"]));
    let signed_in = Person::from_session(&app.visitor(), &ada.email, &reply);
    assert_eq!(signed_in.id().await, ada.id().await);
    // A sign-in is a proof of identity.
    signed_in.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200);
    assert_eq!(list_passkeys(&ada.visitor).await[0]["last_used_at"], app.now().await);
    let log = ada.get("/v1/me/activity").await.expect(200).json();
    let started =
        log["data"].as_array().unwrap().iter().find(|one| one["action"] == "session.started");
    assert_eq!(started.unwrap()["details"]["methods"], "passkey", "{log}");
    app.wait_for_worker().await;
    assert!(
        app.subjects(&ada.email).await.contains(&"New sign-in to your AIUS account".to_owned())
    );
}

#[tokio::test]
async fn a_passkey_alone_passes_two_factor_authentication() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let reply = sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    assert_eq!(methods(&token), json!(["passkey"]));
}

#[tokio::test]
async fn a_passkey_is_the_second_factor_of_a_password() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let codes = Authenticator::enabled(&app, &ada.visitor).await;
    let challenge = start_challenge(&app, &ada).await;
    let start = start_sign_in(&app, Some(&challenge)).await;
    let credential = authenticator.get(&start["options"]).await;
    let reply = finish_sign_in(&app, &start, &credential).await.expect(200);
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    assert_eq!(methods(&token), json!(["pwd", "passkey"]));
    app.visitor().with_session(&token).get("/v1/me").await.expect(200);
    // The challenge is used up for codes and passkeys.
    let code = codes.code(&app).await;
    answer_challenge(&app, &challenge, &code).await.expect_error(401, "INVALID_CHALLENGE");
    let body = json!({"challenge_token": challenge});
    let again = app.visitor().post("/v1/passkeys/login/options", body).await;
    again.expect_error(401, "INVALID_CHALLENGE");
}

#[tokio::test]
async fn a_used_or_expired_challenge_takes_no_passkey() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let codes = Authenticator::enabled(&app, &ada.visitor).await;
    // Answered with a code between the two calls.
    let challenge = start_challenge(&app, &ada).await;
    let start = start_sign_in(&app, Some(&challenge)).await;
    answer_challenge(&app, &challenge, &codes.code(&app).await).await.expect(200);
    let credential = authenticator.get(&start["options"]).await;
    finish_sign_in(&app, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    // Expired between the two calls.
    let challenge = start_challenge(&app, &ada).await;
    app.advance_clock(1).await;
    let start = start_sign_in(&app, Some(&challenge)).await;
    app.advance_clock(299).await;
    let credential = authenticator.get(&start["options"]).await;
    finish_sign_in(&app, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    // All sessions were ended between the two calls.
    let challenge = start_challenge(&app, &ada).await;
    let start = start_sign_in(&app, Some(&challenge)).await;
    let ended = ada.visitor.send(reqwest::Method::DELETE, "/v1/me/sessions", None).await;
    ended.expect(200);
    let credential = authenticator.get(&start["options"]).await;
    finish_sign_in(&app, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
}

#[tokio::test]
async fn counter_and_backup_state_are_stored() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let counter = async || {
        let row = app.items("USER#", "PASSKEY#").await[0].clone();
        let credential: Value =
            serde_json::from_str(row["credential"]["S"].as_str().unwrap()).unwrap();
        credential["cred"]["counter"].as_u64().unwrap()
    };
    assert_eq!(counter().await, 0);
    for number in 1..=2 {
        sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
        assert_eq!(counter().await, number);
    }
    // The passkey is no longer synced.
    let start = start_sign_in(&app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    let local = authenticator.alter(&credential, |parts| {
        parts.authenticator_data[FLAGS] &= !BACKED_UP;
    });
    finish_sign_in(&app, &start, &local).await.expect(200);
    assert_eq!(list_passkeys(&ada.visitor).await[0]["synced"], false);
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    assert_eq!(list_passkeys(&ada.visitor).await[0]["synced"], true);
}

/// Most authenticators whose passkeys are synced have no counter.
#[tokio::test]
async fn an_authenticator_without_counter_signs_in_again_and_again() {
    let app = TestApp::start().await;
    let (_, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    authenticator.set_counter(None);
    for _ in 0..2 {
        sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    }
}

#[tokio::test]
async fn a_security_key_is_told_from_a_phone() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for (transports, device) in [
        (json!(["usb", "nfc"]), "security_key"),
        (json!(["hybrid"]), "device"),
        (json!(["telepathy"]), "unknown"),
        (json!([]), "unknown"),
        (Value::Null, "unknown"),
    ] {
        let mut authenticator = PasskeyAuthenticator::new(&app);
        let start = start_ceremony(&ada.visitor, "").await;
        let mut credential = authenticator.create(&start["options"]).await;
        credential["response"]["transports"] = transports;
        let added = finish_registration(&ada.visitor, &start, &credential).await.expect(200);
        assert_eq!(added.json()["device"], device, "{credential}");
        // A sign-in changes nothing about it.
        sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
        assert_eq!(list_passkeys(&ada.visitor).await.last().unwrap()["device"], device);
    }
}

#[tokio::test]
async fn a_deleted_account_signs_in_to_be_restored() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    delete_account(&ada).await;
    let reply = sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    assert_eq!(reply.json()["pending_deletion"], true);
    let session = reply.json()["session_token"].as_str().unwrap().to_owned();
    let visitor = app.visitor().with_session(&session);
    visitor.get("/v1/passkeys").await.expect_error(403, "PENDING_DELETION");
    visitor.post("/v1/passkeys/options", json!({})).await.expect_error(403, "PENDING_DELETION");
    visitor.post("/v1/me/restore", json!({})).await.expect(200);
    let reply = sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    assert_eq!(reply.json()["pending_deletion"], Value::Null);
}

#[tokio::test]
async fn an_account_due_for_erasure_takes_no_passkey() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    // The run that erases it comes later.
    let now = Timestamp::from_seconds(app.now().await);
    let due = Deletion { requested_at: now, due_at: now, erasing: false };
    change_account(&app, &ada.id().await, |user| user.set("deletion", due).unwrap()).await;
    let refused = sign_in_with_passkey(&app, &mut authenticator).await;
    refused.expect_error(401, "INVALID_CREDENTIALS");
}

/// A deployment can begin to require verified addresses.
#[tokio::test]
async fn an_account_without_verified_address_takes_no_passkey() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let unverified = |user: Update| user.set("email_verified", false).unwrap();
    change_account(&app, &ada.id().await, unverified).await;
    let refused = sign_in_with_passkey(&app, &mut authenticator).await;
    refused.expect_error(403, "EMAIL_NOT_VERIFIED");
}

/// The row of a passkey alone opens nothing.
#[tokio::test]
async fn a_passkey_that_the_account_does_not_list_is_refused() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let none: [PasskeyEntry; 0] = [];
    change_account(&app, &ada.id().await, |user| user.set("passkeys", none).unwrap()).await;
    assert_eq!(app.items("USER#", "PASSKEY#").await.len(), 1);
    let refused = sign_in_with_passkey(&app, &mut authenticator).await;
    refused.expect_error(401, "INVALID_PASSKEY");
    assert!(list_passkeys(&ada.visitor).await.is_empty());
}

#[tokio::test]
async fn sign_ins_are_limited_for_each_network() {
    let app = TestApp::start().await;
    let (_, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let start = start_sign_in(&app, None).await;
    let body = ceremony_body(&start, &authenticator.get(&start["options"]).await);
    for (path, body) in [("/v1/passkeys/login/options", json!({})), ("/v1/passkeys/login", body)] {
        app.advance_to_next(60).await;
        let visitor = app.visitor();
        for _ in 0..30 {
            assert_ne!(visitor.post(path, body.clone()).await.status, 429);
        }
        visitor.post(path, body.clone()).await.expect_error(429, "RATE_LIMITED");
        assert_ne!(app.visitor().post(path, body).await.status, 429);
    }
}
