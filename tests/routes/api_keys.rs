//! Tests of `/v1/api-keys` and `/v1/clients/{client_id}/api-keys`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::dynamo::{Condition, Record, Update};
use shared::ids::{OrganizationId, UserId};
use shared::keys as rows;
use shared::organizations::{Member, Organization, Role};
use shared::tokens::{PlainToken, Token};
use shared::values::{Name, TokenHolder};
use tests::{
    FaultProxy, Person, Reply, TestApp, assert_done_once, count_successes, keys, race, race_size,
};

use crate::checks::round_trips::costs;

/// An hour in seconds.
const HOUR: u64 = 60 * 60;

/// Creates a key with a request.
async fn create_key(person: &Person, client: &str, name: &str) -> Reply {
    person.post(&format!("/v1/clients/{client}/api-keys"), json!({"name": name})).await
}

/// Sends a change of a key; `what` is the last segment of the path.
async fn change_key(person: &Person, client: &str, id: u64, what: &str) -> Reply {
    let path = format!("/v1/clients/{client}/api-keys/{id}/{what}");
    person.visitor.send(reqwest::Method::POST, &path, None).await
}

/// Lists the keys of an organization.
async fn list_keys(person: &Person, client: &str) -> Vec<Value> {
    let path = format!("/v1/clients/{client}/api-keys?limit=200");
    person.get(&path).await.expect(200).json()["data"].as_array().unwrap().clone()
}

/// Returns the status that a request with a key gets.
async fn check_key(app: &TestApp, key: &str) -> u16 {
    let reply = app.visitor().with_bearer(key).get("/v1/token").await;
    if reply.status != 200 {
        reply.clone().expect_error(401, "invalid token");
    }
    reply.status
}

/// Lists the key events with an action in the log of an organization.
async fn list_log_entries(app: &TestApp, client: &str, action: &str) -> Vec<Value> {
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}"), "").await;
    log.into_iter().filter(|entry| entry["action"]["S"] == action).collect()
}

/// Marks an organization as deleted by changing its row.
pub(crate) async fn mark_organization_deleted(app: &TestApp, client: &str) {
    let ctx = app.stack().context();
    let key = rows::organization(&client.parse().unwrap());
    let end = Update::new(key).set("deleted_at", ctx.now()).unwrap().add("version", 1);
    ctx.table.update::<Organization>(end).await.unwrap().unwrap();
}

/// Inserts a record.
async fn insert_record<R: Record>(app: &TestApp, record: &R) {
    let table = &app.stack().context().table;
    assert!(table.put(record, Condition::Absent).await.unwrap());
}

#[tokio::test]
async fn keys_are_created_and_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let reply = create_key(&ada, &acme, " production ").await.expect(200);
    assert_eq!(reply.keys(), ["client_id", "created_at", "id", "key", "masked", "name"]);
    let made = reply.json();
    let key = made["key"].as_str().unwrap();
    let now = app.now().await;
    let masked = format!("aius_…{}", &key[key.len() - 4..]);
    let expected = json!({
        "id": 1, "client_id": acme, "name": "production", "key": key, "masked": masked,
        "created_at": now,
    });
    assert_eq!(made, expected);
    let all = list_keys(&ada, &acme).await;
    let expected = json!({
        "id": 1, "client_id": acme, "name": "production", "masked": masked,
        "created_by": ada.id().await.as_str(), "created_at": now, "rotated_at": null,
        "last_used_at": null, "revoked_at": null,
    });
    assert_eq!((all.len(), &all[0]), (1, &expected));
    let mut of_all = expected;
    of_all["client_name"] = json!("Acme");
    let everywhere = ada.get("/v1/api-keys").await.expect(200).json();
    assert_eq!(everywhere, json!({"data": [of_all], "next_cursor": null}));
    // Each organization numbers its own keys.
    let other = ada.create_client("Other").await;
    assert_eq!(create_key(&ada, &other, "x").await.expect(200).json()["id"], 1);
    assert_eq!(create_key(&ada, &acme, "x").await.expect(200).json()["id"], 2);
    let entries = list_log_entries(&app, &acme, "key.created").await;
    assert_eq!(entries.len(), 2);
    let first = entries.iter().find(|entry| entry["target"]["S"] == "1").unwrap();
    assert_eq!(first["details"]["M"]["name"]["S"], "production");
    assert_eq!(first["user_id"]["S"], ada.id().await.as_str());

    let path = format!("/v1/clients/{acme}/api-keys");
    ada.post(&path, json!({})).await.expect_error(400, "MISSING_NAME");
    ada.post(&path, json!({"name": " "})).await.expect_error(400, "MISSING_NAME");
    for bad in [json!(7), json!("x".repeat(101)), json!("a\nb")] {
        ada.post(&path, json!({"name": bad})).await.expect_error(400, "INVALID_FIELD");
    }
    assert_eq!(list_keys(&ada, &acme).await.len(), 2);
}

#[tokio::test]
async fn a_key_has_the_rights_of_a_member_in_its_organization() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (acme, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    let (_, key) = ada.key(&acme, "production").await;
    let script = app.visitor().with_bearer(&key);
    let seen = script.get(&format!("/v1/clients/{acme}")).await.expect(200).json();
    assert_eq!(seen["role"], "member");
    script.get(&format!("/v1/clients/{other}")).await.expect_error(403, "NO_ACCESS");
    script.get("/v1/me").await.expect_error(403, "NO_ACCESS");
    let keys_of = format!("/v1/clients/{acme}/api-keys");
    for path in ["/v1/api-keys", "/v1/tokens", &keys_of] {
        script.get(path).await.expect_error(403, "SESSION_REQUIRED");
    }
    script.post(&keys_of, json!({"name": "x"})).await.expect_error(403, "SESSION_REQUIRED");
}

#[tokio::test]
async fn only_owners_and_admins_manage_keys() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    let (admin, member) = (app.sign_up("admin").await, app.sign_up("member").await);
    let stranger = app.sign_up("stranger").await;
    app.add_member(&acme, &admin, Role::Admin).await;
    app.add_member(&acme, &member, Role::Member).await;
    let unknown = "client_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let all = async |who: &Person, client: &str| {
        vec![
            who.get(&format!("/v1/clients/{client}/api-keys")).await,
            create_key(who, client, "x").await,
            change_key(who, client, id, "rotate").await,
            change_key(who, client, id, "revoke").await,
        ]
    };
    for who in [&member, &stranger] {
        for reply in all(who, &acme).await {
            reply.expect_error(403, "NO_ACCESS");
        }
        let everywhere = who.get("/v1/api-keys").await.expect(200).json();
        assert_eq!(everywhere["data"], json!([]));
    }
    for client in [unknown, "x"] {
        for reply in all(&ada, client).await {
            reply.expect_error(404, "NOT_FOUND");
        }
    }
    assert_eq!(check_key(&app, &key).await, 200);
    assert_eq!(admin.get("/v1/api-keys").await.expect(200).json()["data"][0]["id"], id);
    for reply in all(&admin, &acme).await {
        reply.expect(200);
    }
    assert_eq!(check_key(&app, &key).await, 401);
}

#[tokio::test]
async fn stale_key_rotated_key_is_refused_on_the_next_request() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let made = create_key(&ada, &acme, "production").await.expect(200).json();
    let first = made["key"].as_str().unwrap();
    assert_eq!(check_key(&app, first).await, 200);
    let used = app.now().await;
    app.advance_clock(100).await;
    let reply = change_key(&ada, &acme, 1, "rotate").await.expect(200);
    assert_eq!(reply.keys(), keys(&made));
    let rotated = reply.json();
    for same in ["id", "client_id", "name", "created_at"] {
        assert_eq!(rotated[same], made[same]);
    }
    let second = rotated["key"].as_str().unwrap();
    assert_eq!((check_key(&app, first).await, check_key(&app, second).await), (401, 200));
    let stored = &list_keys(&ada, &acme).await[0];
    assert_eq!(stored["masked"], rotated["masked"]);
    assert_eq!(
        (&stored["rotated_at"], &stored["last_used_at"]),
        (&json!(used + 100), &json!(used))
    );
    let entries = list_log_entries(&app, &acme, "key.rotated").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["details"]["M"]["name"]["S"], "production");
    change_key(&ada, &acme, 2, "rotate").await.expect_error(404, "NOT_FOUND");
    let other = ada.create_client("Other").await;
    change_key(&ada, &other, 1, "rotate").await.expect_error(404, "NOT_FOUND");
    for bad in ["x", "-1", "4294967296", "1.0"] {
        let path = format!("/v1/clients/{acme}/api-keys/{bad}/rotate");
        ada.post(&path, json!({})).await.expect_error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn stale_key_revoked_key_is_refused_on_the_next_request() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    assert_eq!(check_key(&app, &key).await, 200);
    let revoked = change_key(&ada, &acme, id, "revoke").await.expect(200).json();
    assert_eq!(revoked, json!({"id": 1, "revoked_at": app.now().await}));
    assert_eq!(check_key(&app, &key).await, 401);
    app.advance_clock(60).await;
    assert_eq!(change_key(&ada, &acme, id, "revoke").await.expect(200).json(), revoked);
    change_key(&ada, &acme, id, "rotate").await.expect_error(404, "NOT_FOUND");
    change_key(&ada, &acme, 2, "revoke").await.expect_error(404, "NOT_FOUND");
    assert_eq!(check_key(&app, &key).await, 401);
    assert_eq!(list_log_entries(&app, &acme, "key.revoked").await.len(), 1);
    assert!(list_log_entries(&app, &acme, "key.rotated").await.is_empty());
    assert_eq!(list_keys(&ada, &acme).await[0]["revoked_at"], revoked["revoked_at"]);
}

#[tokio::test]
async fn stale_key_a_concurrently_revoked_key_is_not_rotated() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    let revoking = async { drop(change_key(&ada, &acme, id, "revoke").await.expect(200)) };
    let rotated = engine.delay_transaction(change_key(&ada, &acme, id, "rotate"), revoking).await;
    rotated.expect_error(404, "NOT_FOUND");
    assert_eq!(check_key(&app, &key).await, 401);
    assert_eq!(list_keys(&ada, &acme).await[0]["rotated_at"], json!(null));
    assert!(list_log_entries(&app, &acme, "key.rotated").await.is_empty());
}

#[tokio::test]
async fn stale_key_concurrent_rotations_leave_one_valid_value() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, first) = ada.key(&acme, "production").await;
    let answers = race(race_size(), |_| {
        let (ada, acme) = (ada.clone(), acme.clone());
        async move { change_key(&ada, &acme, id, "rotate").await }
    })
    .await;
    assert!(answers.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&answers).await;
    let rotated: Vec<_> = answers.iter().filter(|reply| reply.status == 200).collect();
    let stored: Token = {
        let holder = TokenHolder::Organization(acme.parse().unwrap());
        let table = &app.stack().context().table;
        table.get(&rows::token(&holder, 1)).await.unwrap().unwrap()
    };
    let rotations = list_log_entries(&app, &acme, "key.rotated").await.len();
    assert!(count_successes(&answers).contains(&rotations));
    assert_eq!(check_key(&app, &first).await == 200, rotations == 0);
    let mut good = 0;
    for reply in &rotated {
        let value = reply.json()["key"].as_str().unwrap().to_owned();
        let is_stored = PlainToken::parse(&value).unwrap().hash() == stored.hash;
        assert_eq!(check_key(&app, &value).await == 200, is_stored);
        good += usize::from(is_stored);
    }
    // The response with the last value may have been lost.
    assert!(good == 1 || rotations > rotated.len() || rotations == 0);
}

#[tokio::test]
async fn concurrent_creations_number_keys_without_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let answers = race(race_size(), |number| {
        let (ada, acme) = (ada.clone(), acme.clone());
        async move { create_key(&ada, &acme, &format!("k{number}")).await }
    })
    .await;
    assert!(answers.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&answers).await;
    let stored = list_keys(&ada, &acme).await;
    let numbers: Vec<_> = stored.iter().map(|key| key["id"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=u64::try_from(stored.len()).unwrap()).collect::<Vec<_>>());
    assert!(count_successes(&answers).contains(&stored.len()));
    let made: Vec<_> =
        answers.iter().filter(|reply| reply.status == 200).map(Reply::json).collect();
    let distinct: BTreeSet<_> = made.iter().map(|made| made["id"].as_u64().unwrap()).collect();
    assert_eq!(distinct.len(), made.len());
    assert!(distinct.is_subset(&numbers.into_iter().collect()));
    for made in &made {
        assert_eq!(check_key(&app, made["key"].as_str().unwrap()).await, 200);
    }
    let everywhere = ada.get("/v1/api-keys?limit=200").await.expect(200).json();
    assert_eq!(everywhere["data"].as_array().unwrap().len(), stored.len());
}

#[tokio::test]
async fn a_repeated_request_returns_the_same_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = format!("/v1/clients/{acme}/api-keys");
    let keyed = |key: &str| ada.visitor.clone().with_header("idempotency-key", key);
    let send = async |key: &str, path: &str, body: Value| keyed(key).post(path, body).await;
    let first = send("make", &path, json!({"name": "ci"})).await.expect(200);
    let again = send("make", &path, json!({"name": "ci"})).await.expect(200);
    assert_eq!(
        (first.text, Some("true")),
        (again.text.clone(), again.header("idempotent-replayed"))
    );
    let other = send("make", &path, json!({"name": "other"})).await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let rotate = format!("{path}/1/rotate");
    let first = send("rotate", &rotate, json!({})).await.expect(200);
    let again = send("rotate", &rotate, json!({})).await.expect(200);
    assert_eq!((&first.text, Some("true")), (&again.text, again.header("idempotent-replayed")));
    assert_eq!(check_key(&app, again.json()["key"].as_str().unwrap()).await, 200);
    assert_eq!(list_log_entries(&app, &acme, "key.rotated").await.len(), 1);
    // The same idempotency key with the rotation of another key is another request.
    ada.key(&acme, "second").await;
    let second = send("rotate", &format!("{path}/2/rotate"), json!({})).await;
    second.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let too_long = send(&"k".repeat(256), &rotate, json!({})).await;
    too_long.expect_error(400, "INVALID_FIELD");
    let ended = ada.sign_in(&app).await;
    ended.post("/v1/logout", json!({})).await.expect(200);
    let ended = ended.visitor.with_header("idempotency-key", &"k".repeat(256));
    ended.post(&rotate, json!({})).await.expect_error(401, "invalid session");

    // A person who may no longer manage keys does not get the value again.
    let eve = app.sign_up("eve").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let keyed = eve.visitor.clone().with_header("idempotency-key", "hers");
    keyed.post(&path, json!({"name": "hers"})).await.expect(200);
    let table = &app.stack().context().table;
    table.delete(&rows::member(&acme.parse().unwrap(), &eve.id().await)).await.unwrap();
    keyed.post(&path, json!({"name": "hers"})).await.expect_error(403, "NO_ACCESS");
}

#[tokio::test]
async fn key_of_a_person_outlives_membership_but_tokens_do_not() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let (_, key) = eve.key(&acme, "made by eve").await;
    let key = app.visitor().with_bearer(&key);
    let confined = json!({"token_name": "ci", "client_id": acme});
    let confined = eve.post("/v1/tokens", confined).await.expect(200).json();
    let confined = app.visitor().with_bearer(confined["token"].as_str().unwrap());
    let anywhere = app.visitor().with_bearer(&eve.token("anywhere").await);
    let path = format!("/v1/clients/{acme}");
    for script in [&key, &confined, &anywhere] {
        script.get(&path).await.expect(200);
    }
    let (client, user) = (acme.parse().unwrap(), eve.id().await);
    let table = &app.stack().context().table;
    table.delete(&rows::member(&client, &user)).await.unwrap();
    key.get(&path).await.expect(200);
    key.get("/v1/token").await.expect(200);
    for script in [&confined, &anywhere] {
        script.get(&path).await.expect_error(403, "NO_ACCESS");
    }
    anywhere.get("/v1/me").await.expect(200);
    assert_eq!(list_keys(&ada, &acme).await[0]["created_by"], user.as_str());
}

#[tokio::test]
async fn a_concurrently_removed_admin_changes_no_key() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let (client_id, user_id) = (acme.parse().unwrap(), eve.id().await);
    let role_of = async |role: Role| {
        let role = Update::new(rows::member(&client_id, &user_id)).set("role", role).unwrap();
        app.stack().context().table.update::<Member>(role).await.unwrap().unwrap();
    };
    let before = list_keys(&ada, &acme).await;
    for number in 0..3 {
        role_of(Role::Admin).await;
        let changing = async {
            match number {
                0 => create_key(&eve, &acme, "late").await,
                1 => change_key(&eve, &acme, id, "rotate").await,
                _ => change_key(&eve, &acme, id, "revoke").await,
            }
        };
        let changed = engine.delay_transaction(changing, role_of(Role::Member)).await;
        changed.expect_error(403, "NO_ACCESS");
    }
    assert_eq!(list_keys(&ada, &acme).await, before);
    assert_eq!(check_key(&app, &key).await, 200);
}

/// A key in a deleted organization would never be swept.
#[tokio::test]
async fn deleted_client_concurrent_key_creation_fails() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let made = engine
        .delay_transaction(create_key(&ada, &acme, "late"), mark_organization_deleted(&app, &acme))
        .await;
    made.expect_error(404, "NOT_FOUND");
    assert!(app.items(&format!("CLIENT#{acme}"), "KEY#").await.is_empty());
}

#[tokio::test]
async fn deleted_client_keys_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    assert_eq!(check_key(&app, &key).await, 200);
    mark_organization_deleted(&app, &acme).await;
    assert_eq!(check_key(&app, &key).await, 401);
    create_key(&ada, &acme, "x").await.expect_error(404, "NOT_FOUND");
    change_key(&ada, &acme, id, "rotate").await.expect_error(404, "NOT_FOUND");
    assert_eq!(ada.get("/v1/api-keys").await.expect(200).json()["data"], json!([]));
}

#[tokio::test]
async fn verify_writes_key_use_is_stored_hourly_and_logged_daily() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    let script = app.visitor().with_bearer(&key);
    // The test starts in the first hour of a day so that it can count the hours of a day.
    let now = u64::try_from(app.now().await).unwrap();
    app.advance_clock(24 * HOUR - now % (24 * HOUR)).await;
    let ada = ada.sign_in(&app).await;
    let last_used = async || list_keys(&ada, &acme).await[0]["last_used_at"].clone();
    let mut uses = 0;
    for hour in 0..26 {
        let first = script.get("/v1/token").await.expect(200);
        costs(&first, 2, 2);
        uses += if hour % 24 == 0 { 1 } else { 0 };
        let noted = app.now().await;
        app.advance_clock(HOUR - 1).await;
        let second = script.get("/v1/token").await.expect(200);
        costs(&second, 1, 1);
        assert_eq!(second.cost().wcu, 0.0);
        assert_eq!(last_used().await, noted);
        assert_eq!(list_log_entries(&app, &acme, "key.used").await.len(), uses, "hour {hour}");
        app.advance_clock(1).await;
    }
    assert_eq!(uses, 2);
    let entry = &list_log_entries(&app, &acme, "key.used").await[0];
    assert_eq!(entry["target"]["S"], id.to_string());
    assert_eq!(entry["key"]["N"], id.to_string());
    assert!(entry.get("user_id").is_none());

    // Fifty requests make the first use of a day concurrently.
    app.advance_clock(24 * HOUR).await;
    let answers = race(race_size(), |_| {
        let script = script.clone();
        async move { script.get("/v1/token").await }
    })
    .await;
    assert!(answers.iter().all(|reply| reply.status == 200 || reply.has_timed_out()));
    app.wait_until_idle(&answers).await;
    assert_done_once(&answers, list_log_entries(&app, &acme, "key.used").await.len() - uses);
}

/// Inserts an organization of a user with `count` keys and returns the ids in list order.
async fn insert_organization_with_keys(
    app: &TestApp,
    user: &UserId,
    role: Role,
    count: u32,
) -> Vec<String> {
    let ctx = app.stack().context();
    let id = OrganizationId::generate(&*ctx.random);
    let name = Name::parse("One of many").unwrap();
    let now = ctx.now();
    insert_record(
        app,
        &Organization { keys_made: count, ..Organization::new(id.clone(), name, user, now) },
    )
    .await;
    let member = Member { client_id: id.clone(), user_id: user.clone(), role, joined_at: now };
    insert_record(app, &member.to_listing(now)).await;
    insert_record(app, &member).await;
    for number in 1..=count {
        insert_record(app, &build_key(app, &id, number)).await;
    }
    (1..=count).map(|number| format!("{id} {number:0>4}")).collect()
}

/// Builds the row of a key.
fn build_key(app: &TestApp, client: &OrganizationId, number: u32) -> Token {
    let ctx = app.stack().context();
    let holder = TokenHolder::Organization(client.clone());
    let value = PlainToken::generate(&*ctx.random, holder.clone(), number);
    Token {
        holder,
        number,
        name: Name::parse("a key").unwrap(),
        hash: value.hash(),
        ending: value.ending(),
        client_id: None,
        generation: 0,
        created_by: UserId::generate(&*ctx.random),
        created_at: Timestamp::from_seconds(1_700_000_000),
        rotated_at: None,
        last_used_at: None,
        expires_at: None,
        revoked_at: number.is_multiple_of(3).then(|| ctx.now()),
    }
}

#[tokio::test]
async fn keys_of_two_hundred_organizations_are_paged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let eve = app.sign_up("eve").await;
    let user = ada.id().await;
    let mut expected = Vec::new();
    for number in 0..200 {
        let count = [0, 0, 1, 0, 3, 0, 2, 0][number % 8] + if number == 77 { 40 } else { 0 };
        let role = [Role::Owner, Role::Admin, Role::Member][number % 3];
        let keys = insert_organization_with_keys(&app, &user, role, count).await;
        if role != Role::Member {
            expected.extend(keys);
        }
    }
    expected.sort();
    for limit in [1_usize, 7, 50, 199, 200] {
        let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let reply = ada.get(&format!("/v1/api-keys?limit={limit}{cursor}")).await.expect(200);
            // The trips read the session and the memberships, up to 135 organizations, and up to
            // 200 keys with as many memberships.
            assert!([2, 3].contains(&reply.cost().trips), "{:?}", reply.cost());
            let page = reply.json();
            let data = page["data"].as_array().unwrap();
            assert!(data.len() <= limit);
            all.extend(data.iter().map(|key| {
                let (client, id) =
                    (key["client_id"].as_str().unwrap(), key["id"].as_u64().unwrap());
                assert_eq!(key["revoked_at"].is_null(), id % 3 != 0);
                assert_eq!(key["client_name"], "One of many");
                format!("{client} {id:0>4}")
            }));
            pages += 1;
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            if pages == 1 {
                eve.get(&format!("/v1/api-keys?{cursor}"))
                    .await
                    .expect_error(400, "INVALID_CURSOR");
                let elsewhere = ada.get(&format!("/v1/clients?{cursor}")).await;
                elsewhere.expect_error(400, "INVALID_CURSOR");
            }
        }
        assert_eq!(all, expected, "limit {limit}");
        assert_eq!(pages, expected.len().div_ceil(limit), "limit {limit}");
    }
    for bad in ["", "x", "seed.x"] {
        let reply = ada.get(&format!("/v1/api-keys?cursor={bad}")).await;
        reply.expect_error(400, "INVALID_CURSOR");
    }
    // The membership decides about access, even if the list row says otherwise.
    let clients: BTreeSet<_> =
        expected.iter().map(|key| key.split_once(' ').unwrap().0.to_owned()).collect();
    let left_organization = clients.first().unwrap();
    let table = &app.stack().context().table;
    table.delete(&rows::member(&left_organization.parse().unwrap(), &user)).await.unwrap();
    let remaining: Vec<_> =
        expected.iter().filter(|key| !key.starts_with(left_organization)).collect();
    let page = ada.get("/v1/api-keys?limit=200").await.expect(200).json();
    let first = &page["data"][0];
    assert_eq!(first["client_id"], remaining[0].split_once(' ').unwrap().0);
}

#[tokio::test]
async fn key_calls_stay_within_their_round_trip_budget() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    costs(&create_key(&ada, &acme, "ci").await.expect(200), 2, 2);
    costs(&change_key(&ada, &acme, 1, "rotate").await.expect(200), 2, 2);
    costs(&ada.get(&format!("/v1/clients/{acme}/api-keys")).await.expect(200), 2, 1);
    costs(&ada.get("/v1/api-keys").await.expect(200), 4, 3);
    costs(&change_key(&ada, &acme, 1, "revoke").await.expect(200), 2, 2);
    costs(&change_key(&ada, &acme, 1, "revoke").await.expect(200), 1, 1);
}
