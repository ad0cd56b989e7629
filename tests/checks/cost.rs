//! The cost of a call does not depend on the size of the table.

use reqwest::Method;
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
use tests::{BulkWriter, Cost, Person, TestApp, Visitor, file, row};

/// A call and its cost.
type CallCost = (String, Cost);

/// Returns the cost of a call that was tried several times. Concurrent calls of DynamoDB may happen not to overlap, so
/// the fewest round trips count.
fn common_cost(call: &str, tries: &[Cost]) -> Cost {
    let trips = tries.iter().map(|cost| cost.trips).min().unwrap();
    let costs: Vec<_> = tries.iter().map(|cost| Cost { trips, ..*cost }).collect();
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{call}: {tries:?}");
    costs[0]
}

/// An account whose writes are compared, with an organization and a project of its own.
struct Writer {
    person: Person,
    client: String,
    project: ProjectId,
    /// Sends an API key of the organization.
    key: Visitor,
}

impl Writer {
    async fn sign_up(app: &TestApp) -> Self {
        let person = app.sign_up("eve").await;
        let client = person.default_client().await;
        // The plan without limits.
        app.set_plan(&client, "enterprise").await;
        let project = person.create_project(&client, "Churn").await.parse().unwrap();
        let key = person.visitor_with_key(app, &client).await;
        let writer = Self { person, client, project, key };
        // The first use of a key, and the first row of a kind, may cost more.
        writer.write(0).await;
        writer
    }

    /// Sends each write once. `number` is in its names, so that it creates something new.
    async fn write(&self, number: usize) -> Vec<CallCost> {
        let Self { person, client, project, key } = self;
        let (client, project) = (client.as_str(), project.as_str());
        let organization = format!("/v1/clients/{client}");
        let name = format!("Number {number}");
        let guest = json!({"email": format!("guest-{number}@example.com"), "role": "member"});
        let upload = file(client, Some(project), &format!("{number}.csv"), name.as_bytes());
        let run = json!({"kind": "manual", "name": name});
        // The writes of a busy user or organization belong here.
        let calls = [
            (Method::PATCH, "/v1/me".to_owned(), json!({"company": name})),
            (Method::PUT, "/v1/me/notifications".to_owned(), json!({"usage_alerts": "none"})),
            (Method::POST, "/v1/tokens".to_owned(), json!({"token_name": name})),
            (Method::POST, format!("{organization}/api-keys"), json!({"name": name})),
            (Method::POST, format!("{organization}/invitations"), guest),
            (Method::POST, "/v1/projects".to_owned(), json!({"org_id": client, "name": name})),
            (Method::POST, format!("/v1/projects/{project}/runs"), run),
            (Method::POST, "/v1/artifacts".to_owned(), upload),
        ];
        let mut costs = Vec::new();
        for (method, path, body) in calls {
            let label = path.replace(client, "{client_id}").replace(project, "{project_id}");
            let call = format!("{method} {label}");
            let reply = person.visitor.send_json(method, &path, &body).await.expect(200);
            costs.push((call, reply.cost()));
        }
        let debit = key.spend_credits(client, &name, "0.001").await.expect(200);
        costs.push(("POST /v1/clients/{client_id}/usage (token)".to_owned(), debit.cost()));
        costs
    }

    /// Measures the writes in three tries, of which `first` is the number of the first one.
    async fn measure(&self, first: usize) -> Vec<CallCost> {
        let mut tries = Vec::new();
        for number in first..first + 3 {
            tries.push(self.write(number).await);
        }
        let calls = tries[0].iter().enumerate();
        let costs = calls.map(|(at, (call, _))| {
            let costs: Vec<_> = tries.iter().map(|costs| costs[at].1).collect();
            (call.clone(), common_cost(call, &costs))
        });
        costs.collect()
    }
}

/// Measures the reads that are compared between a small and a large table.
async fn measure_reads(
    ada: &Person,
    client: &str,
    (project, file): (&ProjectId, &ArtifactId),
    bearer: &Visitor,
) -> Vec<CallCost> {
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
            tries.push(visitor.get(&path).await.expect(200).cost());
        }
        let label = path.replace(client, "{client_id}").replace(project.as_str(), "{project_id}");
        let label = label.replace(file.as_str(), "{artifact_id}");
        let credential = if std::ptr::eq(visitor, bearer) { " (token)" } else { "" };
        let call = format!("GET {label}{credential}");
        let cost = common_cost(&call, &tries);
        costs.push((call, cost));
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
    let (app, bulk) = TestApp::start_in_mid_month_with_bulk_writer().await;
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
    let eve = Writer::sign_up(&app).await;
    let churn: ProjectId = ada.create_project(&client, "Churn").await.parse().unwrap();
    let newest = write_first_page(&app, &bulk, &churn).await;
    for list in ["reports", "runs"] {
        let page = ada.get(&format!("/v1/projects/{churn}/{list}")).await.expect(200).json();
        assert_eq!(page["data"].as_array().unwrap().len(), 50, "{list}");
    }
    let small = measure_reads(&ada, &client, (&churn, &newest), &bearer).await;
    let trips: Vec<_> = small.iter().map(|(_, cost)| cost.trips).collect();
    assert_eq!(trips, [1, 1, 2, 2, 1, 2, 1, 1, 1, 1, 3, 1, 2, 1, 2, 1, 2, 3, 1, 1, 2, 2, 1]);
    let small_writes = eve.measure(1).await;

    // Other organizations' projects, files, runs and logs; more rows of the same organizations; rows in neighboring
    // partitions.
    let ctx = app.stack().context();
    let all = if bulk.is_dynamodb_local() { 20_000 } else { 100_000 };
    let others: Vec<_> = (0..500).map(|_| OrganizationId::generate(&*ctx.random)).collect();
    let foreign_rows = |number: usize| project_row(&app, others[number % 500].as_str(), number);
    bulk.put((0..all / 20).map(foreign_rows).collect()).await;
    let foreign_rows = |number: usize| foreign_project_rows(&app, &others[number % 500]);
    bulk.put((0..all / 40).flat_map(foreign_rows).collect()).await;
    for project in [&churn, &eve.project] {
        write_later_pages(&app, &bulk, project, all / 40).await;
    }
    let own_rows = |number: usize| project_row(&app, &eve.client, number);
    bulk.put((0..all / 40).map(own_rows).collect()).await;
    let own = [own, eve.client.parse().unwrap()];
    bulk.put(audit_event_rows(&app, &own, &bob, all / 5, 10)).await;
    bulk.put(audit_event_rows(&app, &others, &bob, all * 3 / 5, 10)).await;
    let neighbor = |number: usize| {
        let pk = format!("THROTTLE#x#{number}");
        json!({"pk": {"S": pk}, "sk": {"S": "META"}, "calls": {"N": "1"}})
    };
    bulk.put((0..all / 5).map(neighbor).collect()).await;
    let large = measure_reads(&ada, &client, (&churn, &newest), &bearer).await;
    assert_eq!(large, small);
    let large_writes = eve.measure(4).await;
    assert_eq!(large_writes, small_writes);
    compare_with_file(&[large, large_writes].concat());
}

/// Compares the costs with `bench/growth.tsv`, which the results of the benchmark quote, or writes them there with
/// `UPDATE_UNITS`. DynamoDB Local reads other units.
fn compare_with_file(costs: &[CallCost]) {
    if tests::is_dynamodb_local() {
        return;
    }
    let mut table = String::from(
        "call\tcalls of DynamoDB with 100 and with 100,000 rows\tread units\twrite units\tround trips\n",
    );
    for (call, Cost { calls, trips, rcu, wcu }) in costs {
        table += &format!("{call}\t{calls}\t{rcu}\t{wcu}\t{trips}\n");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/growth.tsv");
    if std::env::vars().any(|(name, _)| name == "UPDATE_UNITS") {
        std::fs::write(path, table).unwrap();
        return;
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), table);
}
