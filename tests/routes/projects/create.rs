//! Tests of `POST /v1/projects` and of the names of projects.

use insta::assert_snapshot;
use serde_json::json;
use tests::TestApp;
use tests::activity::list_log_entries;
use tests::projects::{
    UNKNOWN_CLIENT, assert_projects_consistent, create_project, delete_project, list_projects,
    send_creation,
};

#[tokio::test]
async fn projects_are_created_shown_and_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    app.advance_clock(60).await;
    let body = json!({
        "org_id": acme, "name": " Churn analysis ", "description": "Q3 churn model",
        "owner_id": "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa", "user_id": "eve@example.com",
    });
    let reply = ada.post("/v1/projects", body).await;
    assert_snapshot!(app.snapshot(&reply).await, @r#"
    200
    {
      "created_at": "[now]",
      "description": "Q3 churn model",
      "id": "[proj]",
      "name": "Churn analysis",
      "org_id": "[client]",
      "updated_at": "[now]"
    }
    "#);
    let expected = reply.json();
    let id = expected["id"].as_str().unwrap();
    assert_eq!(expected["org_id"], acme);
    assert_eq!(ada.get(&format!("/v1/projects/{id}")).await.expect(200).json(), expected);
    let list = ada.get(&format!("/v1/projects?org_id={acme}")).await.expect(200).json();
    assert_eq!(list, json!({"data": [expected], "next_cursor": null}));

    app.advance_clock(1).await;
    let plain = send_creation(&ada.visitor, &acme, "Plain").await;
    assert_snapshot!(app.snapshot(&plain).await, @r#"
    200
    {
      "created_at": "[now]",
      "description": null,
      "id": "[proj]",
      "name": "Plain",
      "org_id": "[client]",
      "updated_at": "[now]"
    }
    "#);
    let blank = json!({"org_id": acme, "name": "Blank", "description": " \t"});
    app.advance_clock(1).await;
    let blank = ada.post("/api/v1/projects", blank).await.expect(200);
    assert_eq!(blank.json()["description"], json!(null));
    let names: Vec<_> =
        list_projects(&ada.visitor, &acme).await.iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, ["Churn analysis", "Plain", "Blank"], "in the order of making");

    let log = list_log_entries(&app, &acme, "project.created").await;
    assert_eq!(log.len(), 3);
    let first = log.iter().find(|entry| entry["target"]["S"] == id).unwrap();
    assert_eq!(first["details"], json!({"M": {"name": {"S": "Churn analysis"}}}));
    assert_eq!(first["user_id"]["S"], ada.id().await.as_str());
    assert_projects_consistent(&app).await;
}

#[tokio::test]
async fn an_invalid_project_is_refused_with_the_field_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let long = "x".repeat(101);
    for (body, status, code) in [
        (json!({"name": "A"}), 400, "MISSING_ORG_ID"),
        (json!({"org_id": null, "name": "A"}), 400, "MISSING_ORG_ID"),
        (json!({"org_id": " ", "name": "A"}), 400, "MISSING_ORG_ID"),
        (json!({"org_id": 7, "name": "A"}), 400, "INVALID_FIELD"),
        (json!({"org_id": "client_x", "name": "A"}), 404, "NOT_FOUND"),
        (json!({"org_id": UNKNOWN_CLIENT, "name": "A"}), 404, "NOT_FOUND"),
        (json!({"org_id": acme}), 400, "MISSING_NAME"),
        (json!({"org_id": acme, "name": null}), 400, "MISSING_NAME"),
        (json!({"org_id": acme, "name": " "}), 400, "MISSING_NAME"),
        (json!({"org_id": acme, "name": ["A"]}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": long}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": "a\nb"}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": "A", "description": 7}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": "A", "description": "a\nb"}), 400, "INVALID_FIELD"),
        (
            json!({"org_id": acme, "name": "A", "description": "x".repeat(1001)}),
            400,
            "INVALID_FIELD",
        ),
        (
            json!({"org_id": acme, "name": "A", "description": "x".repeat(70_000)}),
            413,
            "BODY_TOO_LARGE",
        ),
        (json!([]), 400, "INVALID_JSON"),
    ] {
        let sent_body = body.to_string();
        let reply = ada.post("/v1/projects", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{:.200}", sent_body);
    }
    let other_type = ada.visitor.post_raw("/v1/projects", "text/plain", "{}").await;
    other_type.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    assert!(list_projects(&ada.visitor, &acme).await.is_empty());
    let longest =
        json!({"org_id": acme, "name": "李".repeat(100), "description": "李".repeat(1000)});
    ada.post("/v1/projects", longest).await.expect(200);
    assert_projects_consistent(&app).await;
}

#[tokio::test]
async fn names_are_unique_per_organization_ignoring_case() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (acme, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    let first = create_project(&ada, &acme, "Žižkov Études").await;
    for taken in
        ["Žižkov Études", " žižkov études", "ŽIŽKOV ÉTUDES", "Z\u{30c}iz\u{30c}kov E\u{301}tudes"]
    {
        send_creation(&ada.visitor, &acme, taken).await.expect_error(409, "PROJECT_NAME_TAKEN");
    }
    create_project(&ada, &other, "Žižkov Études").await;
    let second = create_project(&ada, &acme, "Second").await;
    let rename = async |path: &str, name: &str| ada.patch(path, json!({"name": name})).await;
    rename(&second, "žižkov ÉTUDES").await.expect_error(409, "PROJECT_NAME_TAKEN");
    assert_eq!(ada.get(&second).await.json()["name"], "Second");
    // A project can be renamed to its own name in another case.
    assert_eq!(rename(&first, "ŽIŽKOV études").await.expect(200).json()["name"], "ŽIŽKOV études");
    send_creation(&ada.visitor, &acme, "Žižkov Études")
        .await
        .expect_error(409, "PROJECT_NAME_TAKEN");
    assert_projects_consistent(&app).await;
    // A previous name is free for other projects and can be chosen again.
    rename(&first, "Third").await.expect(200);
    rename(&second, "Žižkov Études").await.expect(200);
    rename(&first, "Second").await.expect(200);
    assert_projects_consistent(&app).await;
    delete_project(&ada.visitor, &first).await.expect(200);
    create_project(&ada, &acme, "sECOND").await;
    assert_projects_consistent(&app).await;
}
