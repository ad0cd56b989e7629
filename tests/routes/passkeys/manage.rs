//! Adding, listing, renaming and removing passkeys.

use reqwest::Method;
use serde_json::{Value, json};
use tests::google_accounts::list_actions;
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, finish_registration, list_passkeys, remove_passkey,
    sign_in_with_passkey, start_ceremony,
};
use tests::{Person, Reply, TestApp};

/// Renames a passkey.
async fn rename(person: &Person, passkey: &Value, name: &str) -> Reply {
    let path = format!("/v1/passkeys/{}", passkey["id"].as_str().unwrap());
    person.patch(&path, json!({"name": name})).await
}

#[tokio::test]
async fn a_passkey_is_added_listed_renamed_and_removed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    let empty = ada.get("/v1/passkeys").await.expect(200);
    assert_eq!(empty.json(), json!({"data": [], "next_cursor": null}));

    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Work laptop").await;
    let id = passkey["id"].as_str().unwrap();
    assert!(id.starts_with("psk_"), "{id}");
    let now = app.now().await;
    let expected = json!({
        "id": id, "name": "Work laptop", "device": "device", "synced": true,
        "created_at": now, "last_used_at": null,
    });
    assert_eq!(passkey, expected);
    assert_eq!(list_passkeys(&ada.visitor).await, std::slice::from_ref(&expected));

    let renamed = rename(&ada, &passkey, "Phone").await.expect(200).json();
    assert_eq!(renamed["name"], "Phone");
    assert_eq!(list_passkeys(&ada.visitor).await, [renamed]);

    let removed = remove_passkey(&ada.visitor, &passkey).await.expect(200);
    assert_eq!(removed.json(), json!({"deleted": true}));
    assert!(list_passkeys(&ada.visitor).await.is_empty());
    remove_passkey(&ada.visitor, &passkey).await.expect_error(404, "NOT_FOUND");
    rename(&ada, &passkey, "Gone").await.expect_error(404, "NOT_FOUND");
    sign_in_with_passkey(&app, &mut authenticator).await.expect_error(401, "INVALID_PASSKEY");
    // Nothing is left, and other sessions are as before.
    assert!(app.items("PASSKEY#", "").await.is_empty());
    assert!(app.items("USER#", "PASSKEY#").await.is_empty());
    elsewhere.get("/v1/me").await.expect(200);
    // The same authenticator can be added again.
    add_passkey(&ada.visitor, &mut authenticator, "Again").await;
}

#[tokio::test]
async fn each_change_is_mailed_and_logged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Work laptop").await;
    app.wait_for_worker().await;
    let mail = app.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "A passkey was added to your AIUS account");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("The passkey Work laptop was added"), "{text}");
    assert!(text.contains("/account/not-me?token="), "{text}");
    let mails = app.mails(&ada.email).await.len();
    rename(&ada, &passkey, "Phone").await.expect(200);
    remove_passkey(&ada.visitor, &passkey).await.expect(200);
    app.wait_for_worker().await;
    let subjects = app.subjects(&ada.email).await;
    assert_eq!(subjects[0], "A passkey was removed from your AIUS account");
    assert_eq!(subjects.len(), mails + 1, "a new name is no news: {subjects:?}");

    let actions = list_actions(&ada.visitor).await;
    let of_passkeys: Vec<_> = actions.iter().filter(|name| name.contains("passkey")).collect();
    assert_eq!(
        of_passkeys,
        ["account.passkey_removed", "account.passkey_renamed", "account.passkey_added"]
    );
    let log = ada.get("/v1/me/activity").await.expect(200).json();
    assert_eq!(log["data"][0]["details"], json!({"name": "Phone"}));
    assert_eq!(log["data"][2]["details"], json!({"name": "Work laptop"}));
}

/// The options are those that SECURITY promises.
#[tokio::test]
async fn options_of_a_registration_ask_for_what_is_verified() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut first = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut first, "First").await;
    let start = start_ceremony(&ada.visitor, "").await;
    let options = &start["options"]["publicKey"];
    assert_eq!(options["rp"], json!({"id": "localhost", "name": "AIUS"}));
    assert_eq!(options["user"]["name"], ada.email);
    assert_eq!(options["user"]["displayName"], "ada");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["timeout"], 300_000);
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    let algorithms: Vec<_> = options["pubKeyCredParams"].as_array().unwrap().iter().collect();
    assert!(algorithms.iter().any(|one| one["alg"] == -7), "ES256: {algorithms:?}");
    assert!(algorithms.iter().any(|one| one["alg"] == -257), "RS256: {algorithms:?}");
    let [excluded] = &options["excludeCredentials"].as_array().unwrap()[..] else {
        panic!("{options}")
    };
    assert_eq!(
        (&excluded["type"], &excluded["transports"]),
        (&json!("public-key"), &json!(["internal", "hybrid"]))
    );
    // The challenge is new each time.
    let again = start_ceremony(&ada.visitor, "").await;
    assert_ne!(again["options"]["publicKey"]["challenge"], options["challenge"]);
    assert_ne!(again["ceremony_id"], start["ceremony_id"]);
}

#[tokio::test]
async fn an_account_can_have_ten_passkeys() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticators = Vec::new();
    let mut last = PasskeyAuthenticator::new(&app);
    // Started before the limit was reached.
    let early = start_ceremony(&ada.visitor, "").await;
    for number in 1..=10 {
        let mut authenticator = PasskeyAuthenticator::new(&app);
        add_passkey(&ada.visitor, &mut authenticator, &format!("Key {number}")).await;
        authenticators.push(authenticator);
    }
    let names: Vec<_> = list_passkeys(&ada.visitor).await;
    let names: Vec<_> = names.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[9], names.len()), ("Key 1", "Key 10", 10));
    for authenticator in &mut authenticators {
        sign_in_with_passkey(&app, authenticator).await.expect(200);
    }
    let full = ada.post("/v1/passkeys/options", json!({})).await;
    full.expect_error(409, "TOO_MANY_PASSKEYS");
    let credential = last.create(&early["options"]).await;
    let full = finish_registration(&ada.visitor, &early, &credential).await;
    full.expect_error(409, "TOO_MANY_PASSKEYS");
    assert_eq!(app.items("PASSKEY#", "").await.len(), 10);
    // There is room again after a removal.
    let first = list_passkeys(&ada.visitor).await[0].clone();
    remove_passkey(&ada.visitor, &first).await.expect(200);
    add_passkey(&ada.visitor, &mut last, "Last").await;
}

/// A registration without attestation is not signed, so anybody can send a credential again that they have seen.
#[tokio::test]
async fn a_passkey_belongs_to_one_account_and_is_added_once() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = authenticator.create(&start["options"]).await;
    finish_registration(&ada.visitor, &start, &credential).await.expect(200);
    for person in [&ada, &eve] {
        let start = start_ceremony(&person.visitor, "").await;
        let again = authenticator.alter(&credential, |parts| {
            parts.client_data["challenge"] = start["options"]["publicKey"]["challenge"].clone();
        });
        let refused = finish_registration(&person.visitor, &start, &again).await;
        refused.expect_error(409, "PASSKEY_ALREADY_REGISTERED");
    }
    assert_eq!(list_passkeys(&ada.visitor).await.len(), 1);
    assert!(list_passkeys(&eve.visitor).await.is_empty());
    let signed_in = sign_in_with_passkey(&app, &mut authenticator).await.expect(200).json();
    assert_eq!(signed_in["user"]["email"], ada.email);
}

#[tokio::test]
async fn passkeys_of_others_are_not_found() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let passkey = add_passkey(&ada.visitor, &mut PasskeyAuthenticator::new(&app), "Laptop").await;
    let unknown = json!({"id": "psk_aaaaaaaaaaaaaaaaaaaaaaaaaa"});
    let malformed = json!({"id": "x"});
    for id in [&passkey, &unknown, &malformed] {
        remove_passkey(&eve.visitor, id).await.expect_error(404, "NOT_FOUND");
        rename(&eve, id, "Mine").await.expect_error(404, "NOT_FOUND");
    }
    assert_eq!(list_passkeys(&ada.visitor).await, [passkey]);
    let anonymous = app.visitor();
    anonymous.get("/v1/passkeys").await.expect_error(401, "missing session");
    let head = ada.visitor.send(Method::HEAD, "/v1/passkeys", None).await.expect(200);
    assert_eq!(head.text, "");
}
