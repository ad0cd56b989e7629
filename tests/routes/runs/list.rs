//! Tests of `GET /v1/projects/{project_id}/runs`.

use serde_json::Value;
use tests::TestApp;
use tests::runs::{create_person_with_project, insert_project, start_run};

#[tokio::test]
async fn runs_are_listed_newest_first_in_pages() {
    let app = TestApp::start().await;
    let (ada, client, project_id) = create_person_with_project(&app).await;
    let other = insert_project(&app, &client).await;
    start_run(&ada, &other, "manual").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(start_run(&ada, &project_id, "manual").await);
        app.advance_clock(1).await;
    }
    ids.reverse();
    let path = format!("/v1/projects/{project_id}/runs");
    let all = ada.get(&path).await.expect(200);
    assert_eq!(all.cost().trips, 1);
    let run_ids = |page: &Value| -> Vec<String> {
        let runs = page["data"].as_array().unwrap().iter();
        runs.map(|run| run["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(run_ids(&all.json()), ids);
    assert_eq!(all.json()["next_cursor"], Value::Null);
    let first = ada.get(&format!("{path}?limit=2")).await.expect(200).json();
    assert_eq!(run_ids(&first), ids[..2]);
    // Runs that start meanwhile do not shift the pages.
    start_run(&ada, &project_id, "manual").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("{path}?limit=3&cursor={cursor}")).await.expect(200).json();
    assert_eq!(run_ids(&second), ids[2..]);
    assert_eq!(second["next_cursor"], Value::Null);
    let elsewhere = format!("/v1/projects/{other}/runs?cursor={cursor}");
    ada.get(&elsewhere).await.expect_error(400, "INVALID_CURSOR");
}
