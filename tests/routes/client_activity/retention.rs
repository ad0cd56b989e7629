//! How long the log keeps entries on each plan.

use shared::activity::{Action, Actor};
use shared::dynamo::Condition;
use tests::TestApp;
use tests::client_activity::{backdate_organization, build_event, event_id, get_pages};
use tests::time::DAY;

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
