//! `GET /v1/clients`

use serde_json::json;
use shared::dynamo::Condition;
use shared::error::Error;
use tests::{World, keys};

#[tokio::test]
async fn the_default_client_is_listed() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    world.person("eve").await;
    let reply = ada.get("/v1/clients").await.expect(200);
    assert_eq!(reply.keys(), ["data", "next_cursor"]);
    let list = reply.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1, "one's own only");
    let client = &list["data"][0];
    assert_eq!(keys(client), ["created_at", "id", "is_default", "name", "plan", "role"]);
    assert!(client["id"].as_str().unwrap().starts_with("client_"));
    let expected = json!({
        "id": client["id"], "name": "ada", "role": "owner", "plan": "free", "is_default": true,
        "created_at": client["created_at"],
    });
    assert_eq!(client, &expected);
    assert_eq!(list["next_cursor"], json!(null));
}

/// A person with `count` clients besides the default one, made one after the other.
async fn with_clients(world: &World, who: &str, count: usize) -> tests::Person {
    use shared::accounts::Name;
    use shared::clients::{Client, Member, Role};
    use shared::clock::Timestamp;
    use shared::ids::ClientId;

    let person = world.person(who).await;
    let ctx = world.stack().context();
    let id = person.id().await;
    for number in 0..count {
        let since = Timestamp::from_seconds(ctx.now().seconds() + i64::try_from(number).unwrap());
        let name = Name::parse(&format!("Client {number}")).unwrap();
        let client = Client::new(ClientId::generate(&*ctx.random), name, &id, since);
        let client_id = client.id.clone();
        let member = Member { client_id, user_id: id.clone(), role: Role::Owner, joined_at: since };
        ctx.table.put(&client, Condition::Absent, Error::NotFound).await.unwrap();
        ctx.table.put(&member.listed(since), Condition::Absent, Error::NotFound).await.unwrap();
    }
    person
}

#[tokio::test]
async fn pages_are_in_order_with_nothing_twice_and_nothing_missed() {
    let world = World::start().await;
    let ada = with_clients(&world, "ada", 120).await;
    for limit in [1, 7, 50, 121, 200] {
        let (mut names, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let reply = ada.get(&format!("/v1/clients?limit={limit}{cursor}")).await.expect(200);
            let page = reply.json();
            let data = page["data"].as_array().unwrap().clone();
            assert!(data.len() <= limit);
            names.extend(data.iter().map(|client| client["name"].as_str().unwrap().to_owned()));
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let expected: Vec<_> = std::iter::once("ada".to_owned())
            .chain((0..120).map(|n| format!("Client {n}")))
            .collect();
        assert_eq!(names, expected, "limit {limit}");
        assert_eq!(pages, 121_usize.div_ceil(limit), "limit {limit}");
    }
    // Unless said otherwise, 50.
    let page = ada.get("/v1/clients").await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_cursor_is_sealed_and_bound_to_its_list() {
    let world = World::start().await;
    let (ada, eve) = (with_clients(&world, "ada", 2).await, with_clients(&world, "eve", 2).await);
    let page = ada.get("/v1/clients?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    ada.get(&format!("/v1/clients?cursor={cursor}")).await.expect(200);
    let theirs = eve.get(&format!("/v1/clients?cursor={cursor}")).await;
    theirs.expect_error(400, "INVALID_CURSOR");
    let mut changed = cursor.clone();
    let last = if changed.pop() == Some('A') { 'B' } else { 'A' };
    changed.push(last);
    for bad in ["", "x", "seed.x", &changed, &cursor[..cursor.len() / 2], "%00", "%ff"] {
        let reply = ada.get(&format!("/v1/clients?cursor={bad}")).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_limit_is_a_number_from_1_to_200() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    for bad in ["0", "201", "-1", "1.5", "x", "", "99999999999999999999"] {
        let reply = ada.get(&format!("/v1/clients?limit={bad}")).await;
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("limit"), "{bad}");
    }
    ada.get("/v1/clients?limit=1&limit=2").await.expect_error(400, "INVALID_FIELD");
    let twice = ada.get("/v1/clients?cursor=x&cursor=x").await;
    twice.expect_error(400, "INVALID_CURSOR");
    ada.get("/v1/clients?limit=200&unknown=x").await.expect(200);
}
