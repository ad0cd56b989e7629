//! What a call costs doesn't grow with the table.

use serde_json::{Value, json};
use shared::accounts::Name;
use shared::activity::{Action, Entry};
use shared::clients::Role;
use shared::ids::{ClientId, ProjectId, UserId};
use shared::projects::Project;
use shared::requester::Requester;
use tests::{Person, Visitor, World, row};

/// What a call took: calls, read units, round trips.
async fn cost(visitor: &Visitor, path: &str) -> (String, String, u32) {
    let reply = visitor.get(path).await.expect(200);
    let cost = reply.header("x-local-dynamodb").unwrap();
    let value = |name: &str| {
        let value = cost.split(';').find_map(|part| part.strip_prefix(name)).unwrap();
        value.to_owned()
    };
    (value("calls="), value("rcu="), value("trips=").parse().unwrap())
}

/// The calls that are made of a small and of a large table. Those that run side by side may happen not to
/// overlap, so of their trips the fewest of some tries count.
async fn costs(ada: &Person, client: &str, bearer: &Visitor) -> Vec<(String, String, String, u32)> {
    // Every list that a person, a client or a key has belongs here.
    let calls = [
        (&ada.at, "/v1/me".to_owned()),
        (bearer, "/v1/me".to_owned()),
        (&ada.at, "/v1/clients".to_owned()),
        (bearer, "/v1/clients".to_owned()),
        (&ada.at, format!("/v1/clients/{client}")),
        (&ada.at, format!("/v1/clients/{client}/activity?limit=50")),
        (&ada.at, format!("/v1/clients/{client}/usage")),
        (&ada.at, "/v1/me/activity?limit=1".to_owned()),
        (&ada.at, "/v1/tokens".to_owned()),
        (bearer, "/v1/token".to_owned()),
        (&ada.at, "/v1/api-keys".to_owned()),
        (&ada.at, format!("/v1/clients/{client}/api-keys")),
        (&ada.at, format!("/v1/clients/{client}/members")),
        (&ada.at, format!("/v1/clients/{client}/invitations")),
        (&ada.at, "/v1/invitations".to_owned()),
        (&ada.at, format!("/v1/projects?org_id={client}")),
    ];
    let mut costs = Vec::new();
    for (visitor, path) in calls {
        let mut tries = Vec::new();
        for _ in 0..5 {
            tries.push(cost(visitor, &path).await);
        }
        let (calls, rcu, _) = tries[0].clone();
        assert!(tries.iter().all(|(c, r, _)| (c, r) == (&calls, &rcu)), "{path}: {tries:?}");
        let trips = tries.iter().map(|(_, _, trips)| *trips).min().unwrap();
        costs.push((path, calls, rcu, trips));
    }
    costs
}

/// As many entries of that moment, minus `age` seconds, in the logs of those clients.
fn entries(
    world: &World,
    clients: &[ClientId],
    user: &UserId,
    count: usize,
    age: i64,
) -> Vec<Value> {
    let ctx = world.stack().context();
    let requester = Requester::new("203.0.113.9".parse().unwrap(), "a browser");
    let entry = |number: usize| {
        let client = &clients[number % clients.len()];
        let action = Action::ClientRenamed;
        let mut entry = Entry::of_client(ctx, &requester, client, user, action, client);
        entry.at = shared::clock::Timestamp::from_seconds(ctx.now().seconds() - age);
        row(&entry)
    };
    (0..count).map(entry).collect()
}

/// A project of a client.
fn project(world: &World, client: &str, number: usize) -> Value {
    let ctx = world.stack().context();
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &client.parse().unwrap());
    let name = Name::parse(&format!("Project {number}")).unwrap();
    row(&Project::new(id, name, None, ctx.now()))
}

#[tokio::test]
async fn a_call_costs_the_same_with_100_000_rows() {
    let (world, bulk) = World::start_for_many_rows().await;
    let ada = world.person("ada").await;
    let bob = world.person("bob").await;
    let client = ada.create_client("Acme").await;
    world.join(&client, &bob, Role::Admin).await;
    let bearer = world.visitor().with_bearer(&world.token(&ada, |_| {}).await);
    ada.post(&format!("/v1/clients/{client}/api-keys"), json!({"name": "ci"})).await.expect(200);
    // Its first use is noted, which is a write.
    bearer.get("/v1/token").await.expect(200);
    let projects: Vec<_> = (0..40).map(|number| project(&world, &client, number)).collect();
    bulk.put(projects).await;
    // Of somebody else than the caller, so that a page looks up who did it.
    let (own, bob): (ClientId, UserId) = (client.parse().unwrap(), bob.id().await);
    world.advance(1000).await;
    bulk.put(entries(&world, std::slice::from_ref(&own), &bob, 60, 0)).await;
    let small = costs(&ada, &client, &bearer).await;
    let trips: Vec<_> = small.iter().map(|(_, _, _, trips)| *trips).collect();
    assert_eq!(trips, [1, 1, 2, 2, 1, 2, 1, 2, 1, 1, 3, 1, 2, 1, 2, 1]);

    // Projects of 500 other clients, older entries of the same log, logs of 500 other clients, and rows that lie beside people.
    let ctx = world.stack().context();
    let all = if bulk.is_slow() { 20_000 } else { 100_000 };
    let others: Vec<_> = (0..500).map(|_| ClientId::generate(&*ctx.random)).collect();
    let theirs = |number: usize| project(&world, others[number % 500].as_str(), number);
    bulk.put((0..all / 20).map(theirs).collect()).await;
    bulk.put(entries(&world, &[own], &bob, all / 5, 10)).await;
    bulk.put(entries(&world, &others, &bob, all * 3 / 5, 10)).await;
    let beside = |number: usize| json!({"pk": {"S": format!("THROTTLE#x#{number}")}, "sk": {"S": "META"}, "calls": {"N": "1"}});
    bulk.put((0..all / 5).map(beside).collect()).await;
    assert_eq!(costs(&ada, &client, &bearer).await, small);
}
