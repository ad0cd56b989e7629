//! The pages and cursors of `GET /v1/clients/{client_id}/activity`.

use std::collections::BTreeSet;

use shared::organizations::Role;
use tests::TestApp;
use tests::activity::event_ids;
use tests::client_activity::{
    LargeLog, backdate_organization, event_id, get_page, get_pages, insert_events, log_path,
};
use tests::time::DAY;

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

#[tokio::test]
async fn pages_over_5000_entries_ignore_new_entries() {
    let LargeLog { app, ada, client, people, entries } = LargeLog::start().await;
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
    let costs = async |query: &str, calls: u32, max_trips: u32| {
        let reply = ada.get(&log_path(&client, query)).await.expect(200);
        let (made, trips) = reply.calls_and_trips();
        assert_eq!(made, calls, "{query}");
        assert!(trips <= max_trips, "{query}: {trips} trips");
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
    app.advance_clock_only(70 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let reply = ada.get(&log_path(&client, "")).await.expect(200);
    let (calls, trips) = reply.calls_and_trips();
    assert!((5..=6).contains(&calls) && trips <= 3, "{calls} calls, {trips} trips");
}
