//! The activity log of an organization: its entries and its pages.

use std::time::Duration;

use serde_json::Value;
use shared::activity::{Action, Actor, AuditEvent};
use shared::clock::Timestamp;
use shared::dynamo::{Condition, Key, Record, Update};
use shared::ids::{OrganizationId, UserId};
use shared::keys as table_keys;
use shared::requester::Requester;

use crate::activity::event_ids;
use crate::time::DAY;
use crate::{Person, TestApp, row};

/// Builds an event in the log of an organization with a time in Unix seconds.
pub fn build_event(
    app: &TestApp,
    client: &str,
    actor: Actor,
    action: Action,
    at: i64,
) -> AuditEvent {
    let ctx = app.stack().context();
    let client: OrganizationId = client.parse().unwrap();
    let requester = Requester::new("203.0.113.9".parse().unwrap(), "a browser");
    let mut entry = AuditEvent::for_organization(ctx, &requester, &client, actor, action);
    entry.at = Timestamp::from_seconds(at);
    entry
}

/// Inserts events of the current time.
pub async fn insert_events(app: &TestApp, client: &str, user: &UserId, count: usize) {
    let ctx = app.stack().context();
    for _ in 0..count {
        let (actor, action) = (Actor::from(user), Action::KeyCreated);
        let entry = build_event(app, client, actor, action, ctx.now().seconds());
        assert!(ctx.table.put(&entry, Condition::Absent).await.unwrap());
    }
}

/// Builds the path of the log with a query.
pub fn log_path(client: &str, query: &str) -> String {
    format!("/v1/clients/{client}/activity?{query}")
}

/// Gets a page of the log.
pub async fn get_page(person: &Person, client: &str, query: &str) -> Value {
    person.get(&log_path(client, query)).await.expect(200).json()
}

/// Gets the ids on all pages from a cursor on, and the number of pages.
pub async fn get_pages(
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

/// Moves the creation of an organization into the past and inserts an event of that time.
pub async fn backdate_organization(app: &TestApp, client: &str, user: &UserId, seconds: u64) {
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

/// The activity log of an organization with 5,002 events. It was created 100 days ago, on the Pro plan.
pub struct LargeLog {
    /// The stack whose table has the log.
    pub app: TestApp,
    /// The owner of the organization, in a new session.
    pub ada: Person,
    /// The id of the organization.
    pub client: String,
    /// The users who act in the log.
    pub people: [UserId; 2],
    /// The events that were inserted, newest first.
    pub entries: Vec<AuditEvent>,
}

impl LargeLog {
    /// Starts a stack and writes the log.
    pub async fn start() -> Self {
        let (app, bulk) = TestApp::start_with_bulk_writer().await;
        let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
        let client = ada.create_client("Acme").await;
        app.set_plan(&client, "pro").await;
        let people = [ada.id().await, bob.id().await];
        app.advance_clock_only(100 * DAY).await;
        let ada = ada.sign_in(&app).await;
        remove_copied_sign_ins(&app).await;
        let entries = insert_5000_events(&app, &bulk, &client, &people).await;
        Self { app, ada, client, people, entries }
    }
}

/// Removes the sign-ins of members from all logs, so that a test knows all events.
async fn remove_copied_sign_ins(app: &TestApp) {
    app.wait_for_worker().await;
    for row in app.copied_events().await {
        let part = |name: &str| row[name]["S"].as_str().unwrap().to_owned();
        app.stack().context().table.delete(&Key::new(part("pk"), part("sk"))).await.unwrap();
    }
}

/// Inserts 5,000 events of three months and returns them newest first. Two users and a key act, and
/// every 50th event has a rare action. Some events share a second.
async fn insert_5000_events(
    app: &TestApp,
    bulk: &crate::BulkWriter,
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
pub fn event_id(entry: &AuditEvent) -> String {
    entry.key().sk.rsplit_once('#').unwrap().1.to_owned()
}
