//! The filters of `GET /v1/clients/{client_id}/activity`.

use serde_json::{Value, json};
use shared::activity::{Action, AuditEvent};
use shared::organizations::Role;
use tests::TestApp;
use tests::client_activity::{LargeLog, event_id, get_page, get_pages, log_path};

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
async fn filters_over_5000_entries_have_no_duplicates_or_gaps() {
    let LargeLog { app: _app, ada, client, people, entries } = LargeLog::start().await;
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
