//! Responses of a forged page, browser or authenticator are refused.

use serde_json::json;
use tests::passkeys::{
    FLAGS, PasskeyAuthenticator, ResponseParts, USER_VERIFIED, ceremony_body, finish_registration,
    finish_sign_in, hash, list_passkeys, sign_up_with_passkey, start_ceremony, start_sign_in,
};
use tests::{Person, TestApp};

/// The flag that the user was present.
const USER_PRESENT: u8 = 0x01;

/// The flag that the passkey may be synced.
const BACKUP_ELIGIBLE: u8 = 0x08;

/// What a forged page, browser or authenticator changes. The response is signed by the right key.
type Forgery = (&'static str, fn(&mut ResponseParts));

/// Forgeries that registrations and sign-ins refuse.
const FORGERIES: [Forgery; 11] = [
    ("another site", |parts| parts.client_data["origin"] = json!("https://evil.example")),
    ("another port", |parts| parts.client_data["origin"] = json!("http://localhost:1")),
    ("a subdomain", |parts| {
        let origin = parts.client_data["origin"].as_str().unwrap();
        parts.client_data["origin"] = json!(origin.replace("localhost", "evil.localhost"));
    }),
    ("https in place of http", |parts| {
        let origin = parts.client_data["origin"].as_str().unwrap();
        parts.client_data["origin"] = json!(origin.replace("http:", "https:"));
    }),
    ("a frame of another site", |parts| parts.client_data["crossOrigin"] = json!(true)),
    ("another challenge", |parts| parts.client_data["challenge"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ("another type", |parts| parts.client_data["type"] = json!("payment.get")),
    ("another RP id", |parts| {
        parts.authenticator_data[..FLAGS].copy_from_slice(&hash(b"evil.example"));
    }),
    ("no user", |parts| parts.authenticator_data[FLAGS] &= !USER_PRESENT),
    ("no verified user", |parts| parts.authenticator_data[FLAGS] &= !USER_VERIFIED),
    ("synced but not eligible", |parts| parts.authenticator_data[FLAGS] &= !BACKUP_ELIGIBLE),
];

/// Signs up a person with a passkey that has no counter, so that nothing else refuses it.
async fn sign_up(app: &TestApp, who: &str) -> (Person, PasskeyAuthenticator) {
    let (person, mut authenticator, _) = sign_up_with_passkey(app, who).await;
    authenticator.set_counter(None);
    (person, authenticator)
}

#[tokio::test]
async fn passkey_forged_is_not_registered() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for (what, forge) in FORGERIES {
        let mut authenticator = PasskeyAuthenticator::new(&app);
        let start = start_ceremony(&ada.visitor, "").await;
        let credential = authenticator.create(&start["options"]).await;
        let forged = authenticator.alter(&credential, forge);
        let reply = finish_registration(&ada.visitor, &start, &forged).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "INVALID_PASSKEY"), "{what}");
    }
    assert!(list_passkeys(&ada.visitor).await.is_empty());
    // The same response without a change is accepted.
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = authenticator.create(&start["options"]).await;
    let same = authenticator.alter(&credential, |_| ());
    finish_registration(&ada.visitor, &start, &same).await.expect(200);
}

#[tokio::test]
async fn passkey_forged_signs_in_nowhere() {
    let app = TestApp::start().await;
    let (ada, mut authenticator) = sign_up(&app, "ada").await;
    for (what, forge) in FORGERIES {
        let start = start_sign_in(&app, None).await;
        let credential = authenticator.get(&start["options"]).await;
        let forged = authenticator.alter(&credential, forge);
        let reply = finish_sign_in(&app, &start, &forged).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "INVALID_PASSKEY"), "{what}");
        let start = start_ceremony(&ada.visitor, "/reauthenticate").await;
        let credential = authenticator.get(&start["options"]).await;
        let body = ceremony_body(&start, &authenticator.alter(&credential, forge));
        let reply = ada.post("/v1/passkeys/reauthenticate", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "INVALID_PASSKEY"), "{what}");
    }
    let start = start_sign_in(&app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    let same = authenticator.alter(&credential, |_| ());
    finish_sign_in(&app, &start, &same).await.expect(200);
}

/// A page of another origin cannot use the passkey, and what it gets in its own name is refused.
#[tokio::test]
async fn passkey_forged_by_a_page_of_another_origin_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut phished = PasskeyAuthenticator::at("https://evil.example");
    let mut start = start_ceremony(&ada.visitor, "").await;
    start["options"]["publicKey"]["rp"]["id"] = json!("evil.example");
    let credential = phished.create(&start["options"]).await;
    let refused = finish_registration(&ada.visitor, &start, &credential).await;
    refused.expect_error(400, "INVALID_PASSKEY");
}

#[tokio::test]
async fn passkey_forged_with_another_key_is_refused() {
    let app = TestApp::start().await;
    let (ada, mut adas) = sign_up(&app, "ada").await;
    let (eve, mut eves) = sign_up(&app, "eve").await;
    let start = start_sign_in(&app, None).await;
    let ada_signed = adas.get(&start["options"]).await;
    let eve_signed = eves.get(&start["options"]).await;
    let mut forgeries = Vec::new();
    // Ada's user handle, or her credential id, or both, on a response that Eve signed.
    for (handle, id) in [(true, false), (false, true), (true, true)] {
        let mut forged = eve_signed.clone();
        if handle {
            forged["response"]["userHandle"] = ada_signed["response"]["userHandle"].clone();
        }
        if id {
            forged["id"] = ada_signed["id"].clone();
            forged["rawId"] = ada_signed["rawId"].clone();
        }
        forgeries.push(forged);
    }
    // A signature of other data, and one that is none.
    let mut other_data = ada_signed.clone();
    other_data["response"]["authenticatorData"] = adas
        .alter(&ada_signed, |parts| parts.authenticator_data[FLAGS + 4] = 9)["response"]["authenticatorData"]
        .clone();
    forgeries.push(other_data);
    let mut unsigned = ada_signed.clone();
    unsigned["response"]["signature"] = json!("");
    forgeries.push(unsigned);
    for forged in forgeries {
        let start_again = start_sign_in(&app, None).await;
        let challenge = start_again["options"]["publicKey"]["challenge"].clone();
        // Eve signs the new challenge with her key, and keeps the rest.
        let resigned = eves.alter(&forged, |parts| parts.client_data["challenge"] = challenge);
        for credential in [&forged, &resigned] {
            let start = if *credential == forged {
                start_sign_in(&app, None).await
            } else {
                start_again.clone()
            };
            let reply = finish_sign_in(&app, &start, credential).await;
            reply.expect_error(401, "INVALID_PASSKEY");
        }
    }
    for person in [&ada, &eve] {
        let log = person.get("/v1/me/activity").await.expect(200).text;
        assert!(!log.contains("\"passkey\""), "no session was started: {log}");
    }
    // Eve's own response, as it is, signs Eve in.
    let own = finish_sign_in(&app, &start, &eve_signed).await.expect(200);
    assert_eq!(own.json()["user"]["email"], eve.email);
}

/// WebAuthn Level 3, 7.1 step 25.
#[tokio::test]
async fn passkey_forged_with_a_huge_id_is_not_registered() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for (length, status) in [(1023_u16, 200), (1024, 400), (60_000, 400)] {
        let mut authenticator = PasskeyAuthenticator::new(&app);
        let start = start_ceremony(&ada.visitor, "").await;
        let credential = authenticator.create(&start["options"]).await;
        let huge = authenticator.alter(&credential, |parts| {
            // RP id, flags, counter and AAGUID, then the length of the id, the id and the key.
            let at = FLAGS + 1 + 4 + 16;
            let own = usize::from(u16::from_be_bytes([
                parts.authenticator_data[at],
                parts.authenticator_data[at + 1],
            ]));
            let id = vec![7; usize::from(length)];
            let id = [&length.to_be_bytes()[..], &id].concat();
            parts.authenticator_data.splice(at..at + 2 + own, id);
        });
        let size = huge.to_string().len();
        let reply = finish_registration(&ada.visitor, &start, &huge).await;
        let expected = if size > 64 * 1024 { 413 } else { status };
        assert_eq!(reply.status, expected, "{length}: {}", reply.text);
    }
}

/// The flag that a passkey may be synced never changes (WebAuthn Level 3, 7.2 step 19).
#[tokio::test]
async fn passkey_forged_into_a_synced_one_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = authenticator.create(&start["options"]).await;
    let bound = |parts: &mut ResponseParts| parts.authenticator_data[FLAGS] &= !0x18;
    let local = authenticator.alter(&credential, bound);
    let added = finish_registration(&ada.visitor, &start, &local).await.expect(200).json();
    assert_eq!(added["synced"], false);
    let start = start_sign_in(&app, None).await;
    let synced = authenticator.get(&start["options"]).await;
    finish_sign_in(&app, &start, &synced).await.expect_error(401, "INVALID_PASSKEY");
    let start = start_sign_in(&app, None).await;
    let synced = authenticator.get(&start["options"]).await;
    let local = authenticator.alter(&synced, bound);
    finish_sign_in(&app, &start, &local).await.expect(200);
}

/// Another site cannot sign a visitor in to the account of an attacker: browsers send JSON to another origin only
/// after a preflight, which no answer allows, and forms are refused.
#[tokio::test]
async fn passkey_forged_by_a_form_of_another_site_is_refused() {
    let app = TestApp::start().await;
    let (_, mut eves) = sign_up(&app, "eve").await;
    let start = start_sign_in(&app, None).await;
    let body = ceremony_body(&start, &eves.get(&start["options"]).await).to_string();
    let other_site = app
        .visitor()
        .with_header("origin", "https://evil.example")
        .with_header("sec-fetch-site", "cross-site");
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let reply = other_site.post_raw("/v1/passkeys/login", content_type, body.clone()).await;
        assert_eq!(reply.header("set-cookie"), None);
        reply.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let preflight = other_site
        .clone()
        .with_header("access-control-request-method", "POST")
        .with_header("access-control-request-headers", "content-type");
    for path in ["/v1/passkeys/login", "/v1/passkeys/login/options"] {
        let reply = preflight.send(reqwest::Method::OPTIONS, path, None).await;
        assert_eq!(reply.header("access-control-allow-origin"), None, "{}", reply.text);
        assert!(reply.status >= 400, "{}", reply.status);
    }
}
