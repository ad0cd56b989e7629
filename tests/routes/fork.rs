//! Tests of `POST /v1/projects/{project_id}/fork`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::artifacts::{
    Artifact, ArtifactKind, ContentType, FilePath, LatestVersion, PathVersions, VersionById,
    VersionByNumber,
};
use shared::blobs::{BlobKey, Sha256};
use shared::context::Context;
use shared::dynamo::Update;
use shared::ids::{ArtifactId, ProjectId};
use shared::keys;
use shared::values::ArtifactScope;
use tests::{Fault, FaultProxy, Person, Reply, TestApp, Visitor, count_successes, race, row};

/// An hour in seconds.
const HOUR: u64 = 60 * 60;

/// A day in seconds.
const DAY: u64 = 24 * HOUR;

/// Forks a project.
async fn fork_project(visitor: &Visitor, project: &str) -> Reply {
    visitor.post(&format!("/v1/projects/{project}/fork"), json!({})).await
}

/// Gets a project.
async fn get_project(visitor: &Visitor, project: &str) -> Value {
    visitor.get(&format!("/v1/projects/{project}")).await.expect(200).json()
}

/// Lists the paths of a project with their kind, hash and version.
async fn list_files(
    visitor: &Visitor,
    client: &str,
    project: &str,
) -> BTreeMap<String, (String, String, u64)> {
    let list = format!("/v1/artifacts?org_id={client}&project_id={project}&limit=200");
    let to_owned = |value: &Value| value.as_str().unwrap().to_owned();
    let file = |file: Value| {
        let version = file["version"].as_u64().unwrap();
        (to_owned(&file["path"]), (to_owned(&file["kind"]), to_owned(&file["sha256"]), version))
    };
    visitor.all(&list).await.into_iter().map(file).collect()
}

/// Waits until the copy of a fork is complete.
async fn wait_until_copied(app: &TestApp, visitor: &Visitor, fork: &str) {
    for _ in 0..100 {
        app.wait_for_worker().await;
        if get_project(visitor, fork).await["status"] == "ready" {
            return;
        }
    }
    panic!("the copy is not complete");
}

/// Returns the id of a project.
fn project_id(project: &Value) -> String {
    project["id"].as_str().unwrap().to_owned()
}

/// Returns the text of a JSON string.
fn as_text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Creates a project with files whose rows are inserted directly. Their contents are never read.
async fn create_large_project(
    app: &TestApp,
    engine: &FaultProxy,
    ada: &Person,
    files: u32,
) -> (String, String) {
    let ctx = app.stack().context();
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    let project = ada.create_project(&client, "Large").await;
    insert_files(ctx, engine, &project.parse().unwrap(), files).await;
    (client, project)
}

/// Inserts files into a project directly.
async fn insert_files(ctx: &Context, engine: &FaultProxy, project: &ProjectId, files: u32) {
    let (client, scope) = (project.organization(), ArtifactScope::Project(project.clone()));
    let mut rows = Vec::new();
    for number in 0..files {
        // Two files each have the same content.
        let content = (number / 2).to_be_bytes();
        let object = BlobKey::for_organization(&client, &*ctx.random);
        let file = Artifact {
            id: ArtifactId::in_project(&*ctx.random, ctx.now(), project),
            path: FilePath::parse(&format!("data/{number:0>5}.csv")).unwrap(),
            kind: if number % 100 == 0 { ArtifactKind::Report } else { ArtifactKind::File },
            version: 1,
            size: 4,
            content_type: ContentType::default(),
            sha256: Sha256::of(&content),
            object: object.clone(),
            created_at: ctx.now(),
            forks: 0,
            deleted_after_forks: None,
        };
        let uses = u64::from((files - number).min(2));
        if number % 2 == 0 {
            rows.push(json!({
                "pk": {"S": format!("CONTENT#{client}")}, "sk": {"S": file.sha256.to_string()},
                "client_id": {"S": client.to_string()}, "sha256": {"S": file.sha256.to_string()},
                "object": {"S": object.as_str()}, "uses": {"N": uses.to_string()},
            }));
            rows.extend(build_rows(&scope, file));
        } else {
            // The content is stored in the same object as that of the file before.
            let object = rows.iter().rev().find_map(|row: &Value| row["object"]["S"].as_str());
            let object = json!(object.unwrap());
            let object = serde_json::from_value(object).unwrap();
            rows.extend(build_rows(&scope, Artifact { object, ..file }));
        }
    }
    engine.bulk(&ctx.config.table_name).put(rows).await;
    let count = Update::new(keys::project(project)).set("files", files).unwrap().add("version", 1);
    ctx.table.update::<Value>(count).await.unwrap().unwrap();
}

/// Builds the rows of a file.
fn build_rows(scope: &ArtifactScope, file: Artifact) -> [Value; 4] {
    let (made, latest) = (file.version, Some(file.version));
    let scope = scope.clone();
    let versions = row(&PathVersions {
        scope,
        path: as_text(&row(&VersionByNumber(file.clone()))["sk"]["S"])
            .split('#')
            .nth(1)
            .unwrap()
            .to_owned(),
        made,
        latest,
        changes: 1,
    });
    [
        row(&VersionById(file.clone())),
        row(&VersionByNumber(file.clone())),
        row(&LatestVersion(file)),
        versions,
    ]
}

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
    let mut names: Vec<_> = crate::routes::projects::list_projects(&ada.visitor, &client)
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
    crate::routes::projects::assert_consistent(&app).await;
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
    crate::routes::projects::assert_consistent(&app).await;
    fork_project(&ada.visitor, "proj_x").await.expect_error(404, "NOT_FOUND");
}

/// The worker copies in steps while the original is changed.
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_files_are_forked_as_a_snapshot() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let ctx = app.stack().context();
    // DynamoDB Local would take minutes to copy all of them.
    let file_count =
        if engine.bulk(&ctx.config.table_name).is_dynamodb_local() { 600 } else { 5_000 };
    let (client, project) = create_large_project(&app, &engine, &ada, file_count).await;
    let before = list_files(&ada.visitor, &client, &project).await;
    assert_eq!(before.len(), file_count as usize);
    // The calls of the request and some of the copying succeed, and then all calls fail.
    engine.inject(Fault::Broken, 3 + 60, 1_000_000);
    let reply = fork_project(&ada.visitor, &project).await.expect(200);
    let copy = reply.json();
    assert_eq!(copy["status"], "copying");
    let copy = project_id(&copy);
    app.wait_for_worker().await;
    assert!(engine.clear_fault(), "the copying was stopped in the middle");
    assert_eq!(get_project(&ada.visitor, &copy).await["status"], "copying");
    // The fork cannot be changed meanwhile except for its name, but it can be read.
    let body = tests::file(&client, Some(&copy), "x", b"x");
    ada.post("/v1/artifacts", body).await.expect_error(409, "PROJECT_COPYING");
    fork_project(&ada.visitor, &copy).await.expect_error(409, "PROJECT_COPYING");
    let renamed = ada.patch(&format!("/v1/projects/{copy}"), json!({"name": "Mine"})).await;
    renamed.expect(200);
    let some = list_files(&ada.visitor, &client, &copy).await;
    assert!(some.len() < file_count as usize);
    // Uploads, changes and deletions in the original do not get into the fork.
    let list = format!("/v1/artifacts?org_id={client}&project_id={project}&limit=40");
    let listed = ada.get(&list).await.expect(200).json()["data"].as_array().unwrap().clone();
    for (number, file) in listed.iter().enumerate() {
        match number % 4 {
            0 => {
                ada.visitor
                    .upload(&client, Some(&project), as_text(&file["path"]), b"changed")
                    .await;
            }
            1 => {
                ada.visitor.delete_file(as_text(&file["id"])).await.expect(200);
            }
            2 => {
                // The file is uploaded again as another version and deleted.
                let path = as_text(&file["path"]);
                let more = ada.visitor.upload(&client, Some(&project), path, b"changed").await;
                ada.visitor.delete_file(as_text(&file["id"])).await.expect(200);
                ada.visitor.delete_file(as_text(&more["id"])).await.expect(200);
            }
            _ => {
                ada.visitor.upload(&client, Some(&project), &format!("new/{number}"), b"new").await;
            }
        }
    }
    let changed = list_files(&ada.visitor, &client, &project).await;
    assert!(changed.contains_key("new/3") && !changed.contains_key(as_text(&listed[1]["path"])));
    // The hourly run continues the copy.
    app.advance_clock(HOUR).await;
    wait_until_copied(&app, &ada.visitor, &copy).await;
    assert_eq!(list_files(&ada.visitor, &client, &copy).await, before);
    assert_eq!(list_files(&ada.visitor, &client, &project).await, changed);
    app.wait_for_worker().await;
    // The blobs that were kept only for the fork are deleted, and so are all job records.
    for sk in ["LEFTOVER#", "copy-project#", "delete-leftovers#"] {
        let rows = app.dump().await;
        assert!(!rows.iter().any(|row| as_text(&row["sk"]["S"]).starts_with(sk)), "{sk}");
    }
    app.assert_files_consistent().await;
    ada.visitor.upload(&client, Some(&copy), "x", b"x").await;
    let stored: Vec<_> = app.items("CLIENT#", &format!("PROJECT#{project}")).await;
    assert_eq!(stored[0]["copies"]["N"], "0");
}

/// The engine fails at each step of the copy in turn.
#[tokio::test]
async fn copying_resumes_after_a_fault_at_any_step() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let (client, project) = create_large_project(&app, &engine, &ada, 20).await;
    let before = list_files(&ada.visitor, &client, &project).await;
    // The copy of these files takes two transactions.
    let mut copied = 0;
    for fault in Fault::ALL {
        for step in (0..9).step_by(if matches!(fault, Fault::Broken) { 1 } else { 4 }) {
            // The session would have expired by now.
            let ada = ada.sign_in(&app).await;
            engine.inject(fault, 4 + step, 1_000);
            let reply = fork_project(&ada.visitor, &project).await;
            app.wait_for_worker().await;
            engine.clear_fault();
            if reply.status == 503 {
                // The request met the end of the previous sweep, and its retry met the fault.
                continue;
            }
            copied += 1;
            let copy = project_id(&reply.expect(200).json());
            app.advance_clock(DAY).await;
            wait_until_copied(&app, &ada.visitor, &copy).await;
            assert_eq!(
                list_files(&ada.visitor, &client, &copy).await,
                before,
                "{fault:?} at {step}"
            );
            ada.delete(&format!("/v1/projects/{copy}"), json!({})).await.expect(200);
            app.wait_for_worker().await;
        }
    }
    assert!(copied > 7, "only {copied} copies were stopped");
    app.assert_files_consistent().await;
}

/// If the original is deleted during the copy, the fork still gets all files. If the fork is
/// deleted, the sweep of the original does not wait forever.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_deleted_during_a_copy_is_swept_afterwards() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    for deleted in ["original", "fork", "both", "client"] {
        let (client, project) = create_large_project(&app, &engine, &ada, 120).await;
        let before = list_files(&ada.visitor, &client, &project).await;
        engine.inject(Fault::Broken, 3 + 7, 1_000_000);
        let copy = project_id(&fork_project(&ada.visitor, &project).await.expect(200).json());
        app.wait_for_worker().await;
        assert!(engine.clear_fault());
        assert_eq!(get_project(&ada.visitor, &copy).await["status"], "copying");
        let delete = async |project: &str| {
            ada.delete(&format!("/v1/projects/{project}"), json!({})).await.expect(200);
            app.wait_for_worker().await;
        };
        match deleted {
            "original" => delete(&project).await,
            "fork" => delete(&copy).await,
            "both" => {
                delete(&project).await;
                delete(&copy).await;
            }
            _ => {
                let path = format!("/v1/clients/{client}");
                ada.delete(&path, json!({"confirm": "Acme"})).await.expect(200);
                app.wait_for_worker().await;
            }
        }
        app.advance_clock(DAY).await;
        app.wait_for_worker().await;
        match deleted {
            "original" => {
                wait_until_copied(&app, &ada.visitor, &copy).await;
                assert_eq!(list_files(&ada.visitor, &client, &copy).await, before);
            }
            "fork" => assert_eq!(list_files(&ada.visitor, &client, &project).await, before),
            _ => {}
        }
        app.wait_for_worker().await;
        app.assert_files_consistent().await;
        assert_eq!(app.items("WORK", "").await, Vec::<Value>::new(), "{deleted}");
        let has_rows = |project: &str| {
            let pk = format!("PROJECT#{project}");
            let app = &app;
            async move { !app.items(&pk, "").await.is_empty() }
        };
        let expected = (deleted == "fork", deleted == "original");
        assert_eq!((has_rows(&project).await, has_rows(&copy).await), expected, "{deleted}");
        let path = format!("/v1/clients/{client}");
        ada.delete(&path, json!({"confirm": "Acme"})).await;
        app.wait_for_worker().await;
        assert_eq!(app.items("CONTENT#", "").await, Vec::<Value>::new());
    }
}
