//! Who may use a project.

use serde_json::json;
use shared::clock::Timestamp;
use shared::ids::{OrganizationId, ProjectId};
use tests::activity::list_log_entries;
use tests::projects::{
    UNKNOWN_CLIENT, assert_projects_consistent, create_project, list_projects, project_calls,
    send_call, send_creation,
};
use tests::{TestApp, keys};

#[tokio::test]
async fn projects_of_others_get_403_and_unknown_projects_404() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (acme, evil) = (ada.create_client("Acme").await, eve.create_client("Evil").await);
    let path = create_project(&ada, &acme, "Top secret").await;
    let before = app.items("CLIENT#", "PROJECT").await;
    let ctx = app.stack().context();
    let (now, client): (Timestamp, OrganizationId) = (ctx.now(), acme.parse().unwrap());
    let unknown = ProjectId::generate(&*ctx.random, now, &client);
    let confined = json!({"token_name": "ci", "client_id": evil});
    let confined = eve.post("/v1/tokens", confined).await.expect(200).json();
    let bearer = |token: &str| app.visitor().with_bearer(token);
    let outsiders = [
        eve.visitor.clone(),
        bearer(&eve.token("ci").await),
        bearer(confined["token"].as_str().unwrap()),
        bearer(&eve.key(&evil, "ci").await.1),
    ];
    for visitor in &outsiders {
        // The response does not reveal whether the project exists.
        for path in [&path, &format!("/v1/projects/{unknown}")] {
            for request in project_calls() {
                let reply = send_call(visitor, path, request).await.expect_error(403, "NO_ACCESS");
                assert!(!reply.text.contains("secret") && !reply.text.contains("Acme"));
            }
        }
        for name in ["Top secret", "Another"] {
            send_creation(visitor, &acme, name).await.expect_error(403, "NO_ACCESS");
        }
    }
    // Users with and without access get 404 for ids that cannot exist.
    let nobodys = ProjectId::generate(&*ctx.random, now, &UNKNOWN_CLIENT.parse().unwrap());
    for visitor in [&ada.visitor, &eve.visitor] {
        for id in [nobodys.as_str(), "proj_", "proj_123", "x", &path.to_uppercase()[13..]] {
            for request in project_calls() {
                let reply = send_call(visitor, &format!("/v1/projects/{id}"), request).await;
                reply.expect_error(404, "NOT_FOUND");
            }
        }
    }
    for request in project_calls() {
        let reply = send_call(&ada.visitor, &format!("/v1/projects/{unknown}"), request).await;
        reply.expect_error(404, "NOT_FOUND");
    }
    assert_eq!(app.items("CLIENT#", "PROJECT").await, before);
    assert!(app.items("PROJECT#", "").await.is_empty());
    assert_projects_consistent(&app).await;
}

#[tokio::test]
async fn an_organization_key_has_the_rights_of_a_member() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (number, key) = ada.key(&acme, "ci").await;
    let script = app.visitor().with_bearer(&key);
    let project = send_creation(&script, &acme, "Churn").await.expect(200);
    assert_eq!(keys(&project.json()).len(), 6);
    let path = format!("/v1/projects/{}", project.json()["id"].as_str().unwrap());
    assert_eq!(list_projects(&script, &acme).await, list_projects(&ada.visitor, &acme).await);
    for request in project_calls() {
        send_call(&script, &path, request).await.expect(200);
    }
    for action in ["project.created", "project.changed", "project.brief_changed", "project.deleted"]
    {
        let log = list_log_entries(&app, &acme, action).await;
        assert_eq!(log.len(), 1, "{action}");
        assert_eq!(
            (&log[0]["key"]["N"], log[0].get("user_id")),
            (&json!(number.to_string()), None)
        );
    }
    assert_projects_consistent(&app).await;
    ada.post(&format!("/v1/clients/{acme}/api-keys/{number}/revoke"), json!({})).await.expect(200);
    send_creation(&script, &acme, "Late").await.expect_error(401, "invalid token");
}
