//! What a copy of the table is worth to a thief.

use serde_json::json;
use tests::{PASSWORD, World};

#[tokio::test]
async fn a_dump_holds_nothing_that_signs_in() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let keyed = world.visitor().with_header("idempotency-key", "the-key-itself");
    let body = json!({"email": "eve@example.com", "name": "Eve", "password": "eves-own-pass-7"});
    keyed.post("/v1/register", body).await.expect(200);
    let pending_code = world.code("eve@example.com").await;
    let used_code = world.code("ada@example.com").await;
    world
        .visitor()
        .post("/v1/login", json!({"email": ada.email, "password": "a-wrong-pass-7"}))
        .await;

    let session = ada.session.unwrap();
    let dump = serde_json::to_string(&world.dump().await).unwrap();
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
async fn plain_secrets_a_dump_holds_no_trace_of_a_webhook() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let secret = "abcdefghijklmnopqrstWx7Q";
    let url = format!("https://hooks.slack.com/services/T01ABCDEF/B02GHIJKL/{secret}");
    let change = json!({"slack_webhook_url": url, "test_failures": "slack"});
    let put = async |body: serde_json::Value| {
        let body = Some(("application/json", body.to_string().into_bytes()));
        ada.at.send(reqwest::Method::PUT, "/v1/me/notifications", body).await
    };
    put(change).await.expect(200);
    put(json!({"slack_webhook_url": format!("{url}x?")})).await.expect(400);
    assert_eq!(world.items("USER#", "NOTIFICATIONS").await.len(), 1);
    let dump = serde_json::to_string(&world.dump().await).unwrap().to_lowercase();
    for part in ["hooks.slack.com", "t01abcdef", "b02ghijkl", "/services", secret, "wx7q"] {
        assert!(!dump.contains(&part.to_lowercase()), "the dump holds {part}");
    }
}

/// Rows that stand for no mail are made like those of mails, and stay: what a waiting mail looks
/// like can be seen in them.
#[tokio::test]
async fn a_mail_is_encrypted_while_it_waits_and_gone_when_sent() {
    let world = World::start().await;
    world.registered("ada").await;
    world.code("ada@example.com").await;
    assert!(world.items("MAIL#", "").await.is_empty());
    let nobody = json!({"email": "nobody@example.com"});
    world.visitor().post("/v1/verify-email/resend", nobody).await.expect(200);
    let rows = world.items("DECOY#", "").await;
    assert_eq!(rows.len(), 1);
    let row = serde_json::to_string(&rows).unwrap();
    for content in ["nobody@example.com", "nobody", "NOCODE", "Atall", "verification"] {
        assert!(!row.contains(content), "the row holds {content}");
    }
}
