//! Tests of `GET /v1/api-keys`.

use std::collections::BTreeSet;

use shared::clock::Timestamp;
use shared::ids::{OrganizationId, UserId};
use shared::keys as rows;
use shared::organizations::{Member, Organization, Role};
use shared::tokens::Token;
use shared::values::Name;
use tests::TestApp;
use tests::api_keys::build_key;
use tests::records::insert_record;

/// Inserts an organization of a user with `count` keys and returns the ids in list order.
async fn insert_organization_with_keys(
    app: &TestApp,
    user: &UserId,
    role: Role,
    count: u32,
) -> Vec<String> {
    let ctx = app.stack().context();
    let id = OrganizationId::generate(&*ctx.random);
    let name = Name::parse("One of many").unwrap();
    let now = ctx.now();
    insert_record(
        app,
        &Organization { keys_made: count, ..Organization::new(id.clone(), name, user, now) },
    )
    .await;
    let member = Member { client_id: id.clone(), user_id: user.clone(), role, joined_at: now };
    insert_record(app, &member.to_listing(now)).await;
    insert_record(app, &member).await;
    for number in 1..=count {
        let (key, _) = build_key(ctx, &id, number, "a key");
        let created_at = Timestamp::from_seconds(1_700_000_000);
        let revoked_at = number.is_multiple_of(3).then(|| ctx.now());
        insert_record(app, &Token { created_at, revoked_at, ..key }).await;
    }
    (1..=count).map(|number| format!("{id} {number:0>4}")).collect()
}

#[tokio::test]
async fn keys_of_two_hundred_organizations_are_paged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let eve = app.sign_up("eve").await;
    let user = ada.id().await;
    let mut expected = Vec::new();
    for number in 0..200 {
        let count = [0, 0, 1, 0, 3, 0, 2, 0][number % 8] + if number == 77 { 40 } else { 0 };
        let role = [Role::Owner, Role::Admin, Role::Member][number % 3];
        let keys = insert_organization_with_keys(&app, &user, role, count).await;
        if role != Role::Member {
            expected.extend(keys);
        }
    }
    expected.sort();
    for limit in [1_usize, 7, 50, 199, 200] {
        let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let reply = ada.get(&format!("/v1/api-keys?limit={limit}{cursor}")).await.expect(200);
            // The trips read the session and the memberships, up to 135 organizations, and up to
            // 200 keys with as many memberships, and who created the keys.
            assert!([2, 3, 4].contains(&reply.cost().trips), "{:?}", reply.cost());
            let page = reply.json();
            let data = page["data"].as_array().unwrap();
            assert!(data.len() <= limit);
            all.extend(data.iter().map(|key| {
                let (client, id) =
                    (key["client_id"].as_str().unwrap(), key["id"].as_u64().unwrap());
                assert_eq!(key["revoked_at"].is_null(), id % 3 != 0);
                assert_eq!(key["client_name"], "One of many");
                format!("{client} {id:0>4}")
            }));
            pages += 1;
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            if pages == 1 {
                eve.get(&format!("/v1/api-keys?{cursor}"))
                    .await
                    .expect_error(400, "INVALID_CURSOR");
                let elsewhere = ada.get(&format!("/v1/clients?{cursor}")).await;
                elsewhere.expect_error(400, "INVALID_CURSOR");
            }
        }
        assert_eq!(all, expected, "limit {limit}");
        assert_eq!(pages, expected.len().div_ceil(limit), "limit {limit}");
    }
    for bad in ["", "x", "seed.x"] {
        let reply = ada.get(&format!("/v1/api-keys?cursor={bad}")).await;
        reply.expect_error(400, "INVALID_CURSOR");
    }
    // The membership decides about access, even if the list row says otherwise.
    let clients: BTreeSet<_> =
        expected.iter().map(|key| key.split_once(' ').unwrap().0.to_owned()).collect();
    let left_organization = clients.first().unwrap();
    let table = &app.stack().context().table;
    table.delete(&rows::member(&left_organization.parse().unwrap(), &user)).await.unwrap();
    let remaining: Vec<_> =
        expected.iter().filter(|key| !key.starts_with(left_organization)).collect();
    let page = ada.get("/v1/api-keys?limit=200").await.expect(200).json();
    let first = &page["data"][0];
    assert_eq!(first["client_id"], remaining[0].split_once(' ').unwrap().0);
}
