//! What a call costs doesn't grow with the table.

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

/// What a call took: calls, read units, round trips.
async fn cost(visitor: &Visitor, path: &str) -> (u32, f64, u32) {
    let Cost { calls, trips, rcu, .. } = visitor.get(path).await.expect(200).cost();
    (calls, rcu, trips)
}

/// The calls that are made of a small and of a large table. Those that run side by side may happen not to
/// overlap, so of their trips the fewest of some tries count.
async fn costs(
    ada: &Person,
    client: &str,
    (project, file): (&ProjectId, &ArtifactId),
    bearer: &Visitor,
) -> Vec<(String, u32, f64, u32)> {
    // Every list that a person, a client or a key has belongs here.
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
            tries.push(cost(visitor, &path).await);
        }
        let (calls, rcu, _) = tries[0];
        assert!(tries.iter().all(|(c, r, _)| (*c, *r) == (calls, rcu)), "{path}: {tries:?}");
        let trips = tries.iter().map(|(_, _, trips)| *trips).min().unwrap();
        costs.push((path, calls, rcu, trips));
    }
    costs
}

/// As many entries of that moment, minus `age` seconds, in the logs of those clients.
fn entries(
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

/// A project of a client.
fn project(app: &TestApp, client: &str, number: usize) -> Value {
    let ctx = app.stack().context();
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &client.parse().unwrap());
    let name = Name::parse(&format!("Project {number}")).unwrap();
    row(&Project::new(id, name, None, ctx.now()))
}

/// That version of a file of a project. The first hundred paths are reports.
fn file(app: &TestApp, project: &ProjectId, path: usize, version: u32) -> Artifact {
    let ctx = app.stack().context();
    Artifact {
        id: ArtifactId::in_project(&*ctx.random, ctx.now(), project),
        path: FilePath::parse(&format!("data/{path:0>6}.csv")).unwrap(),
        kind: if path < 100 { ArtifactKind::Report } else { ArtifactKind::File },
        version,
        size: 4,
        content_type: ContentType::default(),
        sha256: Sha256::of(b"1234"),
        object: BlobKey::for_organization(&project.client(), &*ctx.random),
        created_at: ctx.now(),
        forks: 0,
        deleted_after_forks: None,
    }
}

/// A run of a project, of that moment minus `age` seconds.
fn run(app: &TestApp, project: &ProjectId, age: i64) -> Value {
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

/// A project of somebody else, and a file and a run in it.
fn project_of_another(app: &TestApp, client: &OrganizationId) -> [Value; 4] {
    let ctx = app.stack().context();
    let project = ProjectId::generate(&*ctx.random, ctx.now(), client);
    let (file, run) = (file(app, &project, 0, 1), run(app, &project, 0));
    [
        row(&VersionById(file.clone())),
        row(&VersionByNumber(file.clone())),
        row(&LatestVersion(file)),
        run,
    ]
}

/// As many rows as each list of a project's looks at for a page: a thousand where some don't count.
async fn first_page(app: &TestApp, bulk: &BulkWriter, project: &ProjectId) -> ArtifactId {
    let latest = (0..1_100).map(|path| row(&LatestVersion(file(app, project, path, 1))));
    let versions =
        (10_001..=11_100).map(|number| row(&VersionByNumber(file(app, project, 0, number))));
    let runs = (0..60).map(|_| run(app, project, 0));
    let one = file(app, project, 0, 11_101);
    bulk.put(latest.chain(versions).chain(runs).chain([row(&VersionById(one.clone()))]).collect())
        .await;
    one.id
}

/// More of each list, behind its first page.
async fn later_pages(app: &TestApp, bulk: &BulkWriter, project: &ProjectId, count: usize) {
    let latest = (1_100..).map(|path| row(&LatestVersion(file(app, project, path, 1))));
    let versions = (1..).map(|number| row(&VersionByNumber(file(app, project, 0, number))));
    let runs = (0..count).map(|_| run(app, project, 10));
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
    // Its first use is noted, which is a write.
    bearer.get("/v1/token").await.expect(200);
    let projects: Vec<_> = (0..40).map(|number| project(&app, &client, number)).collect();
    bulk.put(projects).await;
    // Of somebody else than the caller, so that a page looks up who did it.
    let (own, bob): (OrganizationId, UserId) = (client.parse().unwrap(), bob.id().await);
    app.advance_clock(1000).await;
    bulk.put(entries(&app, std::slice::from_ref(&own), &bob, 60, 0)).await;
    let churn: ProjectId = ada.create_project(&client, "Churn").await.parse().unwrap();
    let newest = first_page(&app, &bulk, &churn).await;
    for list in ["reports", "runs"] {
        let page = ada.get(&format!("/v1/projects/{churn}/{list}")).await.expect(200).json();
        assert_eq!(page["data"].as_array().unwrap().len(), 50, "{list}");
    }
    let small = costs(&ada, &client, (&churn, &newest), &bearer).await;
    let trips: Vec<_> = small.iter().map(|(_, _, _, trips)| *trips).collect();
    assert_eq!(trips, [1, 1, 2, 2, 1, 2, 1, 2, 1, 1, 3, 1, 2, 1, 2, 1, 2, 3, 1, 1, 2, 2, 1]);

    // Projects, files and runs of 500 other clients, more of the same client's, older entries of the same
    // log, logs of 500 other clients, and rows that lie beside people.
    let ctx = app.stack().context();
    let all = if bulk.is_dynamodb_local() { 20_000 } else { 100_000 };
    let others: Vec<_> = (0..500).map(|_| OrganizationId::generate(&*ctx.random)).collect();
    let theirs = |number: usize| project(&app, others[number % 500].as_str(), number);
    bulk.put((0..all / 20).map(theirs).collect()).await;
    let theirs = |number: usize| project_of_another(&app, &others[number % 500]);
    bulk.put((0..all / 40).flat_map(theirs).collect()).await;
    later_pages(&app, &bulk, &churn, all / 20).await;
    bulk.put(entries(&app, &[own], &bob, all / 5, 10)).await;
    bulk.put(entries(&app, &others, &bob, all * 3 / 5, 10)).await;
    let beside = |number: usize| json!({"pk": {"S": format!("THROTTLE#x#{number}")}, "sk": {"S": "META"}, "calls": {"N": "1"}});
    bulk.put((0..all / 5).map(beside).collect()).await;
    assert_eq!(costs(&ada, &client, (&churn, &newest), &bearer).await, small);
}
