//! `/account/activity` and `/account/organizations/{client_id}/activity`

use serde_json::json;
use tests::{PageVisitor, Team, TestApp};

const DAY: u64 = 24 * 60 * 60;

fn path(client: &str) -> String {
    format!("/account/organizations/{client}/activity")
}

#[tokio::test]
async fn events_are_sentences() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    let name = json!({"name": "Engines"});
    bob.patch(&format!("/v1/clients/{client}"), name).await.expect(200);
    let page = PageVisitor::signed_in(&app, &ada).open(&path(&client)).await.expect(200);
    let text =
        "Organization: bob@example.com renamed the organization from “Acme Corp” to “Engines”";
    assert!(page.texts("#log tbody tr")[0].starts_with(text), "{:?}", page.texts("#log tbody tr"));
    let own = PageVisitor::signed_in(&app, &bob).open(&path(&client)).await.expect(200);
    assert!(own.texts("#log tbody tr")[0].starts_with("Organization: You renamed"));
}

#[tokio::test]
async fn filters_stand_in_the_path() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.patch("/v1/me", json!({"timezone": "Asia/Tokyo"})).await.expect(200);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let all = browser.open("/account/activity").await.expect(200).texts("#log tbody tr");
    let filtered = browser.open("/account/activity?kind=account").await.expect(200);
    let rows = filtered.texts("#log tbody tr");
    assert!(!rows.is_empty() && rows.len() < all.len(), "{rows:?}");
    assert!(rows.iter().all(|row| row.starts_with("Account: ")), "{rows:?}");
    let chosen = filtered.attributes("#kind option[selected]", "value");
    assert_eq!(chosen, ["account"]);
    let none = browser.open("/account/activity?from=2001-01-01&to=2001-01-02").await.expect(200);
    assert_eq!(none.expect_text("Nothing matches").attributes("#from", "value"), ["2001-01-01"]);
    for wrong in ["kind=nothing", "from=yesterday", "from=2001-01-02&to=2001-01-01"] {
        browser.open(&format!("/account/activity?{wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn days_are_those_of_the_person_s_zone() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    app.advance_to_next(DAY).await;
    // 20 hours into a day of UTC it is the next day in Tokyo.
    app.advance_clock(20 * 60 * 60).await;
    ada.patch("/v1/me", json!({"timezone": "Asia/Tokyo"})).await.expect(200);
    let name = json!({"name": "Engines"});
    ada.patch(&format!("/v1/clients/{client}"), name).await.expect(200);
    let now = app.now().await;
    let day = |at: i64| jiff_day(at);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    for (day, renamed) in [(day(now), 0), (day(now + 86_400), 1)] {
        let query = format!("?kind=organization&from={day}&to={day}");
        let page = browser.open(&format!("{}{query}", path(&client))).await.expect(200);
        let rows = page.texts("#log tbody tr");
        let found = rows.iter().filter(|row| row.contains("renamed")).count();
        assert_eq!(found, renamed, "{day}: {rows:?}");
    }
}

/// Returns the day in UTC, as a filter names it.
fn jiff_day(at: i64) -> String {
    shared::clock::Timestamp::from_seconds(at).rfc3339()[..10].to_owned()
}

#[tokio::test]
async fn a_csv_file_is_offered_where_the_plan_has_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&path(&client)).await.expect(200);
    assert!(page.attributes("a[download]", "href").is_empty());
    app.set_plan(&client, "pro").await;
    let page = browser.open(&format!("{}?from=2001-01-01", path(&client))).await.expect(200);
    let csv = page.attributes("a[download]", "href").remove(0);
    assert_eq!(csv, format!("/v1/clients/{client}/activity.csv?from=978307200"));
    let file = browser.open(&csv).await.expect(200);
    assert!(file.reply.text.starts_with("\"id\",\"timestamp\","), "{}", file.reply.text);
}

#[tokio::test]
async fn long_logs_are_paged_with_their_filters() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    for number in 0..51 {
        let name = json!({"name": format!("Acme {number}")});
        ada.patch(&format!("/v1/clients/{client}"), name).await.expect(200);
    }
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&format!("{}?kind=organization", path(&client))).await.expect(200);
    assert_eq!(page.texts("#log tbody tr").len(), 50);
    let older = page.attributes("a[rel=next]", "href").remove(0);
    assert!(older.contains("kind=organization&cursor="), "{older}");
    let older = browser.open(&older).await.expect(200);
    // The oldest change of the name, and the creation.
    assert_eq!(older.texts("#log tbody tr").len(), 2);
}
