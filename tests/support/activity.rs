//! Entries of the activity logs.

use serde_json::Value;

use crate::TestApp;

/// Lists the event ids of a page.
pub fn event_ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap();
    data.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

/// Lists the key events with an action in the log of an organization.
pub async fn list_log_entries(app: &TestApp, client: &str, action: &str) -> Vec<Value> {
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}"), "").await;
    log.into_iter().filter(|entry| entry["action"]["S"] == action).collect()
}

/// Lists the token events with an action in the logs.
pub async fn list_user_log_entries(app: &TestApp, action: &str) -> Vec<Value> {
    let log = app.items("ACTIVITY#USER#", "").await;
    log.into_iter().filter(|entry| entry["action"]["S"] == action).collect()
}
