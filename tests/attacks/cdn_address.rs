//! Behind a CDN, throttles count the address of each client, and only the CDN can report one.

use local::StackOptions;
use serde_json::json;
use tests::{PASSWORD, TestApp, Visitor};

const CDN_SECRET: &str = "the secret header of the CDN";

/// Calls of one operation that a network may make in a minute without a credential.
const CALLS_PER_MINUTE: usize = 30;

async fn start() -> TestApp {
    let cdn_secret = Some(CDN_SECRET.to_owned());
    TestApp::start_with_options(StackOptions { cdn_secret, ..StackOptions::default() }).await
}

fn forward(cdn: &Visitor, secret: &str, address: &str) -> Visitor {
    let headers = cdn.clone().with_header("x-origin-verify", secret);
    headers.with_header("cloudfront-viewer-address", &format!("{address}:46532"))
}

async fn guess(visitor: &Visitor, number: usize) -> u16 {
    let email = format!("nobody-{number}@example.com");
    visitor.post("/v1/login", json!({"email": email, "password": PASSWORD})).await.status
}

#[tokio::test]
async fn cdn_address_one_client_locks_out_no_other() {
    let app = start().await;
    app.sign_up("ada").await;
    let cdn = app.visitor();
    let attacker = forward(&cdn, CDN_SECRET, "203.0.113.9");
    for number in 0..CALLS_PER_MINUTE {
        assert_eq!(guess(&attacker, number).await, 401);
    }
    assert_eq!(guess(&attacker, CALLS_PER_MINUTE).await, 429);
    let ada = forward(&cdn, CDN_SECRET, "2001:db8::7");
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let session = ada.post("/v1/login", body).await.expect(200).json()["session_token"].clone();
    let ada = ada.with_session(session.as_str().unwrap());
    let sessions = ada.get("/v1/me/sessions").await.expect(200).json();
    let sessions = sessions["data"].as_array().unwrap();
    let current = sessions.iter().find(|session| session["current"] == true).unwrap();
    assert_eq!(current["ip"], "2001:db8::7");
}

#[tokio::test]
async fn cdn_address_without_the_secret_is_not_believed() {
    let app = start().await;
    let attacker = app.visitor();
    for number in 0..CALLS_PER_MINUTE {
        let address = format!("203.0.113.{number}");
        assert_eq!(guess(&forward(&attacker, "a wrong secret", &address), number).await, 401);
    }
    let address = "203.0.113.200";
    assert_eq!(guess(&forward(&attacker, "a wrong secret", address), 100).await, 429);
    let no_secret = attacker.clone().with_header("cloudfront-viewer-address", "203.0.113.201:1");
    assert_eq!(guess(&no_secret, 101).await, 429);
    // Without a CDN, no value is the secret.
    let app = TestApp::start().await;
    let attacker = app.visitor();
    for number in 0..CALLS_PER_MINUTE {
        guess(&forward(&attacker, "", &format!("203.0.113.{number}")), number).await;
    }
    assert_eq!(guess(&forward(&attacker, "", address), 100).await, 429);
}
