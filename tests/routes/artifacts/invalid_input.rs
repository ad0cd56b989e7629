//! Uploads that are refused.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use shared::blobs::Sha256;
use tests::json::as_text;
use tests::{TestApp, file};

#[tokio::test]
async fn an_invalid_file_is_refused_with_the_field_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let good = file(&client, None, "a", b"x");
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let long = "a".repeat(801);
    for (field, bad) in [
        ("path", json!("../a")),
        ("path", json!("/a")),
        ("path", json!("a\\b")),
        ("path", json!("a\u{0}")),
        ("path", json!("a/./b")),
        ("path", json!(long)),
        ("path", json!(7)),
        ("content_base64", json!("x")),
        ("content_base64", json!("eA")),
        ("content_base64", json!("e A==")),
        ("content_type", json!("text")),
        ("content_type", json!("text/html\r\nX: y")),
        ("kind", json!("video")),
        ("size", json!(2)),
        ("size", json!(-1)),
        ("sha256", json!("abc")),
        ("sha256", json!(Sha256::of(b"y").to_string())),
    ] {
        let refused = ada.post("/v1/artifacts", with(field, bad)).await;
        let refused = refused.expect_error(400, "INVALID_FIELD");
        let message = refused.json()["detail"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(field), "{field}: {message}");
    }
    for (field, code) in [
        ("org_id", "MISSING_ORG_ID"),
        ("path", "MISSING_PATH"),
        ("content_base64", "MISSING_CONTENT_BASE64"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(field);
        ada.post("/v1/artifacts", body).await.expect_error(400, code);
    }
    let sha256 = HEXLOWER.encode(&[7; 32]);
    for (body, code) in [
        (json!({"org_id": client, "path": "a", "size": 1}), "MISSING_SHA256"),
        (json!({"org_id": client, "path": "a", "sha256": sha256}), "MISSING_SIZE"),
    ] {
        ada.post("/v1/artifacts", body).await.expect_error(400, code);
    }
    ada.post("/v1/artifacts", with("org_id", json!("x"))).await.expect_error(404, "NOT_FOUND");
    ada.post("/v1/artifacts", with("project_id", json!("x"))).await.expect_error(404, "NOT_FOUND");
    ada.get("/v1/artifacts").await.expect_error(400, "MISSING_ORG_ID");
    let list = format!("/v1/artifacts?org_id={client}");
    ada.get(&format!("{list}&kind=video")).await.expect_error(400, "INVALID_FIELD");
    ada.get(&format!("{list}&project_id=x")).await.expect_error(404, "NOT_FOUND");
    assert_eq!(app.items("", "VERSION#").await, Vec::<Value>::new());
    // A correct hash and a correct size are accepted, and a file may be empty.
    let mut declared = with("sha256", json!(Sha256::of(b"x").to_string().to_uppercase()));
    declared["size"] = 1.into();
    ada.post("/v1/artifacts", declared).await.expect(200);
    let empty = ada.visitor.upload(&client, None, "empty", b"").await;
    assert_eq!(ada.visitor.download(as_text(&empty["id"])).await.1, b"");
}
