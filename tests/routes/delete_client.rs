//! Tests of `DELETE /v1/clients/{client_id}`.

use serde_json::{Value, json};
use shared::dynamo::{Attempt, AttemptError, Update};
use shared::error::Error;
use shared::ids::OrganizationId;
use shared::keys;
use shared::organizations::Role;
use tests::organizations::{
    begin_sweep_now, delete_organization, insert_key, insert_member, list_remaining_items,
    organization_id,
};
use tests::time::DAY;
use tests::{Reply, Team, TestApp, Visitor, count_successes, is_dynamodb_local, race, race_size};

/// Sends the deletion of an organization.
async fn send_deletion(visitor: &Visitor, client: &str, name: &str) -> Reply {
    let body = json!({"confirm": name}).to_string().into_bytes();
    let body = Some(("application/json", body));
    visitor.send(reqwest::Method::DELETE, &format!("/v1/clients/{client}"), body).await
}

/// Lists the ids of a visitor's organizations.
async fn list_organization_ids(visitor: &Visitor) -> Vec<String> {
    let list = visitor.get("/v1/clients").await.expect(200).json();
    let ids = list["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[tokio::test]
async fn deleting_an_organization_removes_all_members() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let other = ada.create_client("Other").await;
    for person in [&bob, &eve] {
        assert!(list_organization_ids(&person.visitor).await.contains(&client));
    }
    let reply = delete_organization(&ada, &client, "Acme Corp").await.expect(200);
    let due_at = app.now().await + 7 * 24 * 60 * 60;
    assert_eq!(reply.json(), json!({"deleted": true, "deletion_scheduled_at": due_at}));
    assert_eq!(reply.calls_and_trips(), (2, 2));
    for person in [&ada, &bob, &eve] {
        assert!(!list_organization_ids(&person.visitor).await.contains(&client));
        let path = format!("/v1/clients/{client}");
        person.get(&path).await.expect_error(404, "NOT_FOUND");
        person.patch(&path, json!({"name": "New"})).await.expect_error(404, "NOT_FOUND");
        delete_organization(person, &client, "Acme Corp").await.expect_error(404, "NOT_FOUND");
        let export = person.get("/v1/me/export").await.expect(200);
        assert!(!export.json()["clients"].to_string().contains(&client));
    }
    assert!(list_organization_ids(&ada.visitor).await.contains(&other));
    begin_sweep_now(app.stack().context(), &client).await;
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    let mut deleted = log.iter().filter(|entry| entry["action"]["S"] == "client.deleted");
    let entry = deleted.next().unwrap();
    assert_eq!(entry["details"]["M"]["name"]["S"], "Acme Corp");
    assert_eq!(entry["target"]["S"], client);
    assert!(deleted.next().is_none());
    assert!(log.iter().any(|entry| entry["action"]["S"] == "client.created"), "the log stays");
}

#[tokio::test]
async fn deletion_requires_the_name_as_confirmation() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Zoë & Co").await;
    let path = format!("/v1/clients/{client}");
    for body in [json!({}), json!({"confirm": null}), json!({"confirm": " "})] {
        ada.delete(&path, body).await.expect_error(400, "MISSING_CONFIRM");
    }
    for wrong in ["Zoe & Co", "zoë & co", "Zoë", "DELETE", client.as_str(), "a\u{0}"] {
        let reply =
            delete_organization(&ada, &client, wrong).await.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("confirm"), "{}", reply.text);
    }
    ada.delete(&path, json!({"confirm": 7})).await.expect_error(400, "INVALID_FIELD");
    ada.visitor.send(reqwest::Method::DELETE, &path, None).await.expect(415);
    ada.get(&path).await.expect(200);
    // The name is confirmed in another Unicode normalization.
    delete_organization(&ada, &client, "Zoe\u{308} & Co").await.expect(200);
}

#[tokio::test]
async fn only_the_owner_deletes_an_organization() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    let other = ada.create_client("Other").await;
    for person in [&bob, &eve, &stranger] {
        delete_organization(person, &client, "Acme Corp").await.expect_error(403, "NO_ACCESS");
    }
    let ctx = app.stack().context();
    let key = insert_key(ctx, &organization_id(&client), &ada.id().await).await.unwrap();
    let bearer = |token: &str| app.visitor().with_bearer(token);
    send_deletion(&bearer(&key), &client, "Acme Corp").await.expect_error(403, "SESSION_REQUIRED");
    for client_id in [None, Some(organization_id(&other))] {
        let token = app.token(&ada, |token| token.client_id = client_id).await;
        send_deletion(&bearer(&token), &client, "Acme Corp")
            .await
            .expect_error(403, "SESSION_REQUIRED");
    }
    send_deletion(&app.visitor(), &client, "Acme Corp").await.expect_error(401, "missing session");
    let unknown = OrganizationId::generate(&*ctx.random);
    delete_organization(&ada, unknown.as_str(), "Acme Corp").await.expect_error(404, "NOT_FOUND");
    delete_organization(&ada, "client_x", "Acme Corp").await.expect_error(404, "NOT_FOUND");
    ada.get(&format!("/v1/clients/{client}")).await.expect(200);
    send_deletion(&ada.visitor, &client, "Acme Corp").await.expect(200);
    send_deletion(&ada.visitor, &other, "Other").await.expect(200);
}

#[tokio::test]
async fn the_default_organization_cannot_be_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let default = ada.default_client().await;
    delete_organization(&ada, &default, "ada").await.expect_error(409, "DEFAULT_CLIENT");
    ada.get(&format!("/v1/clients/{default}")).await.expect(200);
}

/// The organization is marked as deleted, and the worker has not swept anything yet.
#[tokio::test]
async fn deleted_client_is_inaccessible_before_the_sweep() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, stranger, client, .. } = Team::create(&app).await;
    let ctx = app.stack().context();
    let key = insert_key(ctx, &organization_id(&client), &ada.id().await).await.unwrap();
    let confined = app.token(&bob, |token| token.client_id = Some(organization_id(&client))).await;
    let (key, confined) = (app.visitor().with_bearer(&key), app.visitor().with_bearer(&confined));
    let path = format!("/v1/clients/{client}");
    for visitor in [&ada.visitor, &bob.visitor, &key, &confined] {
        visitor.get(&path).await.expect(200);
        assert!(list_organization_ids(visitor).await.contains(&client));
    }
    let mark = Update::new(keys::organization(&organization_id(&client)))
        .set("deleted_at", ctx.now())
        .unwrap();
    ctx.table.update::<Value>(mark.add("version", 1)).await.unwrap().unwrap();
    key.get(&path).await.expect_error(401, "invalid token");
    key.get("/v1/clients").await.expect_error(401, "invalid token");
    for visitor in [&ada.visitor, &bob.visitor, &confined] {
        visitor.get(&path).await.expect_error(404, "NOT_FOUND");
    }
    for visitor in [&ada.visitor, &bob.visitor] {
        assert!(!list_organization_ids(visitor).await.contains(&client));
    }
    confined.get("/v1/clients").await.expect_error(401, "invalid token");
    bob.patch(&path, json!({"name": "New"})).await.expect_error(404, "NOT_FOUND");
    delete_organization(&ada, &client, "Acme Corp").await.expect_error(404, "NOT_FOUND");
    let plan = format!("/local/clients/{client}/plan");
    app.visitor().post(&plan, json!({"plan": "pro"})).await.expect(404);
    // A stranger gets the same response as for an unknown organization.
    stranger.get(&path).await.expect_error(404, "NOT_FOUND");
}

/// The deletion is sent over HTTP, and the sweep runs afterwards.
#[tokio::test]
async fn deleted_client_keys_and_tokens_fail_on_the_next_request() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (client, ctx) = (ada.create_client("Acme").await, app.stack().context());
    app.add_member(&client, &bob, Role::Member).await;
    let mut keys = Vec::new();
    for _ in 0..3 {
        let key = insert_key(ctx, &organization_id(&client), &ada.id().await).await.unwrap();
        keys.push(app.visitor().with_bearer(&key));
    }
    let confined = app.token(&bob, |token| token.client_id = Some(organization_id(&client))).await;
    let confined = app.visitor().with_bearer(&confined);
    let own = app.visitor().with_bearer(&app.token(&bob, |_| {}).await);
    let path = format!("/v1/clients/{client}");
    for visitor in keys.iter().chain([&confined, &own]) {
        visitor.get(&path).await.expect(200);
    }
    delete_organization(&ada, &client, "Acme").await.expect(200);
    // The checks run before and after the sweep.
    for _ in 0..2 {
        for key in &keys {
            key.get(&path).await.expect_error(401, "invalid token");
        }
        confined.get(&path).await.expect_error(404, "NOT_FOUND");
        confined.get("/v1/clients").await.expect_error(401, "invalid token");
        own.get(&path).await.expect_error(404, "NOT_FOUND");
        own.get("/v1/me").await.expect(200);
        app.wait_for_worker().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_deletions_take_effect_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let mut replies = race(race_size(), |_| {
        let (ada, client) = (ada.clone(), client.clone());
        async move { delete_organization(&ada, &client, "Acme").await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    // A request that was answered with 503 is sent again.
    replies.push(delete_organization(&ada, &client, "Acme").await);
    assert!(count_successes(&replies).contains(&1));
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 404 | 503)));
    app.wait_for_worker().await;
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    assert_eq!(log.iter().filter(|entry| entry["action"]["S"] == "client.deleted").count(), 1);
    begin_sweep_now(app.stack().context(), &client).await;
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
}

/// A write under an organization during its deletion fails, or its row is swept.
#[tokio::test(flavor = "multi_thread")]
async fn rows_written_during_a_deletion_are_swept() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let owner = ada.id().await;
    let ctx = app.stack().context();
    for _ in 0..3 {
        let client = ada.create_client("Acme").await;
        let statuses = race(race_size(), |number| {
            let (ada, client, ctx, owner) =
                (ada.clone(), client.clone(), ctx.clone(), owner.clone());
            async move {
                let written = |done: Attempt<()>| match done {
                    Ok(()) => 0,
                    Err(AttemptError::Conflict | AttemptError::Final(Error::NotFound)) => 1,
                    // A response of 503 leaves open whether the row was written.
                    Err(AttemptError::Final(Error::Unavailable(_))) if is_dynamodb_local() => 1,
                    Err(error) => panic!("{error:?}"),
                };
                match number % 5 {
                    0 => delete_organization(&ada, &client, "Acme").await.status,
                    1 => {
                        let name = json!({"name": "Acme"});
                        ada.patch(&format!("/v1/clients/{client}"), name).await.status
                    }
                    2 => written(
                        insert_key(&ctx, &organization_id(&client), &owner).await.map(|_| ()),
                    ),
                    _ => written(insert_member(&ctx, &organization_id(&client)).await.map(|_| ())),
                }
            }
        })
        .await;
        let deleted = (0..race_size()).step_by(5).filter(|number| statuses[*number] == 200).count();
        let lost = is_dynamodb_local() && statuses.iter().step_by(5).any(|status| *status == 503);
        assert!(deleted == 1 || deleted == 0 && lost, "{statuses:?}");
        // If all deletions were answered with 503, another one succeeds now.
        let again = delete_organization(&ada, &client, "Acme").await.status;
        assert!(again == 404 || deleted == 0 && again == 200, "{again}");
        app.wait_for_worker().await;
        begin_sweep_now(ctx, &client).await;
        app.wait_for_worker().await;
        // The worker retries later if it met too many conflicts.
        app.advance_clock(DAY).await;
        app.wait_for_worker().await;
        assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
        ada.reauthenticate().await;
        // A write after the deletion fails.
        assert!(matches!(
            insert_member(ctx, &organization_id(&client)).await,
            Err(AttemptError::Final(Error::NotFound))
        ));
        assert!(insert_key(ctx, &organization_id(&client), &owner).await.is_err());
    }
}
