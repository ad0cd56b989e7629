//! A copy of the table contains no usable secret.

use serde_json::json;
use shared::mail::LinkedPage;
use tests::{Authenticator, PASSWORD, TestApp};

#[tokio::test]
async fn plain_secrets_sign_in_credentials_are_not_in_the_table() {
    let app = TestApp::start_with_production_passwords().await;
    let ada = app.sign_up("ada").await;
    let keyed = app.visitor().with_header("idempotency-key", "the-key-itself");
    let body = json!({"email": "eve@example.com", "name": "Eve", "password": "eves-own-pass-7"});
    keyed.post("/v1/register", body).await.expect(200);
    let pending_code = app.code("eve@example.com").await;
    let used_code = app.code("ada@example.com").await;
    app.visitor()
        .post("/v1/login", json!({"email": ada.email, "password": "a-wrong-pass-7"}))
        .await;

    let session = ada.session.unwrap();
    let dump = serde_json::to_string(&app.dump().await).unwrap();
    for (what, secret) in [
        ("password", PASSWORD),
        ("password", "eves-own-pass-7"),
        ("wrong password", "a-wrong-pass-7"),
        ("code", &pending_code),
        ("used code", &used_code),
        ("session", &session),
        ("session's signature", session.rsplit('.').next().unwrap()),
        ("idempotency key", "the-key-itself"),
        ("visitor's address in a throttle", "THROTTLE#register#127."),
    ] {
        assert!(!dump.contains(secret), "the dump holds the {what}");
        assert!(!dump.contains(&secret.to_lowercase()), "the dump holds the {what} in lower case");
    }
    assert!(dump.contains("$argon2id$v=19$m=19456,t=2,p=1,keyid="));
}

#[tokio::test]
async fn plain_secrets_webhook_urls_are_not_in_the_table() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let secret = "abcdefghijklmnopqrstWx7Q";
    let url = format!("https://hooks.slack.com/services/T01ABCDEF/B02GHIJKL/{secret}");
    let change = json!({"slack_webhook_url": url, "test_failures": "slack"});
    let put = async |body: serde_json::Value| {
        ada.visitor.send_json(reqwest::Method::PUT, "/v1/me/notifications", &body).await
    };
    put(change).await.expect(200);
    put(json!({"slack_webhook_url": format!("{url}x?")})).await.expect(400);
    assert_eq!(app.items("USER#", "NOTIFICATIONS").await.len(), 1);
    let dump = serde_json::to_string(&app.dump().await).unwrap().to_lowercase();
    for part in ["hooks.slack.com", "t01abcdef", "b02ghijkl", "/services", secret, "wx7q"] {
        assert!(!dump.contains(&part.to_lowercase()), "the dump holds {part}");
    }
}

/// The user has a secret, recovery codes, challenges, links and codes.
#[tokio::test]
async fn plain_secrets_second_factors_are_not_in_the_table() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let waiting = ada.post("/v1/2fa/setup", json!({})).await.expect(200).json();
    let secrets_in = |dump: &str, secrets: &[(&str, String)]| {
        for (what, secret) in secrets {
            assert!(!dump.contains(secret.as_str()), "the dump holds the {what}");
            let bare = secret.replace('-', "").to_uppercase();
            assert!(!dump.to_uppercase().contains(&bare), "the dump holds the {what}, bare");
        }
    };
    let dump = serde_json::to_string(&app.dump().await).unwrap();
    let secret = waiting["secret"].as_str().unwrap().to_owned();
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let encoded = [
        data_encoding::BASE64.encode(&bytes),
        data_encoding::BASE64URL_NOPAD.encode(&bytes),
        data_encoding::HEXLOWER.encode(&bytes),
    ];
    secrets_in(&dump, &[("secret that waits", secret)]);
    secrets_in(&dump, &encoded.map(|secret| ("secret that waits, encoded", secret)));

    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let first = app.visitor().post("/v1/login", ada.credentials()).await.expect(200).json();
    let challenge = first["challenge_token"].as_str().unwrap().to_owned();
    let random = challenge.split_once('.').unwrap().1.to_owned();
    let change = json!({"new_email": "new@example.com", "password": PASSWORD,
        "code": authenticator.code(&app).await});
    ada.post("/v1/me/email", change).await.expect(200);
    let code = app.code("new@example.com").await;
    let dump = serde_json::to_string(&app.dump().await).unwrap();
    let mut secrets = vec![("challenge", challenge), ("challenge's secret", random)];
    secrets.push(("code to the new address", code.clone()));
    secrets.extend(authenticator.recovery_codes.iter().map(|code| ("recovery code", code.clone())));
    secrets_in(&dump, &secrets);

    ada.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
    let token = app.mailed_token("ada@example.com", LinkedPage::UndoEmail).await;
    let random = token.split_once('.').unwrap().1.to_owned();
    let dump = serde_json::to_string(&app.dump().await).unwrap();
    secrets_in(&dump, &[("link's token", token), ("link's secret", random)]);
}

/// Decoy rows, which stand for no mail, are written like those of mails and stay. They show what a
/// waiting mail looks like.
#[tokio::test]
async fn queued_mails_are_encrypted_and_sent_mails_are_deleted() {
    let app = TestApp::start().await;
    app.register_unverified("ada").await;
    app.code("ada@example.com").await;
    assert!(app.items("CODE-MAIL#", "").await.is_empty());
    let nobody = json!({"email": "nobody@example.com"});
    app.visitor().post("/v1/verify-email/resend", nobody).await.expect(200);
    let rows = app.items("DECOY#", "").await;
    assert_eq!(rows.len(), 1);
    let row = serde_json::to_string(&rows).unwrap();
    for content in ["nobody@example.com", "nobody", "NOCODE", "Atall", "verification"] {
        assert!(!row.contains(content), "the row holds {content}");
    }
}
