//! Tests of `/v1/tokens`, `/v1/tokens/revoke` and `/v1/token`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::keys as rows;
use shared::organizations::Role;
use shared::tokens::{PlainToken, Token};
use tests::{
    FaultProxy, PASSWORD, Person, Reply, TestApp, Visitor, count_successes, keys, race, race_size,
};

use crate::checks::round_trips::costs;

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;
/// An hour in seconds.
const HOUR: u64 = 60 * 60;

/// Sends the creation of a token.
async fn create_token(person: &Person, body: Value) -> Reply {
    person.post("/v1/tokens", body).await
}

/// Revokes a token.
async fn revoke_token(person: &Person, id: &Value) -> Reply {
    person.post("/v1/tokens/revoke", json!({"id": id})).await
}

/// Lists the tokens of a person.
async fn list_tokens(person: &Person) -> Vec<Value> {
    let list = person.get("/v1/tokens?limit=200").await.expect(200).json();
    list["data"].as_array().unwrap().clone()
}

/// Creates a visitor that uses a new token.
fn bearer_visitor(app: &TestApp, made: &Value) -> Visitor {
    app.visitor().with_bearer(made["token"].as_str().unwrap())
}

/// Lists the token events with an action in the logs.
async fn list_log_entries(app: &TestApp, action: &str) -> Vec<Value> {
    let log = app.items("ACTIVITY#USER#", "").await;
    log.into_iter().filter(|entry| entry["action"]["S"] == action).collect()
}

#[tokio::test]
async fn a_token_is_created_and_acts_as_its_user() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let reply = create_token(&ada, json!({"token_name": " my-cli "})).await.expect(200);
    assert_eq!(reply.keys(), ["client_id", "created_at", "id", "token", "token_name"]);
    let made = reply.json();
    let token = made["token"].as_str().unwrap();
    let expected = json!({
        "id": 1, "client_id": "ada@example.com", "token_name": "my-cli", "token": token,
        "created_at": app.now().await,
    });
    assert_eq!(made, expected);
    assert!(token.starts_with("aius_"));
    let me = bearer_visitor(&app, &made).get("/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], "ada@example.com");
    // Each user numbers their own tokens.
    let eve = app.sign_up("eve").await;
    for (who, id) in [(&eve, 1), (&ada, 2), (&eve, 2), (&ada, 3)] {
        // The response names the account's address.
        let account = if id == 2 { json!(null) } else { json!(who.email) };
        let made =
            create_token(who, json!({"token_name": "x", "client_id": account})).await.expect(200);
        assert_eq!(made.json()["id"], id);
    }
    let entries = list_log_entries(&app, "token.created").await;
    assert_eq!(entries.len(), 5);
    let first = entries.iter().find(|e| e["details"]["M"]["name"]["S"] == "my-cli").unwrap();
    assert_eq!(first["target"]["S"], "1");
    assert!(!serde_json::to_string(&entries).unwrap().contains(token));
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let nameless = [json!({}), json!({"token_name": null}), json!({"token_name": " \t"})];
    for body in nameless {
        let reply = create_token(&ada, body).await.expect(400);
        assert_eq!(reply.json(), json!({"detail": "token_name is required"}));
    }
    let with = |field: &str, value: Value| {
        let mut body = json!({"token_name": "x"});
        body[field] = value;
        body
    };
    let mut bad = vec![
        ("token_name", json!(7)),
        ("token_name", json!("x".repeat(101))),
        ("token_name", json!("a\nb")),
        ("client_id", json!(7)),
    ];
    let days = [json!(0), json!(-1), json!(3651), json!(1.5), json!("7"), json!(1e30)];
    bad.extend(days.map(|days| ("expires_in_days", days)));
    for (field, value) in bad {
        let reply = create_token(&ada, with(field, value)).await.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains(field), "{}", reply.text);
    }
    for id in ["", "x", "eve@example.com", "client_aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        create_token(&ada, with("client_id", json!(id))).await.expect_error(404, "NOT_FOUND");
    }
    ada.visitor
        .post_raw("/v1/tokens", "application/json", "[")
        .await
        .expect_error(400, "INVALID_JSON");
    assert!(list_tokens(&ada).await.is_empty());
    for days in [json!(1), json!(3650)] {
        create_token(&ada, with("expires_in_days", days)).await.expect(200);
    }
    // An invalid credential is reported before an invalid body.
    let ended = ada.sign_in(&app).await;
    ended.post("/v1/logout", json!({})).await.expect(200);
    create_token(&ended, json!({})).await.expect_error(401, "invalid session");
    let with_token = app.visitor().with_bearer(&ada.token("x").await);
    with_token.post("/v1/tokens", json!({})).await.expect_error(403, "SESSION_REQUIRED");
}

#[tokio::test]
async fn a_restricted_token_works_only_in_its_organization() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    let other = ada.create_client("Other").await;
    let body = json!({"token_name": "ci", "client_id": acme});
    create_token(&eve, body.clone()).await.expect_error(403, "NO_ACCESS");
    let made = create_token(&ada, body.clone()).await.expect(200).json();
    assert_eq!(made["client_id"], acme.as_str());
    assert_eq!(list_tokens(&ada).await[0]["client_id"], acme.as_str());
    let script = bearer_visitor(&app, &made);
    script.get(&format!("/v1/clients/{acme}")).await.expect(200);
    script.get(&format!("/v1/clients/{other}")).await.expect_error(403, "NO_ACCESS");
    for path in ["/v1/me", "/v1/me/activity"] {
        script.get(path).await.expect_error(403, "NO_ACCESS");
    }
    script.post("/v1/clients", json!({"name": "x"})).await.expect_error(403, "NO_ACCESS");
    let clients = script.get("/v1/clients").await.expect(200).json();
    assert_eq!(clients["data"].as_array().unwrap().len(), 1);
    assert_eq!(clients["data"][0]["id"], acme.as_str());
    let entry = &list_log_entries(&app, "token.created").await[0];
    assert_eq!(entry["details"]["M"]["client"]["S"], acme.as_str());

    // The token has the role of its user in the organization.
    app.add_member(&acme, &eve, Role::Member).await;
    let made = create_token(&eve, body).await.expect(200).json();
    let script = bearer_visitor(&app, &made);
    script.get(&format!("/v1/clients/{acme}")).await.expect(200);
    let rename = Some(("application/json", br#"{"name":"Mine"}"#.to_vec()));
    let rename = script.send(reqwest::Method::PATCH, &format!("/v1/clients/{acme}"), rename).await;
    rename.expect_error(403, "NO_ACCESS");
}

#[tokio::test]
async fn own_tokens_are_listed_in_order_and_masked() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let eve = app.sign_up("eve").await;
    eve.token("hers").await;
    let now = app.now().await;
    let mut values = Vec::new();
    for number in 1..=12 {
        let body = json!({"token_name": format!("t{number}"), "expires_in_days": 30});
        values.push(create_token(&ada, body).await.expect(200).json());
    }
    revoke_token(&ada, &json!(2)).await.expect(200);
    let list = ada.get("/v1/tokens").await.expect(200);
    assert_eq!(list.keys(), ["data", "next_cursor"]);
    for made in &values {
        assert!(!list.text.contains(made["token"].as_str().unwrap()));
    }
    let all = list_tokens(&ada).await;
    let ids: Vec<_> = all.iter().map(|token| token["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=12).collect::<Vec<_>>());
    let token = values[1]["token"].as_str().unwrap();
    let expected = json!({
        "id": 2, "client_id": "ada@example.com", "token_name": "t2",
        "masked": format!("aius_…{}", &token[token.len() - 4..]), "created_at": now,
        "last_used_at": null, "expires_at": now + 30 * 24 * 60 * 60, "revoked_at": now,
    });
    assert_eq!(all[1], expected);
    assert_eq!(all[0]["revoked_at"], json!(null));
    let (mut paged, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = ada.get(&format!("/v1/tokens?limit=5{cursor}")).await.expect(200).json();
        paged.extend(page["data"].as_array().unwrap().clone());
        pages += 1;
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        let theirs = eve.get(&format!("/v1/tokens?limit=5{cursor}")).await;
        theirs.expect_error(400, "INVALID_CURSOR");
    }
    assert_eq!((paged, pages), (all, 3));
}

#[tokio::test]
async fn stale_key_revoked_token_is_refused_on_the_next_request() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let made = create_token(&ada, json!({"token_name": "ci"})).await.expect(200).json();
    let script = bearer_visitor(&app, &made);
    script.get("/v1/me").await.expect(200);
    revoke_token(&eve, &made["id"]).await.expect_error(404, "NOT_FOUND");
    let revoked = revoke_token(&ada, &made["id"]).await.expect(200).json();
    assert_eq!(revoked, json!({"id": 1, "revoked_at": app.now().await}));
    for path in ["/v1/me", "/v1/token", "/v1/clients"] {
        script.get(path).await.expect_error(401, "invalid token");
    }
    app.advance_clock(60).await;
    assert_eq!(revoke_token(&ada, &made["id"]).await.expect(200).json(), revoked);
    let entries = list_log_entries(&app, "token.revoked").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["target"]["S"], "1");
    assert_eq!(entries[0]["details"]["M"]["name"]["S"], "ci");

    ada.post("/v1/tokens/revoke", json!({})).await.expect_error(400, "MISSING_ID");
    revoke_token(&ada, &json!(null)).await.expect_error(400, "MISSING_ID");
    for bad in [json!("1"), json!(1.5), json!([1]), json!(true)] {
        revoke_token(&ada, &bad).await.expect_error(400, "INVALID_FIELD");
    }
    for unknown in [json!(0), json!(-1), json!(2), json!(u64::from(u32::MAX) + 2)] {
        revoke_token(&ada, &unknown).await.expect_error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn stale_key_concurrent_revocations_take_effect_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = ada.token("ci").await;
    let script = app.visitor().with_bearer(&token);
    let answers = race(race_size(), |_| {
        let ada = ada.clone();
        async move { revoke_token(&ada, &json!(1)).await }
    })
    .await;
    app.wait_until_idle(&answers).await;
    // A request that was answered with 503 is sent again.
    let last = revoke_token(&ada, &json!(1)).await.expect(200);
    assert!(answers.iter().all(|r| r.status == 503 || r.status == 200 && r.text == last.text));
    script.get("/v1/token").await.expect_error(401, "invalid token");
    assert_eq!(list_log_entries(&app, "token.revoked").await.len(), 1);
}

#[tokio::test]
async fn a_token_expires_at_its_expiry_time() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let body = json!({"token_name": "ci", "expires_in_days": 1});
    let made = create_token(&ada, body).await.expect(200).json();
    let script = bearer_visitor(&app, &made);
    app.advance_clock(DAY - 1).await;
    let seen = script.get("/v1/token").await.expect(200).json();
    assert_eq!(seen["expires_at"], app.now().await + 1);
    app.advance_clock(1).await;
    script.get("/v1/token").await.expect_error(401, "invalid token");
    assert_eq!(list_tokens(&ada).await[0]["revoked_at"], json!(null));
}

#[tokio::test]
async fn tokens_ended_by_an_account_deletion_are_shown_revoked() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let old = app.visitor().with_bearer(&ada.token("old").await);
    let revoked = ada.token("revoked").await;
    assert!(revoked.starts_with("aius_"));
    revoke_token(&ada, &json!(2)).await.expect(200);
    let revoked_at = app.now().await;
    app.advance_clock(100).await;
    let ended_at = app.now().await;
    ada.delete("/v1/me", json!({"password": PASSWORD, "confirm": "DELETE"})).await.expect(200);
    app.advance_clock(100).await;
    let ada = ada.sign_in(&app).await;
    create_token(&ada, json!({"token_name": "x"})).await.expect_error(403, "PENDING_DELETION");
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    old.get("/v1/me").await.expect_error(401, "invalid token");
    let new = ada.token("new").await;
    app.visitor().with_bearer(&new).get("/v1/me").await.expect(200);
    let shown: Vec<_> =
        list_tokens(&ada).await.iter().map(|token| token["revoked_at"].as_i64()).collect();
    assert_eq!(shown, [Some(ended_at), Some(revoked_at), None]);
    let again = revoke_token(&ada, &json!(1)).await.expect(200).json();
    assert_eq!(again["revoked_at"], ended_at);
}

#[tokio::test]
async fn a_repeated_request_returns_the_same_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "once");
    let body = json!({"token_name": "ci"});
    let first = keyed.post("/v1/tokens", body.clone()).await.expect(200);
    let again = keyed.post("/v1/tokens", body).await.expect(200);
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = keyed.post("/v1/tokens", json!({"token_name": "other"})).await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let twice = ada.visitor.clone().with_header("idempotency-key", "twice");
    let at_the_same_time = race(race_size().min(20), |_| {
        let twice = twice.clone();
        async move { twice.post("/v1/tokens", json!({"token_name": "ci"})).await }
    })
    .await;
    app.wait_until_idle(&at_the_same_time).await;
    // A request that was answered with 503 is sent again.
    let last = twice.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200);
    let mut answered = at_the_same_time.iter().filter(|reply| reply.status == 200);
    assert!(answered.all(|reply| reply.text == last.text));
    assert_eq!(list_tokens(&ada).await.len(), 2);
}

#[tokio::test]
async fn concurrent_creations_number_tokens_without_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let answers = race(race_size(), |number| {
        let ada = ada.clone();
        async move { create_token(&ada, json!({"token_name": format!("t{number}")})).await }
    })
    .await;
    assert!(answers.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&answers).await;
    let stored = list_tokens(&ada).await;
    let numbers: Vec<_> = stored.iter().map(|token| token["id"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=u64::try_from(stored.len()).unwrap()).collect::<Vec<_>>());
    assert!(count_successes(&answers).contains(&stored.len()));
    let made: Vec<_> =
        answers.iter().filter(|reply| reply.status == 200).map(Reply::json).collect();
    let distinct: BTreeSet<_> = made.iter().map(|made| made["id"].as_u64().unwrap()).collect();
    assert_eq!(distinct.len(), made.len());
    assert!(distinct.is_subset(&numbers.into_iter().collect()));
    for made in &made {
        let seen = bearer_visitor(&app, made).get("/v1/token").await.expect(200).json();
        assert_eq!((&seen["id"], &seen["token_name"]), (&made["id"], &made["token_name"]));
    }
}

#[tokio::test]
async fn no_token_outlives_a_concurrent_account_deletion() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let answers = race(race_size().min(20), |number| {
        let ada = ada.clone();
        async move {
            if number == 10 {
                let body = json!({"password": PASSWORD, "confirm": "DELETE"});
                return ada.delete("/v1/me", body).await;
            }
            create_token(&ada, json!({"token_name": "late"})).await
        }
    })
    .await;
    app.wait_until_idle(&answers).await;
    if answers[10].status != 200 {
        // If the deletion met too many conflicts, it runs now, unless only its response was lost.
        let body = json!({"password": PASSWORD, "confirm": "DELETE"});
        let again = ada.delete("/v1/me", body).await;
        assert!(again.status == 200 || again.code() == "invalid session", "{}", again.text);
    }
    ada.sign_in(&app).await.post("/v1/me/restore", json!({})).await.expect(200);
    for (number, reply) in answers.iter().enumerate() {
        if number != 10 && reply.status == 200 {
            let script = bearer_visitor(&app, &reply.json());
            script.get("/v1/token").await.expect_error(401, "invalid token");
        }
    }
}

#[tokio::test]
async fn an_ended_session_or_membership_creates_no_token() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let thief = ada.sign_in(&app).await;
    let making = create_token(&thief, json!({"token_name": "late"}));
    let ending = async { drop(thief.post("/v1/logout", json!({})).await.expect(200)) };
    engine.delay_transaction(making, ending).await.expect_error(401, "invalid session");
    assert!(list_tokens(&ada).await.is_empty());

    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let member = rows::member(&acme.parse().unwrap(), &eve.id().await);
    let making = create_token(&eve, json!({"token_name": "late", "client_id": acme}));
    let removing = async { app.stack().context().table.delete(&member).await.unwrap() };
    engine.delay_transaction(making, removing).await.expect_error(403, "NO_ACCESS");
    assert!(list_tokens(&eve).await.is_empty());
}

#[tokio::test]
async fn a_bearer_token_returns_its_own_description() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    let acme = ada.create_client("Acme").await;
    let user = json!({"id": id.as_str(), "email": "ada@example.com", "name": "ada"});
    let script = app.visitor().with_bearer(&ada.token("everywhere").await);
    let seen = script.get("/v1/token").await.expect(200).json();
    let expected = json!({
        "kind": "personal", "id": 1, "token_name": "everywhere", "expires_at": null, "user": user,
    });
    assert_eq!(seen, expected);
    let body = json!({"token_name": "here", "client_id": acme, "expires_in_days": 2});
    let confined = bearer_visitor(&app, &create_token(&ada, body).await.expect(200).json());
    let seen = confined.get("/v1/token").await.expect(200).json();
    let client = json!({"id": acme, "name": "Acme"});
    let expected = json!({
        "kind": "personal", "id": 2, "token_name": "here",
        "expires_at": app.now().await + 2 * 24 * 60 * 60, "user": user, "client": client,
    });
    assert_eq!(seen, expected);
    let (number, key) = ada.key(&acme, "production").await;
    let seen = app.visitor().with_bearer(&key).get("/v1/token").await.expect(200).json();
    let expected = json!({
        "kind": "organization", "id": number, "token_name": "production", "expires_at": null,
        "client": client,
    });
    assert_eq!(seen, expected);

    for visitor in [&ada.visitor, &app.visitor(), &app.visitor().with_session("x")] {
        visitor.get("/v1/token").await.expect_error(401, "missing bearer token");
    }
    let authorized = |value: &str| app.visitor().with_header("authorization", value);
    let basic = authorized("Basic eDp5").get("/v1/token").await;
    basic.expect_error(401, "invalid authorization header");
    authorized("Bearer ").get("/v1/token").await.expect_error(401, "invalid bearer token");
    authorized("Bearer aius_x").get("/v1/token").await.expect_error(401, "invalid token");
}

/// A token for one organization ends when that is deleted or when its user leaves.
#[tokio::test]
async fn deleted_client_restricted_token_is_refused() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let body = json!({"token_name": "ci", "client_id": acme});
    let hers = bearer_visitor(&app, &create_token(&eve, body.clone()).await.expect(200).json());
    let own = bearer_visitor(&app, &create_token(&ada, body).await.expect(200).json());
    hers.get("/v1/token").await.expect(200);
    let client = acme.parse().unwrap();
    let table = &app.stack().context().table;
    table.delete(&rows::member(&client, &eve.id().await)).await.unwrap();
    hers.get("/v1/token").await.expect_error(403, "NO_ACCESS");
    hers.get("/v1/clients").await.expect_error(403, "NO_ACCESS");
    own.get("/v1/token").await.expect(200);
    crate::routes::api_keys::mark_organization_deleted(&app, &acme).await;
    own.get("/v1/token").await.expect_error(401, "invalid token");
    own.get("/v1/clients").await.expect_error(401, "invalid token");
    own.get(&format!("/v1/clients/{acme}")).await.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn verify_writes_token_use_is_stored_once_an_hour() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let script = app.visitor().with_bearer(&ada.token("ci").await);
    let last_used = async || list_tokens(&ada).await[0]["last_used_at"].clone();
    assert_eq!(last_used().await, json!(null));
    let used = script.get("/v1/token").await.expect(200);
    costs(&used, 2, 2);
    let first = app.now().await;
    assert_eq!(last_used().await, first);
    let unwritten = |reply: &Reply| reply.cost().wcu == 0.0;
    for path in ["/v1/token", "/v1/me"] {
        let used = script.get(path).await.expect(200);
        costs(&used, 1, 1);
        assert!(unwritten(&used));
    }
    app.advance_clock(HOUR - 1).await;
    assert!(unwritten(&script.get("/v1/token").await.expect(200)));
    assert_eq!(last_used().await, first);
    app.advance_clock(1).await;
    assert!(!unwritten(&script.get("/v1/token").await.expect(200)));
    assert_eq!(last_used().await, first + 3600);
    // The use of a personal token is not logged.
    assert!(!serde_json::to_string(&app.dump().await).unwrap().contains("key.used"));
}

#[tokio::test]
async fn storing_a_use_does_not_restore_a_revoked_token() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let table = &app.stack().context().table;
    for erased in [false, true] {
        let made = create_token(&ada, json!({"token_name": "ci"})).await.expect(200).json();
        let plain = PlainToken::parse(made["token"].as_str().unwrap()).unwrap();
        let row = rows::token(plain.holder(), plain.number());
        let script = bearer_visitor(&app, &made);
        let ending = async {
            if erased {
                table.delete(&row).await.unwrap();
            } else {
                revoke_token(&ada, &made["id"]).await.expect(200);
            }
        };
        engine.delay_transaction(script.get("/v1/token"), ending).await.expect(200);
        script.get("/v1/token").await.expect_error(401, "invalid token");
        let stored_token: Option<Token> = table.get(&row).await.unwrap();
        assert_eq!(stored_token.is_none(), erased);
        if let Some(token) = stored_token {
            assert_eq!(token.last_used_at, None, "nothing is used after it was revoked");
            assert!(token.revoked_at.is_some());
        }
    }
}

#[tokio::test]
async fn plain_secrets_tokens_are_stored_hashed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "once");
    let made = keyed.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200).json();
    let path = format!("/v1/clients/{acme}/api-keys");
    let key =
        keyed.post(&path, json!({"name": "ci"})).await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    assert!(!key.text.contains("aius_"));
    let keyed = ada.visitor.clone().with_header("idempotency-key", "for the key");
    let key = keyed.post(&path, json!({"name": "ci"})).await.expect(200).json();
    let keyed = ada.visitor.clone().with_header("idempotency-key", "for another value");
    let rotated = keyed.post(&format!("{path}/1/rotate"), json!({})).await.expect(200).json();
    let dump = serde_json::to_string(&app.dump().await).unwrap();
    for value in [&made["token"], &key["key"], &rotated["key"]] {
        let value = value.as_str().unwrap();
        assert!(!dump.contains(value));
        // The secret part is searched for as text and decoded.
        let secret = &value[value.len() - 48..];
        assert!(!dump.contains(secret) && !dump.contains(&value[5..]));
        let bytes = data_encoding::BASE64URL_NOPAD.decode(&value.as_bytes()[5..]).unwrap();
        let bytes = &bytes[21..53];
        for encoded in [
            data_encoding::BASE64.encode(bytes),
            data_encoding::HEXLOWER.encode(bytes),
            data_encoding::BASE64URL_NOPAD.encode(bytes),
        ] {
            assert!(!dump.contains(&encoded));
        }
    }
}

#[tokio::test]
async fn token_calls_stay_within_their_round_trip_budget() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    costs(&create_token(&ada, json!({"token_name": "ci"})).await.expect(200), 2, 2);
    let body = json!({"token_name": "ci", "client_id": acme});
    let confined = create_token(&ada, body).await.expect(200);
    costs(&confined, 2, 2);
    let keyed = ada.visitor.clone().with_header("idempotency-key", "once");
    let body = json!({"token_name": "ci"});
    costs(&keyed.post("/v1/tokens", body.clone()).await.expect(200), 3, 2);
    costs(&keyed.post("/v1/tokens", body).await.expect(200), 2, 1);
    costs(&ada.get("/v1/tokens").await.expect(200), 2, 1);
    let script = bearer_visitor(&app, &confined.json());
    script.get("/v1/token").await.expect(200);
    costs(&script.get("/v1/token").await.expect(200), 2, 2);
    costs(&revoke_token(&ada, &json!(1)).await.expect(200), 2, 2);
    costs(&revoke_token(&ada, &json!(1)).await.expect(200), 1, 1);
    let fields = ["id", "revoked_at"];
    assert_eq!(keys(&revoke_token(&ada, &json!(2)).await.expect(200).json()), fields);
}
