//! Tests of `GET /v1/clients/{client_id}/activity.csv`.

use serde_json::{Value, json};
use shared::activity::{Action, Actor, AuditEvent};
use shared::clock::Timestamp;
use shared::dynamo::Record;
use shared::organizations::Role;
use shared::requester::Requester;
use tests::{Person, TestApp, row};

/// The columns of the file in order.
const COLUMNS: [&str; 13] = [
    "id",
    "timestamp",
    "time",
    "action",
    "user_id",
    "user_email",
    "key_id",
    "key_name",
    "support",
    "target",
    "ip",
    "user_agent",
    "details",
];

/// Builds the path of the export.
fn csv_path(client: &str, query: &str) -> String {
    format!("/v1/clients/{client}/activity.csv?{query}")
}

/// Parses the rows after the header.
fn parse_rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap(), &COLUMNS[..]);
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

/// Creates an organization on the Pro plan.
async fn create_pro_organization(app: &TestApp, ada: &Person) -> String {
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    client
}

#[tokio::test]
async fn the_log_is_exported_as_csv() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_pro_organization(&app, &ada).await;
    app.add_member(&client, &bob, Role::Admin).await;
    app.advance_clock(60).await;
    let name = "A, \"B\" & Müller";
    bob.patch(&format!("/v1/clients/{client}"), json!({"name": name})).await.expect(200);
    let reply = ada.get(&csv_path(&client, "")).await.expect(200);
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"));
    let file = format!("attachment; filename=\"activity-{client}.csv\"");
    assert_eq!(reply.header("content-disposition"), Some(file.as_str()));
    assert_eq!(reply.header("x-truncated"), None);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.text.ends_with("\"\r\n"));
    assert_eq!(reply.text.matches('\n').count(), reply.text.matches("\r\n").count());
    let rows = parse_rows(&reply.text);
    assert_eq!(rows.len(), 3);
    let list = ada.get(&format!("/v1/clients/{client}/activity")).await.expect(200).json();
    let (newest, now) = (&list["data"][0], app.now().await);
    let bob_id = bob.id().await;
    let expected = [
        newest["id"].as_str().unwrap(),
        &now.to_string(),
        &Timestamp::from_seconds(now).rfc3339(),
        "client.renamed",
        bob_id.as_str(),
        "bob@example.com",
        "",
        "",
        "",
        &client,
        newest["ip"].as_str().unwrap(),
        "",
    ];
    assert_eq!(rows[0][..12], expected);
    let details: Value = serde_json::from_str(&rows[0][12]).unwrap();
    assert_eq!(details, json!({"before": "Acme", "after": name}));
    // The service itself changed the plan, so the event has no user.
    let plan = rows.iter().find(|row| row[3] == "client.plan_changed").unwrap();
    assert_eq!(plan[4..9], ["", "", "", "", ""]);
    // The export takes the same filters as the list.
    let one = ada.get(&csv_path(&client, &format!("user={}", bob.id().await))).await.expect(200);
    assert_eq!(parse_rows(&one.text), rows[..1]);
    let none = ada.get(&csv_path(&client, "from=0&to=1")).await.expect(200);
    assert_eq!(parse_rows(&none.text).len(), 0);
    let early = ada.get(&csv_path(&client, &format!("to={now}"))).await.expect(200);
    assert_eq!(parse_rows(&early.text).len(), 2);
    let month = ada.get(&csv_path(&client, "action=client.created")).await.expect(200);
    assert_eq!(parse_rows(&month.text)[0][3], "client.created");
    // The three trips read the authorization, the events of this month, and the users.
    assert_eq!(reply.calls_and_trips(), (3, 3));
}

#[tokio::test]
async fn plans_without_csv_export_get_402() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    for (plan, status) in [("free", 402), ("basic", 402), ("pro", 200), ("enterprise", 200)] {
        app.set_plan(&client, plan).await;
        let reply = ada.get(&csv_path(&client, "")).await.expect(status);
        if status == 402 {
            let refused = reply.expect_error(402, "PLAN_LIMIT");
            let message = refused.json()["detail"]["message"].as_str().unwrap().to_owned();
            assert!(message.contains(plan) && message.contains("CSV"), "{message}");
        }
    }
}

/// A spreadsheet that opens the file must not evaluate any cell.
#[tokio::test]
async fn csv_formula_names_and_user_agents_are_inert() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_pro_organization(&app, &ada).await;
    let names = [
        "=HYPERLINK(\"https://evil.example\",\"click\")",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "＝1＋1",
        "x;=1+1",
        "'=1",
    ];
    for name in names {
        // HTTP header values are ASCII and begin with no tab, and stored user agents have no
        // control characters.
        let agent = if name.is_ascii() { name } else { "=1" };
        let attacker = ada.visitor.clone().with_header("user-agent", agent);
        let body = json!({"name": name}).to_string().into_bytes();
        let body = Some(("application/json", body));
        let path = format!("/v1/clients/{client}");
        attacker.send(reqwest::Method::PATCH, &path, body).await.expect(200);
        app.advance_clock(1).await;
    }
    let csv = ada.get(&csv_path(&client, "action=client.renamed")).await.expect(200);
    let rows = parse_rows(&csv.text);
    assert_eq!(rows.len(), names.len());
    for (row, name) in rows.iter().rev().zip(names) {
        for cell in row {
            let first = cell.chars().next().unwrap_or('x');
            assert!(!"=+-@\t\r\n＝＋－＠".contains(first), "{cell}");
            assert!(!cell.contains(";="), "{cell}");
        }
        // No data is lost: JSON stays JSON, and only an apostrophe is added.
        let details: Value = serde_json::from_str(&row[12].replace(";'=", ";=")).unwrap();
        assert_eq!(details["after"], name);
        let agent = if name.is_ascii() { name } else { "=1" };
        let shown = if agent.starts_with('x') { row[11].clone() } else { row[11][1..].to_owned() };
        assert_eq!(shown.replace(";'=", ";="), agent);
    }
}

/// Inserts events with details of a given size, a second apart, and returns them newest first.
async fn insert_events(
    app: &TestApp,
    bulk: &tests::BulkWriter,
    client: &str,
    ada: &Person,
    (count, size): (i64, usize),
) -> Vec<String> {
    let ctx = app.stack().context();
    let requester = Requester::new("203.0.113.9".parse().unwrap(), "a \"browser\"");
    let (client, ada) = (client.parse().unwrap(), ada.id().await);
    let entries = (0..count).map(|age| {
        let (actor, action) = (Actor::from(&ada), Action::OrganizationRenamed);
        let entry = AuditEvent::for_organization(ctx, &requester, &client, actor, action);
        let mut entry = entry.with_detail("after", "\"".repeat(size));
        entry.at = Timestamp::from_seconds(ctx.now().seconds() - age);
        entry
    });
    let entries: Vec<_> = entries.collect();
    bulk.put(entries.iter().map(row).collect()).await;
    let ids = entries.iter().map(|entry| entry.key().sk.rsplit_once('#').unwrap().1.to_owned());
    ids.collect()
}

#[tokio::test]
async fn a_csv_file_has_at_most_ten_thousand_entries() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ada = app.sign_up("ada").await;
    let client = create_pro_organization(&app, &ada).await;
    app.advance_clock(40_000).await;
    let ids = insert_events(&app, &bulk, &client, &ada, (10_500, 0)).await;
    let reply = ada.get(&csv_path(&client, "")).await.expect(200);
    assert_eq!(reply.header("x-truncated"), Some("true"));
    let first = parse_rows(&reply.text);
    let shown: Vec<_> = first.iter().map(|row| row[0].clone()).collect();
    assert_eq!(shown, ids[..10_000]);
    // The next request continues from the time that the file ends with.
    let to = first[9_999][1].parse::<i64>().unwrap() + 1;
    let reply = ada.get(&csv_path(&client, &format!("to={to}"))).await.expect(200);
    assert_eq!(reply.header("x-truncated"), None);
    let rest = parse_rows(&reply.text);
    assert_eq!(rest[0][0], ids[9_999]);
    let rest: Vec<_> = rest[1..].iter().map(|row| row[0].clone()).collect();
    assert_eq!(rest[..500], ids[10_000..]);
    // The events of the creation and the plan follow.
    assert_eq!(rest.len(), 502);
    let filtered = ada.get(&csv_path(&client, "action=client.created")).await.expect(200);
    assert_eq!((parse_rows(&filtered.text).len(), filtered.header("x-truncated")), (1, None));
}

/// A row of quotes grows to six times its size, because it is escaped as JSON, as CSV and as JSON again.
#[tokio::test]
async fn a_csv_file_fits_into_a_response() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ada = app.sign_up("ada").await;
    let client = create_pro_organization(&app, &ada).await;
    app.advance_clock(1_000).await;
    let ids = insert_events(&app, &bulk, &client, &ada, (400, 5_000)).await;
    let reply = ada.get(&csv_path(&client, "")).await.expect(200);
    assert_eq!(reply.header("x-truncated"), Some("true"));
    let shown: Vec<_> = parse_rows(&reply.text).iter().map(|row| row[0].clone()).collect();
    assert_eq!(shown, ids[..shown.len()]);
    let on_the_way = serde_json::to_string(&reply.text).unwrap().len();
    assert!((5_000_000..6_000_000).contains(&on_the_way), "{on_the_way}");
}
