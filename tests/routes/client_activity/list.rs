//! The entries of `GET /v1/clients/{client_id}/activity`, and who may read them.

use serde_json::{Value, json};
use shared::activity::{Action, Actor};
use shared::dynamo::Condition;
use shared::tokens::PlainToken;
use shared::values::TokenHolder;
use tests::api_keys::build_key;
use tests::client_activity::{build_event, get_page, log_path};
use tests::time::DAY;
use tests::{Person, Team, TestApp};

/// Inserts a key of an organization and returns its secret.
async fn insert_key(app: &TestApp, client: &str, number: u32, name: &str) -> String {
    let ctx = app.stack().context();
    let (key, plain) = build_key(ctx, &client.parse().unwrap(), number, name);
    assert!(ctx.table.put(&key, Condition::Absent).await.unwrap());
    plain.reveal().to_owned()
}

#[tokio::test]
async fn events_are_listed_newest_first_with_their_actor() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    app.advance_clock(60).await;
    ada.patch(&format!("/v1/clients/{client}"), json!({"name": "Acme Corp"})).await.expect(200);
    app.advance_clock(60).await;
    app.set_plan(&client, "pro").await;
    app.advance_clock(60).await;
    // One key is used for the first time. Another key has an event but no row any more.
    let secret = insert_key(&app, &client, 3, "ci").await;
    app.visitor().with_bearer(&secret).get("/v1/clients").await.expect(200);
    let deleted_key_event =
        build_event(&app, &client, Actor::Key(9), Action::KeyUsed, app.now().await - 30);
    let ctx = app.stack().context();
    assert!(ctx.table.put(&deleted_key_event, Condition::Absent).await.unwrap());

    let reply = ada.get(&log_path(&client, "")).await.expect(200);
    assert_eq!(reply.keys(), ["data", "next_cursor"]);
    let list = reply.json();
    assert_eq!(list["next_cursor"], Value::Null);
    let (id, now) = (ada.id().await.to_string(), app.now().await);
    let ada_did = json!({"id": id, "email": "ada@example.com"});
    let expected = [
        ("key.used", Value::Null, json!({"id": 3, "name": "ci"}), "3", now, json!({})),
        ("key.used", Value::Null, json!({"id": 9, "name": null}), &client, now - 30, json!({})),
        (
            "client.plan_changed",
            Value::Null,
            Value::Null,
            &client,
            now - 60,
            json!({"before": "free", "after": "pro"}),
        ),
        (
            "client.renamed",
            ada_did.clone(),
            Value::Null,
            &client,
            now - 120,
            json!({"before": "Acme", "after": "Acme Corp"}),
        ),
        ("client.created", ada_did, Value::Null, &client, now - 180, json!({"name": "Acme"})),
    ];
    let events = list["data"].as_array().unwrap();
    assert_eq!(events.len(), expected.len());
    for (event, (action, user, key, target, timestamp, details)) in events.iter().zip(expected) {
        let expected_event = json!({
            "id": event["id"], "action": action, "user": user, "key": key, "target": target,
            "support": false, "timestamp": timestamp, "ip": event["ip"],
            "user_agent": event["user_agent"],
            "details": details,
        });
        assert_eq!(event, &expected_event);
        assert!(event["id"].as_str().unwrap().starts_with("evt_"));
        assert!(event["ip"].as_str().unwrap().parse::<std::net::IpAddr>().is_ok());
    }
    // The fields are in the documented order.
    let fields = [
        "id",
        "action",
        "user",
        "key",
        "support",
        "target",
        "timestamp",
        "ip",
        "user_agent",
        "details",
    ];
    let at = |field: &&str| reply.text.find(&format!("\"{field}\":")).unwrap();
    assert!(fields.iter().is_sorted_by_key(at), "{}", reply.text);
}

#[tokio::test]
async fn only_members_and_keys_read_the_log() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    app.set_plan(&client, "free").await;
    let secret = insert_key(&app, &client, 1, "ci").await;
    let token = app.token(&ada, |_| {}).await;
    let elsewhere = ada.default_client().await.parse().ok();
    let confined = app.token(&ada, |token| token.client_id = elsewhere).await;
    let bearer = |token: &str| app.visitor().with_bearer(token);
    for what in ["activity", "activity.csv"] {
        let path = format!("/v1/clients/{client}/{what}");
        let allowed = if what == "activity" { 200 } else { 402 };
        for visitor in [&ada.visitor, &bob.visitor, &eve.visitor, &bearer(&token), &bearer(&secret)]
        {
            visitor.get(&path).await.expect(allowed);
        }
        for visitor in [&stranger.visitor, &bearer(&confined)] {
            visitor.get(&path).await.expect_error(403, "NO_ACCESS");
        }
        app.visitor().get(&path).await.expect_error(401, "missing bearer token");
        let forged = PlainToken::generate(
            &*app.stack().context().random,
            TokenHolder::User(ada.id().await),
            7,
        );
        bearer(forged.reveal()).get(&path).await.expect_error(401, "invalid token");
        for unknown in ["client_mfrggzdfmztwq2lknnwg23tpoa", "x"] {
            let path = format!("/v1/clients/{unknown}/{what}");
            ada.get(&path).await.expect_error(404, "NOT_FOUND");
        }
    }
}

#[tokio::test]
async fn an_erased_user_is_shown_only_by_id() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    bob.patch(&format!("/v1/clients/{client}"), json!({"name": "Bob's"})).await.expect(200);
    let id = bob.id().await.to_string();
    let by_bob = async |ada: &Person| {
        let page = get_page(ada, &client, &format!("user={id}&action=client.renamed")).await;
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
        page["data"][0]["user"].clone()
    };
    assert_eq!(by_bob(&ada).await, json!({"id": id, "email": "bob@example.com"}));
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    bob.delete("/v1/me", body).await.expect(200);
    app.advance_clock_with_last_runs(16 * DAY).await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(by_bob(&ada).await, json!({"id": id, "email": null}));
}
