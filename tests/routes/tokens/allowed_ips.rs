//! Tests of tokens and keys that may be used from some addresses alone.

use serde_json::{Value, json};
use shared::tokens::MAX_ALLOWED_IPS;
use tests::api_keys::list_keys;
use tests::tokens::{bearer_visitor, create_token, list_tokens};
use tests::{TestApp, Visitor};

/// Networks that contain no visitor's address.
const ELSEWHERE: [&str; 2] = ["203.0.113.0/24", "2001:db8::/32"];

/// The network of all visitors, which are on this machine.
const HERE: &str = "127.0.0.0/8";

#[tokio::test]
async fn a_token_is_refused_from_another_address() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let body = json!({"token_name": "ci", "allowed_ips": ELSEWHERE});
    let made = create_token(&ada, body).await.expect(200).json();
    assert_eq!(made["allowed_ips"], json!(ELSEWHERE));
    let refused = bearer_visitor(&app, &made).get("/v1/me").await;
    assert!(refused.text.contains("may not be used from the address 127."), "{}", refused.text);
    // Decided in the read of the credential, and not recorded as a use.
    assert_eq!((refused.cost().calls, refused.cost().wcu), (1, 0.0));
    refused.expect_error(403, "IP_NOT_ALLOWED");
    let listed = &list_tokens(&ada).await[0];
    assert_eq!(
        (&listed["allowed_ips"], &listed["last_used_at"]),
        (&json!(ELSEWHERE), &json!(null))
    );
    // A wrong value from there is refused as invalid, and tells nothing of the list.
    let body = json!({"token_name": "ci", "allowed_ips": [ELSEWHERE[0], HERE]});
    let made = create_token(&ada, body).await.expect(200).json();
    let who = bearer_visitor(&app, &made).get("/v1/token").await.expect(200).json();
    assert_eq!(who["allowed_ips"], json!([HERE, ELSEWHERE[0]]));
    // A header cannot pretend another address.
    let made = &list_tokens(&ada).await[0];
    assert_eq!(made["id"], 1);
    let body = json!({"token_name": "ci", "allowed_ips": ["203.0.113.9"]});
    let made = create_token(&ada, body).await.expect(200).json();
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"] {
        let pretending = bearer_visitor(&app, &made).with_header(header, "203.0.113.9");
        pretending.get("/v1/me").await.expect_error(403, "IP_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn a_key_keeps_its_addresses_on_rotation() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = format!("/v1/clients/{acme}/api-keys");
    let body = json!({"name": "ci", "allowed_ips": ELSEWHERE});
    let made = ada.post(&path, body).await.expect(200).json();
    let uses = async |made: &Value| -> Visitor {
        app.visitor().with_bearer(made["key"].as_str().unwrap())
    };
    let projects = format!("/v1/projects?org_id={acme}");
    uses(&made).await.get(&projects).await.expect_error(403, "IP_NOT_ALLOWED");
    let rotated = ada.post(&format!("{path}/1/rotate"), json!({})).await.expect(200).json();
    assert_eq!(
        (&made["allowed_ips"], &rotated["allowed_ips"]),
        (&json!(ELSEWHERE), &json!(ELSEWHERE))
    );
    uses(&rotated).await.get(&projects).await.expect_error(403, "IP_NOT_ALLOWED");
    uses(&made).await.get(&projects).await.expect_error(401, "invalid token");
    assert_eq!(list_keys(&ada, &acme).await[0]["allowed_ips"], json!(ELSEWHERE));
    assert_eq!(ada.get("/v1/api-keys").await.json()["data"][0]["allowed_ips"], json!(ELSEWHERE));
    let body = json!({"name": "ci", "allowed_ips": [HERE]});
    let made = ada.post(&path, body).await.expect(200).json();
    uses(&made).await.get(&projects).await.expect(200);
}

#[tokio::test]
async fn an_invalid_list_of_addresses_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let keys = format!("/v1/clients/{acme}/api-keys");
    let network = |number: usize| format!("10.0.{number}.0/24");
    let many: Vec<_> = (0..MAX_ALLOWED_IPS).map(network).collect();
    let too_many: Vec<_> = (0..=MAX_ALLOWED_IPS).map(network).collect();
    let invalid = [
        json!([]),
        json!(too_many),
        json!(["example.com"]),
        json!(["203.0.113.9/33"]),
        json!(["203.0.113.9", 7]),
        json!("203.0.113.9"),
    ];
    for (path, name) in [("/v1/tokens", "token_name"), (keys.as_str(), "name")] {
        for list in &invalid {
            let reply = ada.post(path, json!({name: "ci", "allowed_ips": list})).await;
            assert!(reply.text.contains("allowed_ips"), "{}", reply.text);
            reply.expect_error(400, "INVALID_FIELD");
        }
        let made = ada.post(path, json!({name: "ci", "allowed_ips": many})).await.expect(200);
        assert_eq!(made.json()["allowed_ips"].as_array().unwrap().len(), MAX_ALLOWED_IPS);
        let made = ada.post(path, json!({name: "ci", "allowed_ips": null})).await.expect(200);
        assert_eq!(made.json()["allowed_ips"], json!(null));
    }
}
