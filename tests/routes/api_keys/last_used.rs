//! When the use of an API key is stored and logged.

use tests::activity::list_log_entries;
use tests::api_keys::list_keys;
use tests::costs::assert_cost;
use tests::time::HOUR;
use tests::{TestApp, assert_done_once, race, race_size};

#[tokio::test]
async fn verify_writes_key_use_is_stored_hourly_and_logged_daily() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    let script = app.visitor().with_bearer(&key);
    // The test starts in the first hour of a day so that it can count the hours of a day.
    let now = u64::try_from(app.now().await).unwrap();
    app.advance_clock_only(24 * HOUR - now % (24 * HOUR)).await;
    let ada = ada.sign_in(&app).await;
    let last_used = async || list_keys(&ada, &acme).await[0]["last_used_at"].clone();
    let mut uses = 0;
    for hour in 0..26 {
        let first = script.get("/v1/token").await.expect(200);
        assert_cost(&first, 2, 2);
        uses += if hour % 24 == 0 { 1 } else { 0 };
        let noted = app.now().await;
        app.advance_clock_only(HOUR - 1).await;
        let second = script.get("/v1/token").await.expect(200);
        assert_cost(&second, 1, 1);
        assert_eq!(second.cost().wcu, 0.0);
        assert_eq!(last_used().await, noted);
        assert_eq!(list_log_entries(&app, &acme, "key.used").await.len(), uses, "hour {hour}");
        app.advance_clock(1).await;
    }
    assert_eq!(uses, 2);
    let entry = &list_log_entries(&app, &acme, "key.used").await[0];
    assert_eq!(entry["target"]["S"], id.to_string());
    assert_eq!(entry["key"]["N"], id.to_string());
    assert!(entry.get("user_id").is_none());

    // Fifty requests make the first use of a day concurrently.
    app.advance_clock_only(24 * HOUR).await;
    let answers = race(race_size(), |_| {
        let script = script.clone();
        async move { script.get("/v1/token").await }
    })
    .await;
    assert!(answers.iter().all(|reply| reply.status == 200 || reply.has_timed_out()));
    app.wait_until_idle(&answers).await;
    assert_done_once(&answers, list_log_entries(&app, &acme, "key.used").await.len() - uses);
}
