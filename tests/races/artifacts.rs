//! Concurrent uploads, downloads, forks and deletions of the same files.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{TestApp, Visitor, count_successes, is_dynamodb_local, race, race_size};

/// Returns the number of concurrent writers; each sends several requests.
fn writer_count() -> usize {
    race_size().min(20)
}

/// Reads the version number of an artifact version.
fn version_number(version: &Value) -> u64 {
    version["version"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_uploads_of_a_path_get_consecutive_versions() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    let project = ada.create_project(&client, "Churn").await;
    let (_, key) = ada.key(&client, "ci").await;
    let replies = race(writer_count(), |writer| {
        let at = app.visitor().with_bearer(&key);
        // Every two writers upload the same content.
        let content = format!("{}", writer / 2);
        let body = tests::file(&client, Some(&project), "a", content.as_bytes());
        async move { at.post("/v1/artifacts", body).await }
    })
    .await;
    for reply in &replies {
        assert!([200, 503].contains(&reply.status), "{} {}", reply.status, reply.text);
    }
    app.wait_until_idle(&replies).await;
    // Stored versions count, because the response of an upload may be lost.
    let list = format!("/v1/artifacts?org_id={client}&project_id={project}");
    let mut numbers = Vec::new();
    for id in list_artifact_ids(&ada.visitor, &list).await {
        let versions = ada.visitor.all(&format!("/v1/artifacts/{id}/versions?limit=200")).await;
        numbers.extend(versions.iter().map(version_number));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert!(count_successes(&replies).contains(&numbers.len()));
    let mut answered = BTreeSet::new();
    for reply in replies.iter().filter(|reply| reply.status == 200) {
        let number = version_number(&reply.json());
        assert!(numbers.contains(&number) && answered.insert(number), "{number}");
    }
    app.assert_files_consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_file_operations_keep_the_table_consistent() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    let project = ada.create_project(&client, "Churn").await;
    let (_, key) = ada.key(&client, "ci").await;
    for path in ["p0", "p1", "p2"] {
        ada.visitor.upload(&client, Some(&project), path, path.as_bytes()).await;
    }
    let at = app.visitor().with_bearer(&key);
    // DynamoDB Local is too slow for more rounds.
    let rounds = if is_dynamodb_local() { 2 } else { 4 };
    let answers = race(writer_count(), |writer| {
        let (at, client, project) = (at.clone(), client.clone(), project.clone());
        async move {
            // Responses of the changes, each with the path of its upload.
            let mut answers = Vec::new();
            let list = format!("/v1/artifacts?org_id={client}&project_id={project}&limit=3");
            for round in 0..rounds {
                match (writer + round) % 4 {
                    0 | 1 => {
                        let (path, content) = (format!("p{}", writer % 3), format!("{round}"));
                        let body = tests::file(&client, Some(&project), &path, content.as_bytes());
                        let reply = at.post("/v1/artifacts", body).await;
                        assert!([200, 503].contains(&reply.status), "{}", reply.text);
                        answers.push((path, reply));
                    }
                    2 => {
                        for id in list_artifact_ids(&at, &list).await {
                            let reply = at.get(&format!("/v1/artifacts/{id}")).await;
                            // Another writer may have deleted it since it was listed.
                            let is_right = [200, 404].contains(&reply.status);
                            assert!(is_right || reply.has_timed_out(), "{}", reply.text);
                        }
                        if let Some(id) = list_artifact_ids(&at, &list).await.first() {
                            let reply = at.delete_file(id).await;
                            assert!([200, 404, 503].contains(&reply.status), "{}", reply.text);
                            answers.push((String::new(), reply));
                        }
                    }
                    _ => {
                        let path = format!("/v1/projects/{project}/fork");
                        let reply = at.post(&path, json!({})).await;
                        assert!([200, 503].contains(&reply.status), "{}", reply.text);
                        answers.push((String::new(), reply));
                    }
                }
            }
            answers
        }
    })
    .await;
    let answers = answers.concat();
    app.wait_until_idle(answers.iter().map(|(_, reply)| reply)).await;
    app.wait_for_worker().await;
    for path in ["p0", "p1", "p2"] {
        let mut numbers = BTreeSet::from([1]);
        let mut lost = 0;
        for (_, reply) in answers.iter().filter(|(of, _)| of == path) {
            if reply.status == 200 {
                let number = version_number(&reply.json());
                assert!(numbers.insert(number), "{path}: {number} twice");
            } else {
                lost += 1;
            }
        }
        // Each gap in the version numbers belongs to an upload whose response was lost.
        let missing = numbers.last().unwrap() - numbers.len() as u64;
        assert!(missing <= lost, "{path}: {numbers:?}");
    }
    app.assert_files_consistent().await;
    // Every listed file can be downloaded, those of forks too.
    let all = at.all(&format!("/v1/artifacts?org_id={client}&limit=200")).await;
    assert!(!all.is_empty());
    for file in &all {
        at.download(file["id"].as_str().unwrap()).await;
    }
    let names: Vec<_> = at
        .all(&format!("/v1/projects?org_id={client}&limit=50"))
        .await
        .iter()
        .map(|project| project["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    app.assert_no_orphaned_objects().await;
}

/// Lists artifact ids page by page, up to the first page that times out.
async fn list_artifact_ids(at: &Visitor, list: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = at.get(&format!("{list}{cursor}")).await;
        if page.has_timed_out() {
            return ids;
        }
        let page = page.expect(200).json();
        let files = page["data"].as_array().unwrap().iter();
        ids.extend(files.map(|file| file["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// One request deletes the last use of a content while others upload the same content.
#[tokio::test(flavor = "multi_thread")]
async fn a_content_in_use_is_never_removed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let (_, key) = ada.key(&client, "ci").await;
    let at = app.visitor().with_bearer(&key);
    for round in 0..6 {
        let first = at.upload(&client, None, "first", b"the same").await;
        let replies = race(6, |number| {
            let (at, first) = (at.clone(), first["id"].as_str().unwrap().to_owned());
            let body = tests::file(&client, None, &format!("{round} {number}"), b"the same");
            async move {
                if number == 0 {
                    at.delete_file(&first).await
                } else {
                    at.post("/v1/artifacts", body).await
                }
            }
        })
        .await;
        app.wait_until_idle(&replies).await;
        app.wait_for_worker().await;
        for reply in &replies[1..] {
            assert!([200, 503].contains(&reply.status), "{}", reply.text);
            if reply.status == 200 {
                let id = reply.json()["id"].as_str().unwrap().to_owned();
                assert_eq!(at.download(&id).await.1, b"the same");
                at.delete_file(&id).await;
            }
        }
        app.wait_for_worker().await;
        app.assert_files_consistent().await;
    }
    app.assert_no_orphaned_objects().await;
}
