//! Bad input of each call about passkeys.

use reqwest::Method;
use serde_json::{Value, json};
use tests::malformed_bodies::malformed_bodies;
use tests::passkeys::{
    PasskeyAuthenticator, ceremony_body, finish_registration, finish_sign_in, list_passkeys,
    sign_up_with_passkey, start_ceremony, start_sign_in,
};
use tests::{TestApp, Visitor};

#[tokio::test]
async fn malformed_bodies_are_refused_by_each_call() {
    let app = TestApp::start().await;
    let (ada, _, passkey) = sign_up_with_passkey(&app, "ada").await;
    let one = format!("/v1/passkeys/{}", passkey["id"].as_str().unwrap());
    for (method, path) in [
        (Method::POST, "/v1/passkeys"),
        (Method::POST, "/v1/passkeys/login"),
        (Method::POST, "/v1/passkeys/login/options"),
        (Method::POST, "/v1/passkeys/reauthenticate"),
        (Method::PATCH, &one),
    ] {
        for (content_type, body, status, code) in malformed_bodies() {
            let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let reply = ada.visitor.send(method.clone(), path, Some((content_type, body))).await;
            let got = (reply.status, reply.code());
            assert_eq!((got.0, got.1.as_str()), (status, code), "{method} {path} {start}");
        }
    }
}

#[tokio::test]
async fn missing_and_wrong_fields_are_named() {
    let app = TestApp::start().await;
    let (ada, _, passkey) = sign_up_with_passkey(&app, "ada").await;
    let long = "x".repeat(101);
    let one = format!("/v1/passkeys/{}", passkey["id"].as_str().unwrap());
    for (path, body, code) in [
        ("/v1/passkeys", json!({}), "MISSING_CEREMONY_ID"),
        (
            "/v1/passkeys",
            json!({"ceremony_id": " ", "name": "x", "credential": {}}),
            "MISSING_CEREMONY_ID",
        ),
        ("/v1/passkeys", json!({"ceremony_id": "x", "credential": {}}), "MISSING_NAME"),
        ("/v1/passkeys", json!({"ceremony_id": "x", "name": "", "credential": {}}), "MISSING_NAME"),
        ("/v1/passkeys", json!({"ceremony_id": "x", "name": "x"}), "MISSING_CREDENTIAL"),
        ("/v1/passkeys", json!({"ceremony_id": 1, "name": "x", "credential": {}}), "INVALID_FIELD"),
        (
            "/v1/passkeys",
            json!({"ceremony_id": "x", "name": [], "credential": {}}),
            "INVALID_FIELD",
        ),
        (
            "/v1/passkeys",
            json!({"ceremony_id": "x", "name": "a\nb", "credential": {}}),
            "INVALID_FIELD",
        ),
        (
            "/v1/passkeys",
            json!({"ceremony_id": "x", "name": long, "credential": {}}),
            "INVALID_FIELD",
        ),
        ("/v1/passkeys/reauthenticate", json!({}), "MISSING_CEREMONY_ID"),
        ("/v1/passkeys/reauthenticate", json!({"ceremony_id": "x"}), "MISSING_CREDENTIAL"),
        ("/v1/passkeys/login", json!({}), "MISSING_CEREMONY_ID"),
        ("/v1/passkeys/login", json!({"ceremony_id": ""}), "MISSING_CREDENTIAL"),
        ("/v1/passkeys/login", json!({"ceremony_id": "", "credential": {}}), "MISSING_CEREMONY_ID"),
        ("/v1/passkeys/login", json!({"ceremony_id": {}, "credential": {}}), "INVALID_FIELD"),
        ("/v1/passkeys/login/options", json!({"challenge_token": 1}), "INVALID_FIELD"),
    ] {
        let reply = ada.post(path, body.clone()).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{path} {body}");
    }
    for (body, code) in [
        (json!({}), "MISSING_NAME"),
        (json!({"name": " "}), "MISSING_NAME"),
        (json!({"name": 1}), "INVALID_FIELD"),
        (json!({"name": long}), "INVALID_FIELD"),
        (json!({"name": "a\u{202e}b"}), "INVALID_FIELD"),
    ] {
        let reply = ada.patch(&one, body.clone()).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{body}");
    }
    for token in ["", "x", "usr_x.y"] {
        let body = json!({"challenge_token": token});
        let reply = app.visitor().post("/v1/passkeys/login/options", body).await;
        reply.expect_error(401, "INVALID_CHALLENGE");
    }
    assert_eq!(list_passkeys(&ada.visitor).await, [passkey]);
}

/// Lists credentials that are not the response of an authenticator, made from one that is.
fn broken(credential: &Value) -> Vec<Value> {
    let mut broken =
        vec![json!(null), json!([]), json!("x"), json!(1), json!({}), json!({"response": {}})];
    for (field, wrong) in [
        ("/rawId", json!("=not base64=")),
        ("/rawId", json!(1)),
        ("/rawId", json!("")),
        ("/id", json!({})),
        ("/type", json!(7)),
        ("/response", json!("x")),
        ("/response/clientDataJSON", json!("=not base64=")),
        ("/response/clientDataJSON", json!("e30")),
        ("/response/clientDataJSON", json!(null)),
        ("/response/authenticatorData", json!("AA")),
        ("/response/signature", json!("AA")),
        ("/response/signature", json!("x".repeat(40_000))),
        ("/response/userHandle", json!("AA")),
        ("/response/userHandle", json!(null)),
        ("/response/attestationObject", json!("AA")),
        ("/response/attestationObject", json!("")),
        ("/response/attestationObject", json!("A".repeat(40_000))),
    ] {
        let mut one = credential.clone();
        // Sign-ins have no attestation, and registrations neither signature nor user handle.
        if let Some(place) = one.pointer_mut(field) {
            *place = wrong;
            broken.push(one);
        }
    }
    broken
}

#[tokio::test]
async fn broken_credentials_are_refused() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let start = start_ceremony(&ada.visitor, "").await;
    let created = PasskeyAuthenticator::new(&app).create(&start["options"]).await;
    let mut refused = 0;
    for credential in broken(&created) {
        let start = start_ceremony(&ada.visitor, "").await;
        let reply = finish_registration(&ada.visitor, &start, &credential).await;
        // Parts of a registration that nothing depends on may be anything: here the challenge is another in any case.
        assert_eq!((reply.status, reply.code().as_str()), (400, "INVALID_PASSKEY"), "{credential}");
        refused += 1;
    }
    let start = start_sign_in(&app, None).await;
    let signed = authenticator.get(&start["options"]).await;
    for credential in broken(&signed) {
        let start = start_sign_in(&app, None).await;
        let reply = finish_sign_in(&app, &start, &credential).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "INVALID_PASSKEY"), "{credential}");
        let start = start_ceremony(&ada.visitor, "/reauthenticate").await;
        let body = ceremony_body(&start, &credential);
        let reply = ada.post("/v1/passkeys/reauthenticate", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "INVALID_PASSKEY"), "{credential}");
        refused += 1;
    }
    assert!(refused > 30, "{refused}");
    assert_eq!(list_passkeys(&ada.visitor).await.len(), 1);
}

#[tokio::test]
async fn only_sessions_manage_passkeys() {
    let app = TestApp::start().await;
    let (ada, _, passkey) = sign_up_with_passkey(&app, "ada").await;
    let bearer = app.visitor().with_bearer(&ada.token("ci").await);
    let one = format!("/v1/passkeys/{}", passkey["id"].as_str().unwrap());
    let calls = [
        (Method::GET, "/v1/passkeys"),
        (Method::POST, "/v1/passkeys"),
        (Method::POST, "/v1/passkeys/options"),
        (Method::POST, "/v1/passkeys/reauthenticate"),
        (Method::POST, "/v1/passkeys/reauthenticate/options"),
        (Method::PATCH, &one),
        (Method::DELETE, &one),
    ];
    for (method, path) in &calls {
        let send =
            async |visitor: &Visitor| visitor.send_json(method.clone(), path, &json!({})).await;
        send(&bearer).await.expect_error(403, "SESSION_REQUIRED");
        send(&app.visitor()).await.expect_error(401, "missing session");
        send(&app.visitor().with_session("x")).await.expect_error(401, "invalid session");
        if *method != Method::GET {
            let other_site = ada.visitor.clone().with_header("origin", "https://evil.example");
            send(&other_site).await.expect_error(403, "BAD_ORIGIN");
        }
    }
    for (method, path) in [
        (Method::PUT, "/v1/passkeys"),
        (Method::DELETE, "/v1/passkeys"),
        (Method::GET, "/v1/passkeys/options"),
        (Method::HEAD, "/v1/passkeys/login"),
        (Method::GET, "/v1/passkeys/login"),
        (Method::GET, "/v1/passkeys/login/options"),
        (Method::GET, "/v1/passkeys/reauthenticate"),
        (Method::POST, &one),
        (Method::GET, &one),
    ] {
        assert_eq!(
            ada.visitor.send(method.clone(), path, None).await.status,
            405,
            "{method} {path}"
        );
    }
}
