//! The text of a notification about a run.

use serde_json::json;
use shared::clock::Timestamp;
use shared::values::Timezone;
use tests::TestApp;
use tests::notifications::{create_project_fixture, run_mails, set_preferences, slack_messages_to};
use tests::runs::send_start;

#[tokio::test]
async fn times_are_shown_in_the_zone_of_the_recipient() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "email", "scheduled_runs": "slack"})).await;
    for zone in ["Asia/Kolkata", "America/New_York", ""] {
        ada.patch("/v1/me", json!({"timezone": zone})).await.expect(200);
        let body = json!({"kind": "scheduled", "name": "Nightly", "status": "failed"});
        send_start(&ada, &project, body).await.expect(200);
        let zone = Timezone::parse_optional(Some(zone)).unwrap().unwrap_or_default();
        let now = Timestamp::from_seconds(app.now().await).to_display(&zone);
        let mail = run_mails(&app, &ada).await.remove(0)["text"].as_str().unwrap().to_owned();
        assert!(mail.contains(&format!("\n    When: {now}\n")), "{mail}");
        let message = slack_messages_to(&app, &ada).await.remove(0);
        assert!(message.contains(&format!("Acme &amp; Sons, {now}\n")), "{message}");
    }
}

#[tokio::test]
async fn a_notification_has_the_outcome_and_a_settings_link() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let summary = "<!channel> 3 & more failed:\n<https://evil.example|click>";
    let body = json!({
        "kind": "scheduled", "name": "Nightly <tests>", "status": "failed", "summary": summary,
    });
    send_start(&ada, &project, body).await.expect(200);
    let mail = &run_mails(&app, &ada).await[0];
    assert_eq!(mail["subject"], "Run failed: Nightly <tests>");
    let (text, html) = (mail["text"].as_str().unwrap(), mail["html"].as_str().unwrap());
    let account = format!("{}/account", app.url());
    for part in [
        "Hello ada,",
        "In Acme & Sons, the scheduled run \"Nightly <tests>\" failed",
        "in the project \"Churn analysis\".",
        "    <!channel> 3 & more failed:\n    <https://evil.example|click>\n",
        &account,
    ] {
        assert!(
            text.replace(" \n", "\n").contains(part) || text.replace('\n', " ").contains(part),
            "{part}: {text}"
        );
    }
    assert!(html.contains("Nightly &#60;tests&#62;") && !html.contains("<tests>"), "{html}");
    assert!(!html.contains("<https://evil"), "{html}");
    let message = &slack_messages_to(&app, &ada).await[0];
    assert!(message.starts_with(
        "*Scheduled run failed:* Nightly &lt;tests&gt;\nChurn analysis, Acme &amp; Sons, "
    ));
    assert!(
        message.contains("\n> &lt;!channel&gt; 3 &amp; more failed:\n> &lt;https://evil"),
        "{message}"
    );
    assert!(
        message.ends_with(&format!("<{account}/notifications|Change your notification settings>")),
        "{message}"
    );
    assert_eq!(message.matches('<').count(), 1, "{message}");
}
