//! Tests of `POST /v1/projects/{project_id}/fork`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::blobs::Sha256;
use tests::forks::{fork_project, list_files, project_id};
use tests::json::as_text;
use tests::projects::{assert_projects_consistent, list_projects};
use tests::{TestApp, count_successes, race};

#[tokio::test]
async fn a_fork_is_a_copy_independent_of_its_original() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let body = json!({"org_id": client, "name": "Churn model", "description": "Q3"});
    let original = project_id(&ada.post("/v1/projects", body).await.expect(200).json());
    let brief = |project: &str| format!("/v1/projects/{project}/brief");
    let put_brief = async |project: &str, content: &str| {
        let body = Some(("application/json", json!({"content": content}).to_string().into_bytes()));
        ada.visitor.send(reqwest::Method::PUT, &brief(project), body).await.expect(200)
    };
    put_brief(&original, "# Why?").await;
    ada.visitor.upload(&client, Some(&original), "a", b"1").await;
    let second = ada.visitor.upload(&client, Some(&original), "a", b"2").await;
    let mut report = tests::file(&client, Some(&original), "r", b"found");
    report["kind"] = "report".into();
    ada.post("/v1/artifacts", report).await.expect(200);
    let gone = ada.visitor.upload(&client, Some(&original), "gone", b"x").await;
    ada.visitor.delete_file(as_text(&gone["id"])).await.expect(200);

    let reply = fork_project(&ada.visitor, &original).await.expect(200);
    assert_eq!(reply.cost().trips, 3);
    let copy = reply.json();
    assert_eq!(
        tests::keys(&copy),
        [
            "created_at",
            "description",
            "forked_from_id",
            "id",
            "name",
            "org_id",
            "status",
            "updated_at",
        ]
    );
    assert_eq!(copy["name"], "Churn model (fork)");
    assert_eq!((&copy["forked_from_id"], &copy["status"]), (&json!(original), &json!("ready")));
    assert_eq!((&copy["description"], &copy["org_id"]), (&json!("Q3"), &json!(client)));
    let copy = project_id(&copy);
    assert_eq!(ada.get(&brief(&copy)).await.json()["content"], "# Why?");
    let sha = |content: &[u8]| Sha256::of(content).to_string();
    let entry = |kind: &str, content: &[u8]| (kind.to_owned(), sha(content), 1);
    let expected: BTreeMap<_, _> =
        [("a".to_owned(), entry("file", b"2")), ("r".to_owned(), entry("report", b"found"))].into();
    assert_eq!(list_files(&ada.visitor, &client, &copy).await, expected);
    // Each content is stored once.
    assert_eq!(app.items(&format!("CONTENT#{client}"), "").await.len(), 3);
    app.assert_files_consistent().await;

    // Changes of the one project do not affect the other.
    ada.visitor.upload(&client, Some(&original), "a", b"3").await;
    ada.visitor.upload(&client, Some(&original), "new", b"n").await;
    put_brief(&original, "other").await;
    assert_eq!(list_files(&ada.visitor, &client, &copy).await, expected);
    assert_eq!(ada.get(&brief(&copy)).await.json()["content"], "# Why?");
    ada.visitor.upload(&client, Some(&copy), "a", b"4").await;
    assert_eq!(
        list_files(&ada.visitor, &client, &original).await["a"],
        ("file".to_owned(), sha(b"3"), 3)
    );
    ada.delete(&format!("/v1/projects/{original}"), json!({})).await.expect(200);
    app.wait_for_worker().await;
    ada.visitor.upload(&client, Some(&copy), "b", b"5").await;
    for file in ada.visitor.all(&format!("/v1/artifacts?org_id={client}&limit=200")).await {
        ada.visitor.download(as_text(&file["id"])).await;
    }
    assert_eq!(ada.get(&format!("/v1/artifacts/{}", as_text(&second["id"]))).await.status, 404);
    app.assert_files_consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_forks_have_distinct_numbers() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    let project = ada.create_project(&client, "Churn").await;
    ada.visitor.upload(&client, Some(&project), "a", b"1").await;
    ada.create_project(&client, "churn (FORK 3)").await;
    let replies = race(12, |_| {
        let (visitor, project) = (ada.visitor.clone(), project.clone());
        async move { fork_project(&visitor, &project).await }
    })
    .await;
    assert!(replies.iter().all(|reply| [200, 503].contains(&reply.status)));
    app.wait_until_idle(&replies).await;
    // The names are read from the list, because a response may be lost.
    let mut names: Vec<_> = list_projects(&ada.visitor, &client)
        .await
        .iter()
        .map(|project| as_text(&project["name"]).to_owned())
        .filter(|name| name.starts_with("Churn (fork"))
        .collect();
    assert!(count_successes(&replies).contains(&names.len()));
    let answered: Vec<_> = replies
        .iter()
        .filter(|reply| reply.status == 200)
        .map(|reply| as_text(&reply.json()["name"]).to_owned())
        .collect();
    assert!(answered.iter().all(|name| names.contains(name)));
    assert_eq!(answered.iter().collect::<BTreeSet<_>>().len(), answered.len());
    let mut expected: Vec<_> = (1..=names.len() + 1)
        .filter(|number| *number != 3)
        .map(|n| if n == 1 { "Churn (fork)".to_owned() } else { format!("Churn (fork {n})") })
        .take(names.len())
        .collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    app.assert_files_consistent().await;
    assert_projects_consistent(&app).await;
}

#[tokio::test]
async fn a_fork_counts_as_a_project_and_is_idempotent() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let visitor = ada.visitor.clone().with_header("idempotency-key", "f1");
    let first = fork_project(&visitor, &project).await.expect(200);
    let again = fork_project(&visitor, &project).await.expect(200);
    assert_eq!(first.json(), again.json());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    fork_project(&ada.visitor, &project).await.expect(200);
    // The free plan has three projects.
    fork_project(&ada.visitor, &project).await.expect_error(402, "PLAN_LIMIT");
    assert_projects_consistent(&app).await;
    fork_project(&ada.visitor, "proj_x").await.expect_error(404, "NOT_FOUND");
}
