//! `/account/notifications`

use serde_json::json;
use tests::notifications::{set_preferences, slack_messages_to, webhook_path};
use tests::{PASSWORD, PageVisitor, TestApp};

const PATH: &str = "/account/notifications";
const SLACK: &str = "/account/notifications/slack";
const TEST: &str = "/account/notifications/slack/test";
const REMOVE: &str = "/account/notifications/slack/remove";

#[tokio::test]
async fn channels_are_changed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    let rows = page.texts("#channels tbody strong");
    let documented =
        ["Test failures", "Scheduled run completion", "Usage alerts", "Billing alerts"];
    assert_eq!(rows, documented);
    let typed = [("test_failures", "none"), ("billing_alerts", "none")];
    let saved = browser.submit(&page, PATH, &typed).await.expect(200);
    let saved = saved.expect_text("Notifications changed");
    assert_eq!(saved.value(PATH, "billing_alerts"), "none");
    let preferences = ada.get("/v1/me/notifications").await.json();
    assert_eq!(preferences["test_failures"], json!("none"));
    assert_eq!(preferences["scheduled_runs"], json!("email"));
    browser.submit(&page, PATH, &[("usage_alerts", "slack")]).await.expect(400);
}

#[tokio::test]
async fn tabs_that_change_different_channels_undo_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    browser.submit(&page, PATH, &[("scheduled_runs", "none")]).await.expect(200);
    browser.submit(&page, PATH, &[("test_failures", "none")]).await.expect(200);
    let preferences = ada.get("/v1/me/notifications").await.json();
    assert_eq!(preferences["test_failures"], json!("none"));
    assert_eq!(preferences["scheduled_runs"], json!("none"));
}

#[tokio::test]
async fn a_channel_that_changed_elsewhere_is_shown() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    let late = browser.submit(&page, PATH, &[("test_failures", "none")]).await.expect(409);
    let late = late.expect_text("It is “slack” now, and you typed “none”");
    assert_eq!(late.value(PATH, "test_failures"), "none");
    browser.submit(&late, PATH, &[]).await.expect(200).expect_text("Notifications changed");
    let preferences = ada.get("/v1/me/notifications").await.json();
    assert_eq!(preferences["test_failures"], json!("none"));
}

#[tokio::test]
async fn slack_needs_a_webhook() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    // Without one it cannot be chosen, and the table says why.
    let reasons = page.texts("#channels td[data-label=Slack]");
    assert_eq!(reasons, ["Add a webhook below", "Add a webhook below", "Email only", "Email only"]);
    let refused = browser.submit(&page, PATH, &[("scheduled_runs", "slack")]).await.expect(400);
    assert_eq!(refused.value(PATH, "scheduled_runs"), "slack");
    refused.expect_text("Set a Slack webhook below first.");
}

#[tokio::test]
async fn a_webhook_is_set_tested_and_removed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    let wrong = [("slack_webhook_url", "https://example.com/hook")];
    let refused = browser.submit(&page, SLACK, &wrong).await.expect(400);
    // The URL is a secret.
    assert_eq!(refused.value(SLACK, "slack_webhook_url"), "");
    let refused = refused
        .expect_text("Paste an incoming webhook's URL, such as https://hooks.slack.com/services/…");
    let url = format!("https://hooks.slack.com{}", webhook_path(&ada));
    let saved = browser.submit(&refused, SLACK, &[("slack_webhook_url", &url)]).await.expect(200);
    assert!(!saved.reply.text.contains(&url));
    assert_eq!(saved.attributes("#channels input[value=slack]", "name").len(), 2);
    let tested = browser.submit(&saved, TEST, &[]).await.expect(200);
    tested.clone().expect_text("Slack has accepted the test message");
    assert_eq!(slack_messages_to(&app, &ada).await.len(), 1);
    let in_slack = browser.submit(&tested, PATH, &[("test_failures", "slack")]).await.expect(200);
    in_slack.expect_text("Notifications changed");
    let confirm = browser.open(REMOVE).await.expect(200);
    let removed = browser.submit(&confirm, REMOVE, &[]).await.expect(200);
    let removed = removed.expect_text("Slack webhook removed");
    assert_eq!(removed.value(PATH, "test_failures"), "email");
    browser.submit(&tested, TEST, &[]).await.expect(409);
    browser.open(REMOVE).await.expect(404);
}

#[tokio::test]
async fn a_new_webhook_needs_a_recent_proof() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    app.expire_proof().await;
    let page = browser.open(PATH).await.expect(200);
    let url = format!("https://hooks.slack.com{}", webhook_path(&ada));
    let prompt = browser.submit(&page, SLACK, &[("slack_webhook_url", &url)]).await.expect(401);
    let saved = browser.submit(&prompt, SLACK, &[("reauth_password", PASSWORD)]).await.expect(200);
    saved.expect_text("Slack webhook saved");
}
