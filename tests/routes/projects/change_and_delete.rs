//! Tests of `PATCH` and `DELETE /v1/projects/{project_id}`.

use reqwest::Method;
use serde_json::{Value, json};
use shared::organizations::Role;
use tests::TestApp;
use tests::activity::list_log_entries;
use tests::projects::{
    assert_projects_consistent, create_project, list_projects, project_calls, send_call,
    send_creation,
};

#[tokio::test]
async fn a_change_sets_sent_fields_and_logs_old_values() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = create_project(&ada, &acme, "Churn").await;
    let before = ada.get(&path).await.json();
    app.advance_clock(10).await;
    for nothing in [json!({}), json!({"name": "Churn"}), json!({"description": null, "id": "x"})] {
        assert_eq!(ada.patch(&path, nothing).await.expect(200).json(), before);
    }
    assert!(list_log_entries(&app, &acme, "project.changed").await.is_empty());
    let described = ada.patch(&path, json!({"description": " Q3 "})).await.expect(200).json();
    let now = app.now().await;
    let mut expected = before.clone();
    (expected["description"], expected["updated_at"]) = (json!("Q3"), json!(now));
    assert_eq!(described, expected);
    assert_eq!(ada.get(&path).await.json(), expected);
    let renamed = json!({"name": "Churn model", "description": "Q4", "org_id": "client_x"});
    let both = ada.patch(&path, renamed).await.expect(200).json();
    (expected["description"], expected["name"]) = (json!("Q4"), json!("Churn model"));
    assert_eq!(both, expected);
    let cleared = ada.patch(&path, json!({"description": null})).await.expect(200).json();
    assert_eq!(cleared["description"], json!(null));

    let log = list_log_entries(&app, &acme, "project.changed").await;
    let sorted = |mut details: Value| {
        details.sort_all_objects();
        details.to_string()
    };
    let mut details: Vec<_> =
        log.iter().map(|entry| sorted(entry["details"]["M"].clone())).collect();
    details.sort();
    let text = |text: &str| json!({"S": text});
    let mut expected = [
        json!({"description_before": text(""), "description_after": text("Q3")}),
        json!({
            "description_before": text("Q3"), "description_after": text("Q4"),
            "name_before": text("Churn"), "name_after": text("Churn model"),
        }),
        json!({"description_before": text("Q4"), "description_after": text("")}),
    ]
    .map(sorted);
    expected.sort();
    assert_eq!(details, expected);

    for (body, code) in [
        (json!({"name": null}), "MISSING_NAME"),
        (json!({"name": " "}), "MISSING_NAME"),
        (json!({"name": 7}), "INVALID_FIELD"),
        (json!({"name": "x".repeat(101)}), "INVALID_FIELD"),
        (json!({"description": "x".repeat(1001)}), "INVALID_FIELD"),
        (json!({"description": []}), "INVALID_FIELD"),
    ] {
        ada.patch(&path, body).await.expect_error(400, code);
    }
    assert_projects_consistent(&app).await;
}

#[tokio::test]
async fn a_deleted_project_is_inaccessible_at_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Member).await;
    let script = app.visitor().with_bearer(&ada.key(&acme, "ci").await.1);
    let (path, kept) =
        (create_project(&ada, &acme, "Churn").await, create_project(&ada, &acme, "Kept").await);
    ada.visitor
        .send(
            Method::PUT,
            &format!("{path}/brief"),
            Some(("application/json", br#"{"content":"x"}"#.to_vec())),
        )
        .await
        .expect(200);
    // A member can delete a project, and the body is ignored.
    let reply = bob.delete(&path, json!({"confirm": 7})).await.expect(200);
    assert_eq!(reply.json(), json!({"deleted": true}));
    for visitor in [&ada.visitor, &bob.visitor, &script] {
        for request in project_calls() {
            send_call(visitor, &path, request).await.expect_error(404, "NOT_FOUND");
        }
        assert_eq!(list_projects(visitor, &acme).await.len(), 1);
        visitor.get(&kept).await.expect(200);
    }
    let log = list_log_entries(&app, &acme, "project.deleted").await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["details"], json!({"M": {"name": {"S": "Churn"}}}));
    assert_eq!(log[0]["user_id"]["S"], bob.id().await.as_str());
    // The rows of the project have been swept, or their sweep is queued.
    let id = path.rsplit('/').next().unwrap();
    let remaining_rows = app.items("CLIENT#", &format!("PROJECT#{id}")).await;
    let waiting = app.items("WORK", &format!("sweep-project#{id}")).await;
    assert!(remaining_rows.is_empty() || waiting.len() == 1);
    assert_projects_consistent(&app).await;
    // The deleted project no longer counts as used.
    let usage = ada.get(&format!("/v1/clients/{acme}/usage")).await.expect(200).json();
    assert_eq!(usage["metrics"][0]["used"], 1);
}

#[tokio::test]
async fn deleting_an_organization_hides_its_projects_at_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = create_project(&ada, &acme, "Churn").await;
    ada.delete(&format!("/v1/clients/{acme}"), json!({"confirm": "Acme"})).await.expect(200);
    for request in project_calls() {
        send_call(&ada.visitor, &path, request).await.expect_error(404, "NOT_FOUND");
    }
    send_creation(&ada.visitor, &acme, "Another").await.expect_error(404, "NOT_FOUND");
    let list = ada.get(&format!("/v1/projects?org_id={acme}")).await;
    list.expect_error(404, "NOT_FOUND");
}
