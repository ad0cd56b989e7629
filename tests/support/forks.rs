//! Requests about forks, and projects with many files.

use std::collections::BTreeMap;
use std::time::Duration;

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

use crate::json::as_text;
use crate::{FaultProxy, Person, Reply, TestApp, Visitor, row};

/// Forks a project.
pub async fn fork_project(visitor: &Visitor, project: &str) -> Reply {
    visitor.post(&format!("/v1/projects/{project}/fork"), json!({})).await
}

/// Gets a project.
pub async fn get_project(visitor: &Visitor, project: &str) -> Value {
    visitor.get(&format!("/v1/projects/{project}")).await.expect(200).json()
}

/// Lists the paths of a project with their kind, hash and version.
pub async fn list_files(
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
///
/// On a busy machine a call to the engine can time out. The worker repeats the batch after a pause,
/// for which [`TestApp::wait_for_worker`] does not wait.
pub async fn wait_until_copied(app: &TestApp, visitor: &Visitor, fork: &str) {
    for _ in 0..600 {
        app.wait_for_worker().await;
        if get_project(visitor, fork).await["status"] == "ready" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the copy is not complete");
}

/// Returns the id of a project.
pub fn project_id(project: &Value) -> String {
    project["id"].as_str().unwrap().to_owned()
}

/// Creates a project with files whose rows are inserted directly. Their contents are never read.
pub async fn create_large_project(
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
pub async fn insert_files(ctx: &Context, engine: &FaultProxy, project: &ProjectId, files: u32) {
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
                "size": {"N": "4"},
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
    let contents = i64::from(files.div_ceil(2));
    let storage = Update::new(keys::storage_usage(&client)).set("client_id", &client).unwrap();
    let storage = storage.add("bytes", 4 * contents).add("contents", contents);
    ctx.table.update::<Value>(storage).await.unwrap().unwrap();
    let count = Update::new(keys::project(project)).set("files", files).unwrap().add("version", 1);
    ctx.table.update::<Value>(count).await.unwrap().unwrap();
}

/// Builds the rows of a file.
pub fn build_rows(scope: &ArtifactScope, file: Artifact) -> [Value; 4] {
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
