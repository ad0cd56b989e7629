//! Keys rotate without signing users out, by the steps of `docs/DEPLOY.md` on a running stack.

use serde_json::{Value, json};
use tests::access_tokens::{access_token, key_set, verify_as_service};
use tests::secrets::{put_secret, store_secret};
use tests::two_factor::sign_in_with_two_factors;
use tests::{Authenticator, Person, TestApp};

/// Adds a new key of each kind before the current one.
async fn rotate(app: &TestApp) {
    let keys = || {
        let new = json!({"kid": "new", "secret": "fedcba9876543210fedcba9876543210"});
        json!([new, {"kid": "seed"}])
    };
    let storage = |secret: &mut Value| {
        secret["encryption_keys"] = keys();
        secret["mac_keys"] = keys();
    };
    store_secret(app, |ids| Some(&ids.storage), storage).await;
    let account = |secret: &mut Value| {
        secret["encryption_keys"] = keys();
        secret["peppers"] = keys();
    };
    store_secret(app, |ids| ids.account.as_ref(), account).await;
    put_secret(app, |ids| ids.session.as_ref(), |secret| secret["session_keys"] = keys()).await;
}

/// Reads the key id in the header of a session token.
fn key_id(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header = data_encoding::BASE64URL_NOPAD.decode(header.as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn keys_rotate_without_signing_users_out() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let webhook = "https://hooks.slack.com/services/T0123/B0123/abcdefghijklmnopqrstWx7Q";
    let body = json!({"slack_webhook_url": webhook}).to_string().into_bytes();
    let put = Some(("application/json", body));
    ada.visitor.send(reqwest::Method::PUT, "/v1/me/notifications", put).await.expect(200);
    app.register_unverified("eve").await;
    let eves_code = app.code("eve@example.com").await;
    assert_eq!(key_id(ada.session.as_ref().unwrap()), "seed");

    rotate(&app).await;
    // Everything made with the old keys is still readable: sessions, codes, passwords, secrets,
    // recovery codes.
    ada.get("/v1/me").await.expect(200);
    let notifications = ada.get("/v1/me/notifications").await.expect(200).json();
    assert!(notifications["slack_webhook_url"].as_str().unwrap().ends_with("Wx7Q"));
    let verify = json!({"email": "eve@example.com", "code": eves_code});
    app.visitor().post("/v1/verify-email", verify).await.expect(200);
    let newer = sign_in_with_two_factors(&app, &ada, &authenticator).await;
    let first = app.visitor().post("/v1/login", ada.credentials()).await.expect(200);
    let challenge = &first.json()["challenge_token"];
    let body = json!({"challenge_token": challenge, "code": authenticator.recovery_codes[0]});
    app.visitor().post("/v1/2fa/login", body).await.expect(200);
    // New sessions and secrets use the new key.
    assert_eq!(key_id(newer.session.as_ref().unwrap()), "new");
    let dump = serde_json::to_string(&app.items("USER#", "META").await).unwrap();
    assert!(dump.contains("keyid="), "{dump}");

    // Removing the old key ends its sessions, and newer ones continue.
    put_secret(
        &app,
        |ids| ids.session.as_ref(),
        |secret| {
            let new = json!({"kid": "new", "secret": "fedcba9876543210fedcba9876543210"});
            secret["session_keys"] = json!([new]);
        },
    )
    .await;
    ada.get("/v1/me").await.expect_error(401, "invalid session");
    newer.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn encrypted_items_are_readable_after_two_rotations() {
    let app = TestApp::start().await;
    rotate(&app).await;
    let person: Person = app.sign_up("ada").await;
    assert_eq!(key_id(person.session.as_ref().unwrap()), "new");
    // The newest of three keys encrypts, and all of them decrypt.
    put_secret(
        &app,
        |ids| ids.account.as_ref(),
        |secret| {
            let newest = json!({"kid": "newest", "secret": "00112233445566778899aabbccddeeff"});
            let keys = secret["encryption_keys"].as_array_mut().unwrap();
            keys.insert(0, newest);
        },
    )
    .await;
    let authenticator = Authenticator::enabled(&app, &person.visitor).await;
    let sealed = serde_json::to_string(&app.items("USER#", "META").await).unwrap();
    assert!(sealed.contains("newest"), "{sealed}");
    sign_in_with_two_factors(&app, &person, &authenticator).await;
}

#[tokio::test]
async fn signing_keys_rotate_with_overlap() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let bearer = ada.token("ci").await;
    let list = |listed: Value| {
        put_secret(&app, |ids| ids.signing.as_ref(), move |secret| secret["signing_keys"] = listed)
    };
    let new = || json!({"kid": "new", "secret": "fedcba9876543210fedcba9876543210"});
    let before = key_set(&app).await;
    // Published, the new key does not sign yet. So a service that has the keys of before goes on.
    list(json!([{"kid": "seed"}, new()])).await;
    let (published, old) = (key_set(&app).await, access_token(&app, &bearer).await);
    assert_eq!(published.keys.len(), 2);
    assert!(verify_as_service(&app, &before, &old).is_some());
    // Then it signs. A service that has the keys of before this step knows it already, and one with newer keys still
    // accepts tokens that the old key signed.
    list(json!([new(), {"kid": "seed"}])).await;
    let (switched, newer) = (key_set(&app).await, access_token(&app, &bearer).await);
    assert_ne!(key_id(&newer), key_id(&old));
    assert!(verify_as_service(&app, &published, &newer).is_some());
    assert!(verify_as_service(&app, &switched, &old).is_some());
    assert!(verify_as_service(&app, &before, &newer).is_none());
    // At last the old key goes, when its tokens have expired.
    list(json!([new()])).await;
    let after = key_set(&app).await;
    assert_eq!(after.keys.len(), 1);
    assert!(verify_as_service(&app, &after, &newer).is_some());
    assert!(verify_as_service(&app, &after, &old).is_none());
}

/// A secret contains the deployment's OAuth client at Google.
#[tokio::test]
async fn without_a_google_client_its_routes_are_404() {
    let app = TestApp::start().await;
    app.visitor().get("/v1/auth/google").await.expect(302);
    put_secret(&app, |ids| ids.google.as_ref(), |secret| *secret = json!({})).await;
    for path in ["/v1/auth/google", "/v1/auth/google/callback"] {
        app.visitor().get(path).await.expect_error(404, "NOT_FOUND");
    }
}
