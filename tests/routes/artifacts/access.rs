//! Who may use an artifact.

use serde_json::{Value, json};
use shared::organizations::Role;
use tests::json::as_text;
use tests::{TestApp, file};

/// The worker is stopped so that the deleted project is not swept yet.
#[tokio::test]
async fn files_of_a_deleted_project_are_hidden_before_the_sweep() {
    let engine = tests::FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let kept = ada.visitor.upload(&client, Some(&project), "a", b"x").await;
    app.wait_for_worker().await;
    // The deletion itself makes two calls, which succeed.
    engine.inject(tests::Fault::Broken, 2, 1_000);
    ada.delete(&format!("/v1/projects/{project}"), json!({})).await.expect(200);
    app.wait_for_worker().await;
    assert!(engine.clear_fault());
    assert_eq!(app.items("LATEST#", "").await.len(), 1);
    assert_eq!(
        ada.visitor.all(&format!("/v1/artifacts?org_id={client}&limit=9")).await,
        Vec::<Value>::new()
    );
    let id = as_text(&kept["id"]);
    ada.get(&format!("/v1/artifacts/{id}")).await.expect_error(404, "NOT_FOUND");
    ada.get(&format!("/v1/artifacts/{id}/versions")).await.expect_error(404, "NOT_FOUND");
    ada.visitor.delete_file(id).await.expect_error(404, "NOT_FOUND");
    let more = ada.post("/v1/artifacts", file(&client, Some(&project), "b", b"x")).await;
    more.expect_error(404, "NOT_FOUND");
    app.advance_clock(24 * 60 * 60).await;
    app.wait_for_worker().await;
    for partition in ["LATEST#", "PROJECT#", "CONTENT#", "WORK"] {
        assert_eq!(app.items(partition, "").await, Vec::<Value>::new(), "{partition}");
    }
}

#[tokio::test]
async fn files_of_another_organization_are_inaccessible() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (client, evil) = (ada.create_client("Acme Secret").await, eve.default_client().await);
    let project = ada.create_project(&client, "Secret churn").await;
    let evils = eve.create_project(&evil, "Mine").await;
    let kept = ada.visitor.upload(&client, Some(&project), "secret.csv", b"secret").await;
    let id = as_text(&kept["id"]).to_owned();
    let member = app.sign_up("bob").await;
    app.set_plan(&client, "pro").await;
    app.add_member(&client, &member, Role::Member).await;
    let (_, key) = eve.key(&evil, "ci").await;
    let strangers = [eve.visitor.clone(), app.visitor().with_bearer(&key)];
    for visitor in &strangers {
        let replies = [
            visitor.get(&format!("/v1/artifacts/{id}")).await,
            visitor.get(&format!("/v1/artifacts/{id}/versions")).await,
            visitor.delete_file(&id).await,
            visitor.post(&format!("/v1/artifacts/{id}/complete"), json!({})).await,
            visitor.get(&format!("/v1/artifacts?org_id={client}")).await,
            visitor.get(&format!("/v1/artifacts?org_id={client}&project_id={project}")).await,
            visitor.get(&format!("/v1/artifacts?org_id={evil}&project_id={project}")).await,
            visitor.get(&format!("/v1/artifacts?org_id={client}&project_id={evils}")).await,
            visitor.get(&format!("/v1/projects/{project}/reports")).await,
            visitor.post(&format!("/v1/projects/{project}/fork"), json!({})).await,
            visitor.post("/v1/artifacts", file(&client, None, "x", b"x")).await,
            visitor.post("/v1/artifacts", file(&client, Some(&project), "x", b"x")).await,
            visitor.post("/v1/artifacts", file(&evil, Some(&project), "x", b"x")).await,
            visitor.post("/v1/artifacts", file(&client, Some(&evils), "x", b"x")).await,
        ];
        for reply in replies {
            let reply = reply.expect_error(403, "NO_ACCESS");
            assert!(!reply.text.to_lowercase().contains("secret"), "{}", reply.text);
        }
    }
    // A member and a key have access.
    let (_, key) = ada.key(&client, "ci").await;
    for visitor in [member.visitor.clone(), app.visitor().with_bearer(&key)] {
        assert_eq!(visitor.download(&id).await.1, b"secret");
        visitor.upload(&client, Some(&project), "more.csv", b"more").await;
    }
    // The two projects belong to different organizations of one user.
    let other = ada.create_client("Other").await;
    let refused = ada.post("/v1/artifacts", file(&other, Some(&project), "x", b"x")).await;
    refused.expect_error(400, "INVALID_FIELD");
}
