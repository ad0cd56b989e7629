//! Tests of `GET /v1/me/activity`.

use serde_json::{Value, json};
use shared::activity::{Action, AuditEvent, AuditScope};
use shared::dynamo::Condition;
use shared::ids::UserId;
use shared::requester::Requester;
use tests::activity::event_ids;
use tests::time::DAY;
use tests::{Person, TestApp, keys};

/// Inserts `count` events of this second into a person's log; `details` pads each of them.
async fn insert_events(app: &TestApp, user: &UserId, count: usize, details: &str) {
    let ctx = app.stack().context();
    let requester = Requester::new("203.0.113.9".parse().unwrap(), "a browser");
    for _ in 0..count {
        let scope = AuditScope::User(user.clone());
        let entry = AuditEvent::new(ctx, &requester, &scope, user, Action::ProfileChanged)
            .with_target(user);
        let entry = entry.with_detail("fields", details);
        assert!(ctx.table.put(&entry, Condition::Absent).await.unwrap());
    }
}

/// Lists the ids of a person's stored events that are younger than 366 days, newest first.
async fn list_stored_ids(app: &TestApp, user: &UserId) -> Vec<String> {
    let oldest = app.now().await - 366 * 24 * 60 * 60;
    let rows = app.items(&format!("ACTIVITY#USER#{user}#"), "").await;
    let mut keys: Vec<_> =
        rows.iter().map(|row| row["sk"]["S"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    // The number within the second is between time and id.
    let split = keys.iter().rev().map(|key| {
        let (at, id) = key.split_once('#').unwrap();
        (at, id.split_once('#').unwrap().1)
    });
    let young = split.filter(|(at, _)| at.parse::<i64>().unwrap() > oldest);
    young.map(|(_, id)| id.to_owned()).collect()
}

/// Gets a page of a person's log.
async fn get_page(person: &Person, limit: usize, cursor: Option<&str>) -> Value {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    person.get(&format!("/v1/me/activity?limit={limit}{cursor}")).await.expect(200).json()
}

/// Gets the ids on all pages from a cursor on, and the number of pages.
async fn get_pages(person: &Person, limit: usize, first: Option<&str>) -> (Vec<String>, usize) {
    let (mut all, mut count, mut cursor) = (Vec::new(), 0, first.map(str::to_owned));
    loop {
        let page = get_page(person, limit, cursor.as_deref()).await;
        let on_page = event_ids(&page);
        assert!(on_page.len() <= limit);
        all.extend(on_page);
        count += 1;
        assert!(count < 100, "the pages end");
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return (all, count);
        }
    }
}

#[tokio::test]
async fn own_events_are_listed_newest_first() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sign_up("eve").await;
    app.advance_clock(60).await;
    let phone = ada.sign_in(&app).await;
    app.advance_clock(60).await;
    phone.post("/v1/logout", json!({})).await.expect(200);
    let reply = ada.get("/v1/me/activity").await.expect(200);
    assert_eq!(reply.keys(), ["data", "next_cursor"]);
    let list = reply.json();
    let events = list["data"].as_array().unwrap();
    let action = |event: &Value| event["action"].as_str().unwrap().to_owned();
    let actions: Vec<_> = events.iter().map(action).collect();
    assert_eq!(actions[..2], ["session.ended", "session.started"]);
    // Registration and verification may fall into one second, so their order is undefined.
    let mut before = actions[2..].to_vec();
    before.sort();
    assert_eq!(before, ["account.email_verified", "account.registered", "session.started"]);
    assert_eq!(list["next_cursor"], Value::Null);
    let now = app.now().await;
    let expected = json!({
        "id": events[0]["id"], "action": "session.ended", "target": events[1]["target"],
        "timestamp": now, "ip": events[0]["ip"], "user_agent": "", "details": {}, "support": false,
    });
    assert_eq!(events[0], expected);
    assert_eq!(events[1]["details"], json!({"methods": "pwd"}));
    assert!(events[0]["id"].as_str().unwrap().starts_with("evt_"));
    assert!(events[0]["ip"].as_str().unwrap().starts_with("127."));
    assert!(events[1]["target"].as_str().unwrap().starts_with("ses_"));
    assert_eq!(events[1]["timestamp"], now - 60);
    for event in events {
        let all = ["action", "details", "id", "ip", "support", "target", "timestamp", "user_agent"];
        assert_eq!(keys(event), all);
    }
}

#[tokio::test]
async fn pages_over_months_have_no_duplicates_or_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let user = ada.id().await;
    // Months have many events, few or none. Events within one second are ordered too.
    for count in [3, 0, 1, 7, 0, 0, 2, 5, 1] {
        insert_events(&app, &user, count, "name").await;
        app.advance_clock_only(35 * DAY).await;
    }
    let ada = ada.sign_in(&app).await;
    insert_events(&app, &user, 4, "name").await;
    let expected = list_stored_ids(&app, &user).await;
    assert_eq!(expected.len(), 3 + 19 + 1 + 4, "within the year");
    for limit in [1, 2, 4, 5, 26, 27, 28, 200] {
        let (all, count) = get_pages(&ada, limit, None).await;
        assert_eq!(all, expected, "limit {limit}");
        assert_eq!(count, expected.len().div_ceil(limit), "limit {limit}");
    }
    // The default page size is 50.
    insert_events(&app, &user, 30, "name").await;
    let first = ada.get("/v1/me/activity").await.expect(200).json();
    assert_eq!(event_ids(&first), list_stored_ids(&app, &user).await[..50]);
}

/// DynamoDB ends a response at a megabyte, which is in the middle of a month.
#[tokio::test]
async fn entries_that_exceed_a_query_response_are_not_skipped() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let user = ada.id().await;
    let large = "x".repeat(300_000);
    insert_events(&app, &user, 5, &large).await;
    app.advance_clock_only(35 * DAY).await;
    let ada = ada.sign_in(&app).await;
    insert_events(&app, &user, 5, &large).await;
    let (all, count) = get_pages(&ada, 200, None).await;
    assert_eq!(all, list_stored_ids(&app, &user).await);
    assert!(count > 1, "an answer holds them all");
}

#[tokio::test]
async fn new_events_do_not_shift_pages() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let user = ada.id().await;
    insert_events(&app, &user, 5, "name").await;
    app.advance_clock_only(40 * DAY).await;
    let ada = ada.sign_in(&app).await;
    insert_events(&app, &user, 5, "name").await;
    let expected = list_stored_ids(&app, &user).await;
    let first = get_page(&ada, 3, None).await;
    assert_eq!(event_ids(&first), expected[..3]);
    let cursor = first["next_cursor"].as_str();
    // The new events are in the same month or in the next.
    app.advance_clock(1).await;
    insert_events(&app, &user, 3, "name").await;
    assert_eq!(get_pages(&ada, 3, cursor).await.0, expected[3..]);
    app.advance_clock_only(70 * DAY).await;
    insert_events(&app, &user, 3, "name").await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(get_pages(&ada, 3, cursor).await.0, expected[3..]);
}

#[tokio::test]
async fn events_expire_after_a_year() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let user = ada.id().await;
    let registered = app.now().await;
    let row = &app.items(&format!("ACTIVITY#USER#{user}#"), "").await[0];
    let ttl = registered + 366 * 24 * 60 * 60;
    assert_eq!(row["ttl"]["N"].as_str().unwrap(), ttl.to_string());
    let of_the_client = app.items("ACTIVITY#CLIENT#", "").await;
    assert_eq!(of_the_client.len(), 1);
    assert_eq!(of_the_client[0]["ttl"], Value::Null);

    app.advance_clock_only(200 * DAY).await;
    insert_events(&app, &user, 2, "name").await;
    app.advance_clock_only(166 * DAY - 1).await;
    let ada = ada.sign_in(&app).await;
    let (all, _) = get_pages(&ada, 200, None).await;
    assert_eq!(all.len(), 3 + 2 + 1, "in its last second");
    let cursor = get_page(&ada, 3, None).await["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(get_pages(&ada, 3, Some(&cursor)).await.0, all[3..]);
    // The rows are still stored, because nothing deletes expired rows here.
    app.advance_clock(1).await;
    assert_eq!(get_pages(&ada, 200, None).await.0, all[..3]);
    // The cursor continues from its position and finds nothing.
    let rest = get_page(&ada, 200, Some(&cursor)).await;
    assert_eq!(rest, json!({"data": [], "next_cursor": null}));
    app.advance_clock_only(400 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let rest = get_page(&ada, 200, Some(&cursor)).await;
    assert_eq!(rest, json!({"data": [], "next_cursor": null}));
}

#[tokio::test]
async fn a_cursor_is_encrypted_and_bound_to_its_list() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    ada.sign_in(&app).await;
    let cursor = get_page(&ada, 1, None).await["next_cursor"].as_str().unwrap().to_owned();
    ada.get(&format!("/v1/me/activity?cursor={cursor}")).await.expect(200);
    let refused = async |person: &Person, path: &str, cursor: &str| {
        person.get(&format!("{path}?cursor={cursor}")).await.expect_error(400, "INVALID_CURSOR");
    };
    refused(&eve, "/v1/me/activity", &cursor).await;
    refused(&ada, "/v1/me/sessions", &cursor).await;
    let sessions = ada.get("/v1/me/sessions?limit=1").await.expect(200).json();
    refused(&ada, "/v1/me/activity", sessions["next_cursor"].as_str().unwrap()).await;
    let mut changed = cursor.clone();
    let last = if changed.pop() == Some('A') { 'B' } else { 'A' };
    changed.push(last);
    for bad in ["", "x", "seed.x", &changed, &cursor[..cursor.len() / 2], "%00"] {
        refused(&ada, "/v1/me/activity", bad).await;
    }
}

#[tokio::test]
async fn limit_is_a_number_from_1_to_200() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for bad in ["0", "201", "-1", "1.5", "abc", ""] {
        let reply = ada.get(&format!("/v1/me/activity?limit={bad}")).await;
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("limit"), "{bad}");
    }
    ada.get("/v1/me/activity?limit=200&unknown=x").await.expect(200);
}

/// The event that the cursor points at becomes a year old between two pages.
#[tokio::test]
async fn an_expired_cursor_ends_the_list() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let began = app.now().await;
    app.advance_clock_only(366 * 24 * 3600 - 100).await;
    let ada = ada.sign_in(&app).await;
    let mut path = "/v1/me/activity?limit=1".to_owned();
    loop {
        let page = ada.get(&path).await.expect(200).json();
        let cursor = page["next_cursor"].as_str().expect("older ones").to_owned();
        path = format!("/v1/me/activity?limit=1&cursor={cursor}");
        if page["data"][0]["timestamp"] == began {
            break;
        }
    }
    app.advance_clock(200).await;
    let page = ada.get(&path).await.expect(200).json();
    assert_eq!(page, json!({"data": [], "next_cursor": null}));
}
