//! Tests of `PATCH /v1/me`.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::{Value, json};
use tests::malformed_bodies::malformed_bodies;
use tests::{Person, Reply, TestApp, race};

/// Changes fields of the profile.
async fn patch_profile(person: &Person, body: Value) -> Reply {
    person.patch("/v1/me", body).await
}

#[tokio::test]
async fn sent_fields_are_changed_and_null_clears() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = ada.get("/v1/me").await.json()["user"].clone();
    let all = json!({
        "name": " Ada King ", "phone": "+44 20 7946 0018", "timezone": "europe/london",
        "company": "Analytical Engines", "job_title": "Programmer",
    });
    let changed = patch_profile(&ada, all).await;
    assert_snapshot!(app.snapshot(&changed).await, @r#"
    200
    {
      "user": {
        "company": "Analytical Engines",
        "created_at": "[now]",
        "email": "ada@example.com",
        "email_verified": true,
        "has_password": true,
        "id": "[usr]",
        "job_title": "Programmer",
        "name": "Ada King",
        "phone": "+442079460018",
        "provider": "email",
        "provider_id": "ada@example.com",
        "timezone": "Europe/London",
        "two_factor_enabled": false
      }
    }
    "#);
    let mut expected = changed.json()["user"].clone();
    for field in ["id", "email", "provider_id", "created_at"] {
        assert_eq!(expected[field], before[field]);
    }
    let one = patch_profile(&ada, json!({"company": null, "job_title": " "})).await.expect(200);
    expected["company"] = Value::Null;
    expected["job_title"] = Value::Null;
    assert_eq!(one.json()["user"], expected);
    assert_eq!(ada.get("/v1/me").await.json()["user"], expected);
    let log = app.items("ACTIVITY#USER#", "").await;
    let changes: Vec<_> =
        log.iter().filter(|e| e["action"]["S"] == "account.profile_changed").collect();
    assert_eq!(changes.len(), 2);
    let text = serde_json::to_string(&changes).unwrap();
    assert!(text.contains("company, job_title") && !text.contains("Analytical"), "{text}");
}

#[tokio::test]
async fn an_unchanged_request_writes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = app.durable_items().await.len();
    let reply = patch_profile(&ada, json!({"unknown": 1})).await.expect(200);
    assert_eq!(reply.json(), ada.get("/v1/me").await.json());
    assert_eq!(app.durable_items().await.len(), before);
}

#[tokio::test]
async fn read_only_fields_are_ignored() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = ada.get("/v1/me").await.json();
    let body = json!({
        "id": "usr_x", "email": "eve@example.com", "email_verified": false, "created_at": 1,
        "has_password": false, "two_factor_enabled": true, "user_id": "usr_x",
    });
    assert_eq!(patch_profile(&ada, body).await.expect(200).json(), before);
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = ada.get("/v1/me").await.json();
    for (content_type, body, status, code) in malformed_bodies() {
        let body = Some((content_type, body));
        ada.visitor.send(Method::PATCH, "/v1/me", body).await.expect_error(status, code);
    }
    for (field, value, code) in [
        ("name", Value::Null, "MISSING_NAME"),
        ("name", json!(" "), "MISSING_NAME"),
        ("name", json!(1), "INVALID_FIELD"),
        ("name", json!("a\u{0}b"), "INVALID_FIELD"),
        ("phone", json!("020 7946 0018"), "INVALID_FIELD"),
        ("phone", json!(4420), "INVALID_FIELD"),
        ("timezone", json!("Mars/Olympus"), "INVALID_FIELD"),
        ("company", json!("x".repeat(101)), "INVALID_FIELD"),
        ("company", json!(["x"]), "INVALID_FIELD"),
        ("job_title", json!("a\nb"), "INVALID_FIELD"),
    ] {
        // A request with one invalid field changes no other field.
        let body = json!({"company": "Analytical Engines", field: value});
        let reply = patch_profile(&ada, body).await.expect_error(400, code);
        assert!(reply.json()["detail"]["message"].as_str().unwrap().contains(field), "{field}");
    }
    assert_eq!(ada.get("/v1/me").await.json(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_different_fields_all_apply() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let changes = [
        json!({"name": "Ada King"}),
        json!({"phone": "+442079460018"}),
        json!({"timezone": "UTC"}),
        json!({"company": "Analytical Engines"}),
        json!({"job_title": "Programmer"}),
    ];
    let replies = race(changes.len(), |number| {
        let (ada, change) = (ada.clone(), changes[number].clone());
        async move { patch_profile(&ada, change).await }
    })
    .await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:#?}");
    let user = ada.get("/v1/me").await.json()["user"].clone();
    for change in changes {
        for (field, value) in change.as_object().unwrap() {
            assert_eq!(&user[field], value);
        }
    }
}
