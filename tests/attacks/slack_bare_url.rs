//! The texts of a run place no link in the Slack channel of those who are notified.

use serde_json::{Value, json};
use tests::TestApp;
use tests::notifications::{create_project_fixture, set_preferences, slack_messages};
use tests::runs::send_start;

/// Returns the texts of a message in which Slack creates links: a text without blocks, and blocks that are not
/// `verbatim`. <https://docs.slack.dev/reference/block-kit/composition-objects/text-object>
fn linkified_texts(message: &Value) -> Vec<Value> {
    let blocks = message["blocks"].as_array().unwrap();
    if blocks.is_empty() {
        return vec![message["text"].clone()];
    }
    let is_kept = |block: &&Value| {
        block["text"]["type"] == "plain_text" || block["text"]["verbatim"] == json!(true)
    };
    blocks
        .iter()
        .filter(|block| !is_kept(block))
        .map(|block| block["text"]["text"].clone())
        .collect()
}

#[tokio::test]
async fn slack_bare_url_of_a_run_is_no_link() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    let run = json!({
        "kind": "manual", "name": "see https://evil.example/name", "status": "failed",
        "summary": "log in again at https://evil.example/login or www.evil.example\n#general @here",
    });
    send_start(&ada, &project, run).await.expect(200);
    let messages = slack_messages(&app).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(linkified_texts(&messages[0]), Vec::<Value>::new(), "{}", messages[0]);
    assert_eq!(messages[0]["unfurl_links"], false);
    let blocks = messages[0]["blocks"].as_array().unwrap();
    let shown: Vec<_> =
        blocks.iter().map(|block| block["text"]["text"].as_str().unwrap()).collect();
    let shown = shown.join("\n");
    assert_eq!(shown, messages[0]["text"].as_str().unwrap());
    // The only link is ours.
    let account =
        format!("<{}/account/notifications|Change your notification settings>", app.url());
    assert_eq!(shown.matches('<').count(), 1, "{shown}");
    assert!(shown.ends_with(&account), "{shown}");
}

#[tokio::test]
async fn slack_bare_url_blocks_have_the_length_that_slack_accepts() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    for (number, summary) in
        ["&".repeat(2_000), "<\n".repeat(1_000), "&&&&&&&&&\n".repeat(200)].iter().enumerate()
    {
        let name = "&".repeat(90);
        let run = json!({"kind": "manual", "name": format!("{name}{number}"), "status": "failed", "summary": summary});
        send_start(&ada, &project, run).await.expect(200);
    }
    assert_eq!(slack_messages(&app).await.len(), 3);
}
