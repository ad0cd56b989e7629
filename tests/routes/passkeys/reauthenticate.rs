//! Proving one's identity with a passkey.

use serde_json::json;
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, list_passkeys, reauthenticate_with_passkey, remove_passkey,
};
use tests::tokens::create_ci_token;
use tests::{Authenticator, Person, TestApp, session_cookie};

#[tokio::test]
async fn a_passkey_renews_the_proof_for_ten_minutes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    // A passkey counts as both factors here too.
    Authenticator::enabled(&app, &ada.visitor).await;
    let elsewhere = {
        let reply = tests::passkeys::sign_in_with_passkey(&app, &mut authenticator).await;
        Person::from_session(&app.visitor(), &ada.email, &reply.expect(200))
    };
    app.expire_proof().await;
    create_ci_token(&ada).await.expect_error(401, "REAUTH_REQUIRED");

    let now = app.now().await;
    let renewed = reauthenticate_with_passkey(&ada.visitor, &mut authenticator).await.expect(200);
    assert_eq!(renewed.keys(), ["auth_time", "session_token"]);
    assert_eq!(renewed.json()["auth_time"], now);
    let token = renewed.json()["session_token"].as_str().unwrap().to_owned();
    assert_eq!(session_cookie(&renewed).as_deref(), Some(token.as_str()));
    create_ci_token(&ada).await.expect(200);
    app.visitor().with_session(&token).get("/v1/me").await.expect(200);
    // Other sessions have no new proof.
    create_ci_token(&elsewhere).await.expect_error(401, "REAUTH_REQUIRED");
    assert_eq!(list_passkeys(&ada.visitor).await[0]["last_used_at"], now);
    let log = ada.get("/v1/me/activity").await.expect(200).json();
    let entries = log["data"].as_array().unwrap();
    let proof = entries.iter().find(|one| one["action"] == "session.reauthenticated").unwrap();
    assert_eq!(proof["details"]["methods"], "passkey");
    app.expire_proof().await;
    create_ci_token(&ada).await.expect_error(401, "REAUTH_REQUIRED");
}

#[tokio::test]
async fn an_account_without_passkey_cannot_prove_itself_with_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let path = "/v1/passkeys/reauthenticate/options";
    ada.post(path, json!({})).await.expect_error(404, "NOT_FOUND");
    let passkey = add_passkey(&ada.visitor, &mut PasskeyAuthenticator::new(&app), "Laptop").await;
    ada.post(path, json!({})).await.expect(200);
    remove_passkey(&ada.visitor, &passkey).await.expect(200);
    ada.post(path, json!({})).await.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_session_that_has_ended_is_not_renewed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let start = tests::passkeys::start_ceremony(&ada.visitor, "/reauthenticate").await;
    let credential = authenticator.get(&start["options"]).await;
    ada.post("/v1/logout", json!({})).await.expect(200);
    let body = tests::passkeys::ceremony_body(&start, &credential);
    let refused = ada.post("/v1/passkeys/reauthenticate", body).await;
    refused.expect_error(401, "invalid session");
}
