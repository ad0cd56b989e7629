//! Tests of the role `viewer`.

use reqwest::Method;
use serde_json::json;
use shared::organizations::Role;
use tests::TestApp;
use tests::members::{assert_memberships_consistent, create_team, member_path, sign_up_member};
use tests::projects::{list_projects, project_calls, send_call, send_creation};
use tests::route_credentials::{Resources, create_token};

#[tokio::test]
async fn a_viewer_reads_and_writes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let vera = sign_up_member(&app, &client, "vera", Role::Viewer).await;
    let Resources { project, artifact, run, .. } =
        Resources::create_in(&ada, &client, "Churn").await;
    let token = app.visitor().with_bearer(&create_token(&vera, Some(&client)).await);
    let readable = [
        format!("/v1/clients/{client}"),
        format!("/v1/clients/{client}/members"),
        format!("/v1/clients/{client}/usage"),
        format!("/v1/clients/{client}/activity"),
        format!("/v1/clients/{client}/activity.csv"),
        format!("/v1/projects/{project}"),
        format!("/v1/projects/{project}/brief"),
        format!("/v1/projects/{project}/reports"),
        format!("/v1/projects/{project}/runs"),
        format!("/v1/runs/{run}"),
        format!("/v1/artifacts?org_id={client}"),
        format!("/v1/artifacts?org_id={client}&project_id={project}"),
        format!("/v1/artifacts/{artifact}"),
        format!("/v1/artifacts/{artifact}/versions"),
    ];
    let invitations = format!("/v1/clients/{client}/invitations");
    let path = format!("/v1/projects/{project}");
    for visitor in [&vera.visitor, &token] {
        for path in &readable {
            visitor.get(path).await.expect(200);
        }
        assert_eq!(
            list_projects(visitor, &client).await,
            list_projects(&ada.visitor, &client).await
        );
        let before = app.dump().await.len();
        send_creation(visitor, &client, "Another").await.expect_error(403, "NO_ACCESS");
        for call in project_calls().into_iter().filter(|(method, ..)| *method != Method::GET) {
            send_call(visitor, &path, call).await.expect_error(403, "NO_ACCESS");
        }
        let ended = json!({"status": "succeeded"});
        let body = Some(("application/json", ended.to_string().into_bytes()));
        let ended = visitor.send(Method::PATCH, &format!("/v1/runs/{run}"), body).await;
        ended.expect_error(403, "NO_ACCESS");
        for body in [
            json!({"org_id": client, "path": "b", "content_base64": "eA=="}),
            json!({"org_id": client, "project_id": project, "path": "b", "content_base64": "eA=="}),
        ] {
            visitor.post("/v1/artifacts", body).await.expect_error(403, "NO_ACCESS");
        }
        let artifact = format!("/v1/artifacts/{artifact}");
        let deleted = visitor.send(Method::DELETE, &artifact, None).await;
        deleted.expect_error(403, "NO_ACCESS");
        visitor.get(&invitations).await.expect_error(403, "NO_ACCESS");
        let credits = format!("/v1/clients/{client}/credits");
        visitor.get(&credits).await.expect_error(403, "NO_ACCESS");
        assert_eq!(app.dump().await.len(), before);
    }
    // The role is assigned and taken away like the others, and applies at once.
    let veras = member_path(&client, vera.id().await.as_str());
    ada.patch(&veras, json!({"role": "member"})).await.expect(200);
    send_creation(&vera.visitor, &client, "Another").await.expect(200);
    ada.patch(&veras, json!({"role": "viewer"})).await.expect(200);
    send_creation(&vera.visitor, &client, "Third").await.expect_error(403, "NO_ACCESS");
    let body = json!({"email": "walt@example.com", "role": "viewer"});
    assert_eq!(ada.post(&invitations, body).await.expect(200).json()["role"], "viewer");
    vera.post(&format!("/v1/clients/{client}/leave"), json!({})).await.expect(200);
    vera.get(&readable[3]).await.expect_error(403, "NO_ACCESS");
    assert_memberships_consistent(&app).await;
}
