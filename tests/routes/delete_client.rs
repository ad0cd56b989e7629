//! Tests of `DELETE /v1/clients/{client_id}`.

use serde_json::{Value, json};
use shared::activity::Log;
use shared::context::Context;
use shared::dynamo::{Attempt, AttemptError, Condition, Update};
use shared::error::Error;
use shared::ids::{OrganizationId, UserId};
use shared::keys;
use shared::organizations::{Member, Role};
use shared::tokens::{PlainToken, Token};
use shared::values::{Name, TokenHolder};
use tests::{Person, Reply, TestApp, Visitor, count_successes, is_dynamodb_local, race, race_size};

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Parses the id of an organization.
pub(crate) fn organization_id(client: &str) -> OrganizationId {
    client.parse().unwrap()
}

/// Deletes an organization with its name as confirmation.
pub(crate) async fn delete_organization(owner: &Person, client: &str, name: &str) -> Reply {
    owner.delete(&format!("/v1/clients/{client}"), json!({"confirm": name})).await
}

/// Sends the deletion of an organization.
async fn send_deletion(visitor: &Visitor, client: &str, name: &str) -> Reply {
    let body = json!({"confirm": name}).to_string().into_bytes();
    let body = Some(("application/json", body));
    visitor.send(reqwest::Method::DELETE, &format!("/v1/clients/{client}"), body).await
}

/// Lists the items that name an organization, except its log.
pub(crate) async fn list_remaining_items(app: &TestApp, client: &str) -> Vec<Value> {
    let mut all = app.dump().await;
    let activity = format!("ACTIVITY#CLIENT#{client}#");
    all.retain(|item| {
        item.to_string().contains(client)
            && !item["pk"]["S"].as_str().unwrap().starts_with(&activity)
    });
    all
}

/// Lists the ids of a visitor's organizations.
async fn list_organization_ids(visitor: &Visitor) -> Vec<String> {
    let list = visitor.get("/v1/clients").await.expect(200).json();
    let ids = list["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Inserts a key of an organization, as the operation does.
pub(crate) async fn insert_key(
    ctx: &Context,
    client: &OrganizationId,
    by: &UserId,
) -> Attempt<String> {
    let number = u32::from_le_bytes(ctx.random.bytes());
    let plain =
        PlainToken::generate(&*ctx.random, TokenHolder::Organization(client.clone()), number);
    let key = Token {
        holder: TokenHolder::Organization(client.clone()),
        number,
        name: Name::parse("ci").unwrap(),
        hash: plain.hash(),
        ending: plain.ending(),
        client_id: None,
        generation: 0,
        created_by: by.clone(),
        created_at: ctx.now(),
        rotated_at: None,
        last_used_at: Some(ctx.now()),
        expires_at: None,
        revoked_at: None,
    };
    let mut tx = ctx.table.transaction();
    tx.put_new(&key).unwrap();
    let alive = Condition::All(vec![Condition::Exists, Condition::Missing("deleted_at")]);
    let count = Update::new(keys::organization(client)).add("keys_made", 1).add("version", 1);
    tx.update(count.only_if(alive), Error::NotFound).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await?;
    Ok(plain.reveal().to_owned())
}

/// Inserts a member without an account. The operation requires the row of the organization but
/// ignores its deletion mark, as faulty code would.
pub(crate) async fn insert_member(ctx: &Context, client: &OrganizationId) -> Attempt<UserId> {
    let user_id = UserId::generate(&*ctx.random);
    let (client_id, joined_at) = (client.clone(), ctx.now());
    let member = Member { client_id, user_id: user_id.clone(), role: Role::Member, joined_at };
    let mut tx = ctx.table.transaction();
    tx.put_new(&member).unwrap();
    tx.put_new(&member.to_listing(joined_at)).unwrap();
    let count = Update::new(keys::organization(client)).add("members", 1).add("version", 1);
    tx.update(count.only_if(Condition::Exists), Error::NotFound).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await?;
    Ok(user_id)
}

#[tokio::test]
async fn deleting_an_organization_removes_all_members() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let client = ada.create_client("Acme Corp").await;
    let other = ada.create_client("Other").await;
    app.set_plan(&client, "pro").await;
    for (person, role) in [(&bob, Role::Admin), (&eve, Role::Member)] {
        app.add_member(&client, person, role).await;
        assert!(list_organization_ids(&person.visitor).await.contains(&client));
    }
    let reply = delete_organization(&ada, &client, "Acme Corp").await.expect(200);
    assert_eq!(reply.json(), json!({"deleted": true}));
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
    let (ada, bob, eve, mallory) = (
        app.sign_up("ada").await,
        app.sign_up("bob").await,
        app.sign_up("eve").await,
        app.sign_up("mallory").await,
    );
    let (client, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    app.set_plan(&client, "pro").await;
    app.add_member(&client, &bob, Role::Admin).await;
    app.add_member(&client, &eve, Role::Member).await;
    for person in [&bob, &eve, &mallory] {
        delete_organization(person, &client, "Acme").await.expect_error(403, "NO_ACCESS");
    }
    let ctx = app.stack().context();
    let key = insert_key(ctx, &organization_id(&client), &ada.id().await).await.unwrap();
    let bearer = |token: &str| app.visitor().with_bearer(token);
    send_deletion(&bearer(&key), &client, "Acme").await.expect_error(403, "NO_ACCESS");
    let elsewhere = app.token(&ada, |token| token.client_id = Some(organization_id(&other))).await;
    send_deletion(&bearer(&elsewhere), &client, "Acme").await.expect_error(403, "NO_ACCESS");
    send_deletion(&app.visitor(), &client, "Acme").await.expect_error(401, "missing bearer token");
    let unknown = OrganizationId::generate(&*ctx.random);
    delete_organization(&ada, unknown.as_str(), "Acme").await.expect_error(404, "NOT_FOUND");
    delete_organization(&ada, "client_x", "Acme").await.expect_error(404, "NOT_FOUND");
    ada.get(&format!("/v1/clients/{client}")).await.expect(200);
    // Any credential of the owner is accepted.
    let token = app.token(&ada, |_| {}).await;
    send_deletion(&bearer(&token), &client, "Acme").await.expect(200);
    let confined = app.token(&ada, |token| token.client_id = Some(organization_id(&other))).await;
    send_deletion(&bearer(&confined), &other, "Other").await.expect(200);
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
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (client, ctx) = (ada.create_client("Acme").await, app.stack().context());
    app.add_member(&client, &bob, Role::Admin).await;
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
    delete_organization(&ada, &client, "Acme").await.expect_error(404, "NOT_FOUND");
    let plan = format!("/local/clients/{client}/plan");
    app.visitor().post(&plan, json!({"plan": "pro"})).await.expect(404);
    // A stranger gets the same response as for an unknown organization.
    let eve = app.sign_up("eve").await;
    eve.get(&path).await.expect_error(404, "NOT_FOUND");
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
        // The worker retries later if it met too many conflicts.
        app.advance_clock(DAY).await;
        app.wait_for_worker().await;
        assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
        // A write after the deletion fails.
        assert!(matches!(
            insert_member(ctx, &organization_id(&client)).await,
            Err(AttemptError::Final(Error::NotFound))
        ));
        assert!(insert_key(ctx, &organization_id(&client), &owner).await.is_err());
    }
}
