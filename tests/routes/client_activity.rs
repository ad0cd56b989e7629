//! Tests of `GET /v1/clients/{client_id}/activity`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use shared::activity::{Action, Actor, AuditEvent};
use shared::clock::Timestamp;
use shared::dynamo::{Condition, Record, Update};
use shared::ids::{OrganizationId, UserId};
use shared::keys as table_keys;
use shared::organizations::Role;
use shared::requester::Requester;
use shared::tokens::{PlainToken, Token};
use shared::values::{Name, TokenHolder};
use tests::{Person, TestApp, row};

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Builds an event in the log of an organization with a time in Unix seconds.
fn build_event(app: &TestApp, client: &str, actor: Actor, action: Action, at: i64) -> AuditEvent {
    let ctx = app.stack().context();
    let client: OrganizationId = client.parse().unwrap();
    let requester = Requester::new("203.0.113.9".parse().unwrap(), "a browser");
    let mut entry = AuditEvent::for_organization(ctx, &requester, &client, actor, action);
    entry.at = Timestamp::from_seconds(at);
    entry
}

/// Inserts events of the current time.
async fn insert_events(app: &TestApp, client: &str, user: &UserId, count: usize) {
    let ctx = app.stack().context();
    for _ in 0..count {
        let (actor, action) = (Actor::from(user), Action::KeyCreated);
        let entry = build_event(app, client, actor, action, ctx.now().seconds());
        assert!(ctx.table.put(&entry, Condition::Absent).await.unwrap());
    }
}

/// Inserts a key of an organization and returns its secret.
async fn insert_key(app: &TestApp, client: &str, number: u32, name: &str) -> String {
    let ctx = app.stack().context();
    let holder = TokenHolder::Organization(client.parse().unwrap());
    let plain = PlainToken::generate(&*ctx.random, holder.clone(), number);
    let token = Token {
        holder,
        number,
        name: Name::parse(name).unwrap(),
        hash: plain.hash(),
        ending: plain.ending(),
        client_id: None,
        generation: 0,
        created_by: UserId::generate(&*ctx.random),
        created_at: ctx.now(),
        rotated_at: None,
        last_used_at: None,
        expires_at: None,
        revoked_at: None,
    };
    assert!(ctx.table.put(&token, Condition::Absent).await.unwrap());
    plain.reveal().to_owned()
}

/// Builds the path of the log with a query.
fn log_path(client: &str, query: &str) -> String {
    format!("/v1/clients/{client}/activity?{query}")
}

/// Gets a page of the log.
async fn get_page(person: &Person, client: &str, query: &str) -> Value {
    person.get(&log_path(client, query)).await.expect(200).json()
}

/// Lists the event ids of a page.
fn event_ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap();
    data.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

/// Gets the ids on all pages from a cursor on, and the number of pages.
async fn get_pages(
    person: &Person,
    client: &str,
    query: &str,
    first: Option<&str>,
) -> (Vec<String>, usize) {
    let (mut all, mut count, mut cursor) = (Vec::new(), 0, first.map(str::to_owned));
    loop {
        let from = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = get_page(person, client, &format!("{query}{from}")).await;
        all.extend(event_ids(&page));
        count += 1;
        assert!(count < 1_000, "the pages end");
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return (all, count);
        }
    }
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
            "timestamp": timestamp, "ip": event["ip"], "user_agent": event["user_agent"],
            "details": details,
        });
        assert_eq!(event, &expected_event);
        assert!(event["id"].as_str().unwrap().starts_with("evt_"));
        assert!(event["ip"].as_str().unwrap().parse::<std::net::IpAddr>().is_ok());
    }
    // The fields are in the documented order.
    let fields =
        ["id", "action", "user", "key", "target", "timestamp", "ip", "user_agent", "details"];
    let at = |field: &&str| reply.text.find(&format!("\"{field}\":")).unwrap();
    assert!(fields.iter().is_sorted_by_key(at), "{}", reply.text);
}

#[tokio::test]
async fn only_owners_and_admins_read_the_log() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let client = ada.create_client("Acme").await;
    app.add_member(&client, &bob, Role::Admin).await;
    let carl = app.sign_up("carl").await;
    app.add_member(&client, &carl, Role::Member).await;
    let secret = insert_key(&app, &client, 1, "ci").await;
    let token = app.token(&ada, |_| {}).await;
    let elsewhere = ada.default_client().await.parse().ok();
    let confined = app.token(&ada, |token| token.client_id = elsewhere).await;
    let bearer = |token: &str| app.visitor().with_bearer(token);
    for what in ["activity", "activity.csv"] {
        let path = format!("/v1/clients/{client}/{what}");
        let allowed = if what == "activity" { 200 } else { 402 };
        for visitor in [&ada.visitor, &bob.visitor, &bearer(&token)] {
            visitor.get(&path).await.expect(allowed);
        }
        for visitor in [&carl.visitor, &eve.visitor, &bearer(&secret), &bearer(&confined)] {
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
async fn all_filters_must_match() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.add_member(&client, &bob, Role::Admin).await;
    let began = app.now().await;
    for (person, name) in [(&ada, "B"), (&bob, "C"), (&ada, "D")] {
        app.advance_clock(10).await;
        person.patch(&format!("/v1/clients/{client}"), json!({"name": name})).await.expect(200);
    }
    let (ada_id, bob_id) = (ada.id().await, bob.id().await);
    let shown = async |query: &str| {
        let page = get_page(&ada, &client, query).await;
        assert_eq!(page["next_cursor"], Value::Null, "{query}");
        let name = |event: &Value| event["details"]["after"].as_str().unwrap_or("A").to_owned();
        page["data"].as_array().unwrap().iter().map(name).collect::<String>()
    };
    assert_eq!(shown("").await, "DCBA");
    assert_eq!(shown("action=client.renamed").await, "DCB");
    assert_eq!(shown("action=client.created").await, "A");
    assert_eq!(shown("action=session.started").await, "");
    assert_eq!(shown(&format!("user={bob_id}")).await, "C");
    assert_eq!(shown("user=usr_mfrggzdfmztwq2lknnwg23tpoa").await, "");
    assert_eq!(shown(&format!("user={ada_id}&action=client.renamed")).await, "DB");
    // `from` is inclusive, and `to` is exclusive.
    assert_eq!(shown(&format!("from={}", began + 10)).await, "DCB");
    assert_eq!(shown(&format!("from={}", began + 11)).await, "DC");
    assert_eq!(shown(&format!("to={}", began + 30)).await, "CBA");
    assert_eq!(shown(&format!("to={}", began + 31)).await, "DCBA");
    assert_eq!(shown(&format!("from={}&to={}", began + 20, began + 21)).await, "C");
    let ends = format!("from={}&to={}&user={ada_id}", began + 10, began + 30);
    assert_eq!(shown(&ends).await, "B");
    // The ranges are far in the past, far in the future, and older than the plan shows.
    assert_eq!(shown("from=0&to=1").await, "");
    assert_eq!(shown("to=0").await, "");
    assert_eq!(shown(&format!("from={}", began + 9_999)).await, "");
    assert_eq!(shown("from=253370764798&to=253370764799").await, "");
    assert_eq!(shown(&format!("to={}", began - 1)).await, "");
    for (query, field) in [
        ("action=nonsense", "action"),
        ("action=", "action"),
        ("action=client.renamed&action=client.renamed", "action"),
        ("user=ada@example.com", "user"),
        ("user=client_mfrggzdfmztwq2lknnwg23tpoa", "user"),
        ("from=yesterday", "from"),
        ("from=-1", "from"),
        ("to=1.5", "to"),
        ("to=1717123456000", "to"),
        ("from=5&to=5", "from"),
        ("from=6&to=5", "from"),
        ("limit=201", "limit"),
    ] {
        for what in ["activity", "activity.csv"].iter().take(if field == "limit" { 1 } else { 2 }) {
            let refused = ada.get(&format!("/v1/clients/{client}/{what}?{query}")).await;
            let refused = refused.expect_error(400, "INVALID_FIELD");
            let message = refused.json()["detail"]["message"].as_str().unwrap().to_owned();
            assert!(message.starts_with(field), "{query}: {message}");
        }
    }
}

#[tokio::test]
async fn a_cursor_is_bound_to_its_organization_and_filters() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (client, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    let id = ada.id().await;
    for client in [&client, &other] {
        insert_events(&app, client, &id, 3).await;
    }
    let filters = [
        String::new(),
        "action=key.created".to_owned(),
        format!("user={id}"),
        "from=1".to_owned(),
        "from=2".to_owned(),
        "to=253370764799".to_owned(),
        format!("user={id}&action=key.created"),
    ];
    for (number, filter) in filters.iter().enumerate() {
        let first = get_page(&ada, &client, &format!("{filter}&limit=1")).await;
        let cursor = first["next_cursor"].as_str().expect("more").to_owned();
        for (other_number, query) in filters.iter().enumerate() {
            let reply = ada.get(&log_path(&client, &format!("{query}&cursor={cursor}"))).await;
            if number == other_number {
                reply.expect(200);
            } else {
                reply.expect_error(400, "INVALID_CURSOR");
            }
        }
        let elsewhere = ada.get(&log_path(&other, &format!("{filter}&cursor={cursor}"))).await;
        elsewhere.expect_error(400, "INVALID_CURSOR");
        let own = ada.get(&format!("/v1/me/activity?cursor={cursor}")).await;
        own.expect_error(400, "INVALID_CURSOR");
    }
    // A user without access does not learn whether a cursor is valid.
    let eve = app.sign_up("eve").await;
    eve.get(&log_path(&client, "cursor=x")).await.expect_error(403, "NO_ACCESS");
}

/// Moves the creation of an organization into the past and inserts an event of that time.
async fn backdate_organization(app: &TestApp, client: &str, user: &UserId, seconds: u64) {
    let ctx = app.stack().context();
    let created_at = ctx.now().minus(Duration::from_secs(seconds));
    let change = Update::new(table_keys::organization(&client.parse().unwrap()));
    let change = change.set("created_at", created_at).unwrap().only_if(Condition::Exists);
    let client_row: Option<Value> = ctx.table.update(change).await.unwrap();
    assert!(client_row.is_some());
    let entry =
        build_event(app, client, user.into(), Action::OrganizationCreated, created_at.seconds());
    assert!(ctx.table.put(&entry, Condition::Absent).await.unwrap());
}

#[tokio::test]
async fn the_plan_limits_the_age_of_entries_to_the_second() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (client, id) = (ada.create_client("Acme").await, ada.id().await);
    backdate_organization(&app, &client, &id, 1_000 * DAY).await;
    let ctx = app.stack().context();
    for (plan, days) in [("free", 7), ("basic", 30), ("pro", 366), ("enterprise", 999)] {
        app.set_plan(&client, plan).await;
        // One entry has just become too old, and the other one is shown for one second more.
        let old = ctx.now().seconds() - i64::try_from(days * DAY).unwrap();
        let entries =
            [old, old + 1].map(|at| build_event(&app, &client, Actor::Key(1), Action::KeyUsed, at));
        for entry in &entries {
            assert!(ctx.table.put(entry, Condition::Absent).await.unwrap());
        }
        let ids = [&entries[1], &entries[0]].map(event_id);
        let shown = async |query: &str| {
            let query = format!("{query}&action=key.used&limit=200");
            let mut shown = get_pages(&ada, &client, &query, None).await.0;
            shown.retain(|id| ids.contains(id));
            shown
        };
        let csv = async || {
            let reply = ada.get(&format!("/v1/clients/{client}/activity.csv")).await;
            let column = format!("\"{}\"", old + 1);
            (reply.status == 200).then(|| reply.text.contains(&column))
        };
        let endless = plan == "enterprise";
        let has_csv = matches!(plan, "pro" | "enterprise");
        assert_eq!(shown("").await, ids[..if endless { 2 } else { 1 }], "{plan}");
        assert_eq!(csv().await, has_csv.then_some(true), "{plan}");
        app.advance_clock(1).await;
        // A query for its time does not show it either.
        for query in ["", "from=0", &format!("from=1&to={}", old + 2)] {
            assert_eq!(shown(query).await, ids[..if endless { 2 } else { 0 }], "{plan} {query}");
        }
        assert_eq!(csv().await, has_csv.then_some(endless), "{plan}");
    }
    // All entries are still stored.
    let all = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    assert_eq!(get_pages(&ada, &client, "", None).await.0.len(), all.len());
}

#[tokio::test]
async fn an_erased_user_is_shown_only_by_id() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    app.add_member(&client, &bob, Role::Admin).await;
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
    app.advance_clock(16 * DAY).await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(by_bob(&ada).await, json!({"id": id, "email": null}));
}

/// Inserts 5,000 events of three months and returns them newest first. Two users and a key act, and
/// every 50th event has a rare action. Some events share a second.
async fn insert_5000_events(
    app: &TestApp,
    bulk: &tests::BulkWriter,
    client: &str,
    people: &[UserId; 2],
) -> Vec<AuditEvent> {
    let now = app.now().await;
    let mut entries: Vec<_> = (0..5_000_i64)
        .map(|number| {
            let actor = match number % 3 {
                0 => Actor::from(&people[0]),
                1 => Actor::from(&people[1]),
                _ => Actor::Key(1),
            };
            let action =
                if number % 50 == 7 { Action::KeyRotated } else { Action::OrganizationRenamed };
            // Most events are in the newest month, five in each minute.
            let age = if number < 3_000 { number / 5 * 60 } else { number / 5 * 60 + 20 * 86_400 };
            build_event(app, client, actor, action, now - age)
        })
        .collect();
    bulk.put(entries.iter().map(row).collect()).await;
    entries.sort_by_key(|entry| entry.key().sk);
    entries.reverse();
    entries
}

/// Returns the id of an event as text.
fn event_id(entry: &AuditEvent) -> String {
    entry.key().sk.split_once('#').unwrap().1.to_owned()
}

#[tokio::test]
async fn filters_over_5000_entries_have_no_duplicates_or_gaps() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    let people = [ada.id().await, bob.id().await];
    app.advance_clock(100 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let entries = insert_5000_events(&app, &bulk, &client, &people).await;
    let newest = entries[0].at.seconds();
    let (from, to) = (newest - 30 * 86_400, newest - 3_600);
    let is_rare = |entry: &&AuditEvent| entry.action == Action::KeyRotated;
    let is_bobs = |entry: &&AuditEvent| entry.user_id.as_ref() == Some(&people[1]);
    let in_time = |entry: &&AuditEvent| (from..to).contains(&entry.at.seconds());
    let rare: Vec<_> = entries.iter().filter(is_rare).map(event_id).collect();
    let bobs: Vec<_> = entries.iter().filter(is_bobs).map(event_id).collect();
    let both: Vec<_> =
        entries.iter().filter(is_rare).filter(is_bobs).filter(in_time).map(event_id).collect();
    let timely: Vec<_> = entries.iter().filter(in_time).map(event_id).collect();
    assert_eq!((rare.len(), bobs.len()), (100, 1_667));
    assert!(!both.is_empty() && both.len() < 40, "{}", both.len());
    let rare_bobs = format!("action=key.rotated&user={}&from={from}&to={to}", people[1]);
    for (query, limit, expected) in [
        ("action=key.rotated".to_owned(), 7, rare),
        (format!("user={}", people[1]), 200, bobs),
        (rare_bobs, 3, both),
        (format!("from={from}&to={to}"), 200, timely),
    ] {
        let (found, _) = get_pages(&ada, &client, &format!("{query}&limit={limit}"), None).await;
        assert_eq!(found, expected, "{query}");
    }
    // A request reads a bounded number of entries, so a page takes a bounded number of requests.
    let nobody = "user=usr_mfrggzdfmztwq2lknnwg23tpoa";
    let reply = ada.get(&log_path(&client, nobody)).await.expect(200);
    let (calls, trips) = reply.calls_and_trips();
    assert!(calls <= 1 + 4 + 13 && trips <= 5, "{calls} calls, {trips} trips");
    assert_eq!(get_pages(&ada, &client, nobody, None).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn pages_over_5000_entries_ignore_new_entries() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    let people = [ada.id().await, bob.id().await];
    app.advance_clock(100 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let entries = insert_5000_events(&app, &bulk, &client, &people).await;
    app.advance_clock(1).await;
    let (mut found, mut cursor, mut added) = (Vec::new(), String::new(), 0);
    loop {
        // Each page is read while an event is inserted.
        let query = format!("limit=190{cursor}");
        let (page, ()) = tokio::join!(
            get_page(&ada, &client, &query),
            insert_events(&app, &client, &people[0], 1)
        );
        added += 1;
        found.extend(event_ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(added > 25, "there were pages");
    // The first page may contain some of the inserted events. The following pages contain only the
    // earlier ones.
    let before: BTreeSet<_> = entries.iter().map(event_id).collect();
    let extra = found.iter().take_while(|id| !before.contains(*id)).count();
    assert!(extra <= 1, "{extra}");
    // The events of the creation and the plan are the oldest.
    let old = found.split_off(extra + entries.len());
    assert_eq!(found[extra..], entries.iter().map(event_id).collect::<Vec<_>>());
    assert_eq!(old.len(), 2);
    let (all, count) = get_pages(&ada, &client, "limit=200", None).await;
    assert_eq!(all.len(), 5_000 + 2 + added);
    assert_eq!(count, all.len().div_ceil(200));
}

#[tokio::test]
async fn empty_months_are_skipped_in_bounded_steps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "enterprise").await;
    backdate_organization(&app, &client, &ada.id().await, 20 * 366 * DAY).await;
    insert_events(&app, &client, &ada.id().await, 2).await;
    for query in ["limit=10", "limit=1", &format!("user={}", ada.id().await)] {
        let reply = ada.get(&log_path(&client, query)).await.expect(200);
        let (calls, trips) = reply.calls_and_trips();
        assert!(calls <= 2 + 24 && trips <= 3, "{calls} calls, {trips} trips");
        let (all, count) = get_pages(&ada, &client, query, None).await;
        // The service itself changed the plan, so no user matches.
        let expected = if query.starts_with("user") { 4 } else { 5 };
        assert_eq!(all.len(), expected, "{query}");
        assert!((10..16).contains(&count), "{count} pages");
    }
}

#[tokio::test]
async fn a_page_takes_two_or_three_round_trips() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.add_member(&client, &bob, Role::Admin).await;
    let (ada_id, bob_id) = (ada.id().await, bob.id().await);
    insert_events(&app, &client, &ada_id, 3).await;
    let costs = async |query: &str, calls: u32, most_trips: u32| {
        let reply = ada.get(&log_path(&client, query)).await.expect(200);
        let (made, trips) = reply.calls_and_trips();
        assert_eq!(made, calls, "{query}");
        assert!(trips <= most_trips, "{query}: {trips} trips");
    };
    // The trips are the authorization and the newest month, which fills the page. No user has to be
    // read. An organization created this month has no older months.
    costs("limit=2", 2, 1).await;
    costs("", 2, 1).await;
    insert_events(&app, &client, &bob_id, 3).await;
    costs("limit=6", 3, 2).await;
    costs("", 3, 2).await;
    costs(&format!("user={bob_id}"), 3, 2).await;
    app.set_plan(&client, "pro").await;
    app.advance_clock(70 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let reply = ada.get(&log_path(&client, "")).await.expect(200);
    let (calls, trips) = reply.calls_and_trips();
    assert!((5..=6).contains(&calls) && trips <= 3, "{calls} calls, {trips} trips");
}
