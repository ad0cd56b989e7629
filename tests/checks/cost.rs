//! The cost of a call does not depend on the size of the table.

use serde_json::{Value, json};
use shared::activity::{Action, AuditEvent};
use shared::artifacts::{
    Artifact, ArtifactKind, ContentType, FilePath, LatestVersion, VersionById, VersionByNumber,
};
use shared::blobs::{BlobKey, Sha256};
use shared::clock::Timestamp;
use shared::ids::{ArtifactId, OrganizationId, ProjectId, RunId, UserId};
use shared::organizations::Role;
use shared::projects::Project;
use shared::requester::Requester;
use shared::runs::{Run, RunKind, RunStatus};
use shared::values::Name;
use tests::{BulkWriter, Cost, Person, TestApp, Visitor, row};

/// Measures a GET request: calls, read units, round trips.
async fn measure(visitor: &Visitor, path: &str) -> (u32, f64, u32) {
    let Cost { calls, trips, rcu, .. } = visitor.get(path).await.expect(200).cost();
    (calls, rcu, trips)
}

/// Measures the calls that are compared between a small and a large table.
/// Concurrent reads may happen not to overlap, so the fewest round trips of several tries count.
async fn measure_all(
    ada: &Person,
    client: &str,
    (project, file): (&ProjectId, &ArtifactId),
    bearer: &Visitor,
) -> Vec<(String, u32, f64, u32)> {
    // Every list of a user, an organization or an API key belongs here.
    let calls = [
        (&ada.visitor, "/v1/me".to_owned()),
        (bearer, "/v1/me".to_owned()),
        (&ada.visitor, "/v1/clients".to_owned()),
        (bearer, "/v1/clients".to_owned()),
        (&ada.visitor, format!("/v1/clients/{client}")),
        (&ada.visitor, format!("/v1/clients/{client}/activity?limit=50")),
        (&ada.visitor, format!("/v1/clients/{client}/usage")),
        (&ada.visitor, "/v1/me/activity?limit=1".to_owned()),
        (&ada.visitor, "/v1/tokens".to_owned()),
        (bearer, "/v1/token".to_owned()),
        (&ada.visitor, "/v1/api-keys".to_owned()),
        (&ada.visitor, format!("/v1/clients/{client}/api-keys")),
        (&ada.visitor, format!("/v1/clients/{client}/members")),
        (&ada.visitor, format!("/v1/clients/{client}/invitations")),
        (&ada.visitor, "/v1/invitations".to_owned()),
        (&ada.visitor, format!("/v1/projects?org_id={client}")),
        (&ada.visitor, format!("/v1/artifacts?org_id={client}")),
        (&ada.visitor, format!("/v1/artifacts?org_id={client}&kind=report")),
        (&ada.visitor, format!("/v1/artifacts?org_id={client}&project_id={project}")),
        (&ada.visitor, format!("/v1/artifacts/{file}")),
        (&ada.visitor, format!("/v1/artifacts/{file}/versions")),
        (&ada.visitor, format!("/v1/projects/{project}/reports")),
        (&ada.visitor, format!("/v1/projects/{project}/runs")),
    ];
    let mut costs = Vec::new();
    for (visitor, path) in calls {
        let mut tries = Vec::new();
        for _ in 0..5 {
            tries.push(measure(visitor, &path).await);
        }
        let (calls, rcu, _) = tries[0];
        assert!(tries.iter().all(|(c, r, _)| (*c, *r) == (calls, rcu)), "{path}: {tries:?}");
        let trips = tries.iter().map(|(_, _, trips)| *trips).min().unwrap();
        let label = path.replace(client, "{client_id}").replace(project.as_str(), "{project_id}");
        let label = label.replace(file.as_str(), "{artifact_id}");
        let credential = if std::ptr::eq(visitor, bearer) { " (token)" } else { "" };
        costs.push((format!("GET {label}{credential}"), calls, rcu, trips));
    }
    costs
}

/// Makes audit events that are `age` seconds old, distributed over the logs of the organizations.
fn audit_event_rows(
    app: &TestApp,
    clients: &[OrganizationId],
    user: &UserId,
    count: usize,
    age: i64,
) -> Vec<Value> {
    let ctx = app.stack().context();
    let requester = Requester::new("203.0.113.9".parse().unwrap(), "a browser");
    let entry = |number: usize| {
        let client = &clients[number % clients.len()];
        let action = Action::OrganizationRenamed;
        let mut entry = AuditEvent::for_organization(ctx, &requester, client, user, action);
        entry.at = Timestamp::from_seconds(ctx.now().seconds() - age);
        row(&entry)
    };
    (0..count).map(entry).collect()
}

/// Makes a project row of an organization.
fn project_row(app: &TestApp, client: &str, number: usize) -> Value {
    let ctx = app.stack().context();
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &client.parse().unwrap());
    let name = Name::parse(&format!("Project {number}")).unwrap();
    row(&Project::new(id, name, None, ctx.now()))
}

/// Makes a version of a file in a project. The first hundred paths are reports.
fn file_version(app: &TestApp, project: &ProjectId, path: usize, version: u32) -> Artifact {
    let ctx = app.stack().context();
    Artifact {
        id: ArtifactId::in_project(&*ctx.random, ctx.now(), project),
        path: FilePath::parse(&format!("data/{path:0>6}.csv")).unwrap(),
        kind: if path < 100 { ArtifactKind::Report } else { ArtifactKind::File },
        version,
        size: 4,
        content_type: ContentType::default(),
        sha256: Sha256::of(b"1234"),
        object: BlobKey::for_organization(&project.organization(), &*ctx.random),
        created_at: ctx.now(),
        forks: 0,
        deleted_after_forks: None,
    }
}

/// Makes a run row of a project that is `age` seconds old.
fn run_row(app: &TestApp, project: &ProjectId, age: i64) -> Value {
    let ctx = app.stack().context();
    let began = Timestamp::from_seconds(ctx.now().seconds() - age);
    row(&Run {
        id: RunId::generate(&*ctx.random, began, project),
        kind: RunKind::Manual,
        name: Name::parse("Nightly tests").unwrap(),
        status: RunStatus::Running,
        summary: None,
        created_at: began,
        finished_at: None,
    })
}

/// Makes a file and a run in a project of another organization.
fn foreign_project_rows(app: &TestApp, client: &OrganizationId) -> [Value; 4] {
    let ctx = app.stack().context();
    let project = ProjectId::generate(&*ctx.random, ctx.now(), client);
    let (file, run) = (file_version(app, &project, 0, 1), run_row(app, &project, 0));
    [
        row(&VersionById(file.clone())),
        row(&VersionByNumber(file.clone())),
        row(&LatestVersion(file)),
        run,
    ]
}

/// Writes the first page of each list of a project: a thousand rows where some are filtered out.
async fn write_first_page(app: &TestApp, bulk: &BulkWriter, project: &ProjectId) -> ArtifactId {
    let latest = (0..1_100).map(|path| row(&LatestVersion(file_version(app, project, path, 1))));
    let versions = (10_001..=11_100)
        .map(|number| row(&VersionByNumber(file_version(app, project, 0, number))));
    let runs = (0..60).map(|_| run_row(app, project, 0));
    let one = file_version(app, project, 0, 11_101);
    bulk.put(latest.chain(versions).chain(runs).chain([row(&VersionById(one.clone()))]).collect())
        .await;
    one.id
}

/// Writes more rows of each list of a project, after the first page.
async fn write_later_pages(app: &TestApp, bulk: &BulkWriter, project: &ProjectId, count: usize) {
    let latest = (1_100..).map(|path| row(&LatestVersion(file_version(app, project, path, 1))));
    let versions = (1..).map(|number| row(&VersionByNumber(file_version(app, project, 0, number))));
    let runs = (0..count).map(|_| run_row(app, project, 10));
    bulk.put(latest.take(count).chain(versions.take(count)).chain(runs).collect()).await;
}

#[tokio::test]
async fn a_call_costs_the_same_with_100_000_rows() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ada = app.sign_up("ada").await;
    let bob = app.sign_up("bob").await;
    let client = ada.create_client("Acme").await;
    app.add_member(&client, &bob, Role::Admin).await;
    let bearer = app.visitor().with_bearer(&app.token(&ada, |_| {}).await);
    ada.post(&format!("/v1/clients/{client}/api-keys"), json!({"name": "ci"})).await.expect(200);
    // The first use of a token is recorded, which is a write.
    bearer.get("/v1/token").await.expect(200);
    let projects: Vec<_> = (0..40).map(|number| project_row(&app, &client, number)).collect();
    bulk.put(projects).await;
    // The events are another user's, so that a page looks up the actor.
    let (own, bob): (OrganizationId, UserId) = (client.parse().unwrap(), bob.id().await);
    app.advance_clock(1000).await;
    bulk.put(audit_event_rows(&app, std::slice::from_ref(&own), &bob, 60, 0)).await;
    let churn: ProjectId = ada.create_project(&client, "Churn").await.parse().unwrap();
    let newest = write_first_page(&app, &bulk, &churn).await;
    for list in ["reports", "runs"] {
        let page = ada.get(&format!("/v1/projects/{churn}/{list}")).await.expect(200).json();
        assert_eq!(page["data"].as_array().unwrap().len(), 50, "{list}");
    }
    let small = measure_all(&ada, &client, (&churn, &newest), &bearer).await;
    let trips: Vec<_> = small.iter().map(|(_, _, _, trips)| *trips).collect();
    assert_eq!(trips, [1, 1, 2, 2, 1, 2, 1, 2, 1, 1, 3, 1, 2, 1, 2, 1, 2, 3, 1, 1, 2, 2, 1]);

    // Other organizations' projects, files, runs and logs; more rows of the same organization; rows
    // in neighboring partitions.
    let ctx = app.stack().context();
    let all = if bulk.is_dynamodb_local() { 20_000 } else { 100_000 };
    let others: Vec<_> = (0..500).map(|_| OrganizationId::generate(&*ctx.random)).collect();
    let foreign_rows = |number: usize| project_row(&app, others[number % 500].as_str(), number);
    bulk.put((0..all / 20).map(foreign_rows).collect()).await;
    let foreign_rows = |number: usize| foreign_project_rows(&app, &others[number % 500]);
    bulk.put((0..all / 40).flat_map(foreign_rows).collect()).await;
    write_later_pages(&app, &bulk, &churn, all / 20).await;
    bulk.put(audit_event_rows(&app, &[own], &bob, all / 5, 10)).await;
    bulk.put(audit_event_rows(&app, &others, &bob, all * 3 / 5, 10)).await;
    let neighbor = |number: usize| json!({"pk": {"S": format!("THROTTLE#x#{number}")}, "sk": {"S": "META"}, "calls": {"N": "1"}});
    bulk.put((0..all / 5).map(neighbor).collect()).await;
    let large = measure_all(&ada, &client, (&churn, &newest), &bearer).await;
    assert_eq!(large, small);
    compare_with_file(&large);
}

/// Compares the costs with `bench/growth.tsv`, which the results of the benchmark quote, or writes them there with
/// `UPDATE_UNITS`. DynamoDB Local reads other units.
fn compare_with_file(costs: &[(String, u32, f64, u32)]) {
    if tests::is_dynamodb_local() {
        return;
    }
    let mut table = String::from(
        "call\tcalls of DynamoDB with 100 and with 100,000 rows\tread units\tround trips\n",
    );
    for (call, calls, rcu, trips) in costs {
        table += &format!("{call}\t{calls}\t{rcu}\t{trips}\n");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/growth.tsv");
    if std::env::vars().any(|(name, _)| name == "UPDATE_UNITS") {
        std::fs::write(path, table).unwrap();
        return;
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), table);
}
