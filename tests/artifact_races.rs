//! Many who work with the same files at once.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{World, at_once};

/// Each does one thing after another.
const WRITERS: usize = 20;

fn number(version: &Value) -> u64 {
    version["version"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_upload_one_path_make_versions_without_gaps_or_doubles() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = ada.create_client("Acme").await;
    world.plan(&client, "pro").await;
    let project = ada.create_project(&client, "Churn").await;
    let (_, key) = ada.key(&client, "ci").await;
    let replies = at_once(WRITERS, |writer| {
        let at = world.visitor().with_bearer(&key);
        // Half of them have the same to say.
        let content = format!("{}", writer / 2);
        let body = tests::file(&client, Some(&project), "a", content.as_bytes());
        async move { at.post("/v1/artifacts", body).await }
    })
    .await;
    let mut numbers: Vec<_> =
        replies.iter().filter(|reply| reply.status == 200).map(|r| number(&r.json())).collect();
    for reply in &replies {
        assert!([200, 503].contains(&reply.status), "{} {}", reply.status, reply.text);
    }
    numbers.sort_unstable();
    let last = numbers.len() as u64;
    assert!(last > 0);
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>());
    world.files_are_in_step().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_lists_forks_and_deletions_at_once_leave_everything_in_step() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = ada.create_client("Acme").await;
    world.plan(&client, "pro").await;
    let project = ada.create_project(&client, "Churn").await;
    let (_, key) = ada.key(&client, "ci").await;
    for path in ["p0", "p1", "p2"] {
        ada.at.upload(&client, Some(&project), path, path.as_bytes()).await;
    }
    let at = world.visitor().with_bearer(&key);
    let uploaded = at_once(WRITERS, |writer| {
        let (at, client, project) = (at.clone(), client.clone(), project.clone());
        async move {
            let mut uploaded = Vec::new();
            let list = format!("/v1/artifacts?org_id={client}&project_id={project}&limit=3");
            for round in 0..4_usize {
                match (writer + round) % 4 {
                    0 | 1 => {
                        let (path, content) = (format!("p{}", writer % 3), format!("{round}"));
                        let body = tests::file(&client, Some(&project), &path, content.as_bytes());
                        let reply = at.post("/v1/artifacts", body).await;
                        assert!([200, 503].contains(&reply.status), "{}", reply.text);
                        if reply.status == 200 {
                            let version = reply.json();
                            uploaded.push((path, number(&version)));
                        }
                    }
                    2 => {
                        for file in at.all(&list).await {
                            let path = format!("/v1/artifacts/{}", file["id"].as_str().unwrap());
                            let reply = at.get(&path).await;
                            // It may have been deleted between the two.
                            assert!([200, 404].contains(&reply.status), "{}", reply.text);
                        }
                        let first = at.get(&list).await.expect(200).json()["data"][0]["id"].clone();
                        if let Some(id) = first.as_str() {
                            let reply = at.delete_file(id).await;
                            assert!([200, 404, 503].contains(&reply.status), "{}", reply.text);
                        }
                    }
                    _ => {
                        let path = format!("/v1/projects/{project}/fork");
                        let reply = at.post(&path, json!({})).await;
                        assert!([200, 503].contains(&reply.status), "{}", reply.text);
                    }
                }
            }
            uploaded
        }
    })
    .await;
    world.settled().await;
    let mut seen = BTreeSet::from(["p0", "p1", "p2"].map(|path| (path.to_owned(), 1)));
    for version in uploaded.into_iter().flatten() {
        assert!(seen.insert(version.clone()), "{version:?} twice");
    }
    for path in ["p0", "p1", "p2"] {
        let numbers: Vec<_> = seen.iter().filter(|(of, _)| of == path).map(|(_, n)| *n).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{path}");
    }
    world.files_are_in_step().await;
    // Whatever is listed, forks' files too, can be downloaded.
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
    world.nothing_else_is_kept().await;
}

/// Somebody uploads what somebody else deletes the last use of.
#[tokio::test(flavor = "multi_thread")]
async fn a_content_is_never_removed_too_early() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = ada.create_client("Acme").await;
    let (_, key) = ada.key(&client, "ci").await;
    let at = world.visitor().with_bearer(&key);
    for round in 0..6 {
        let first = at.upload(&client, None, "first", b"the same").await;
        let replies = at_once(6, |number| {
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
        world.settled().await;
        for reply in &replies[1..] {
            assert!([200, 503].contains(&reply.status), "{}", reply.text);
            if reply.status == 200 {
                let id = reply.json()["id"].as_str().unwrap().to_owned();
                assert_eq!(at.download(&id).await.1, b"the same");
                at.delete_file(&id).await;
            }
        }
        world.settled().await;
        world.files_are_in_step().await;
    }
    world.nothing_else_is_kept().await;
}
