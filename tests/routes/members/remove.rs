//! Tests of removing a member and of leaving an organization.

use reqwest::Method;
use serde_json::json;
use shared::ids::OrganizationId;
use shared::organizations::Role;
use tests::activity::list_log_entries;
use tests::costs::assert_round_trips;
use tests::members::{
    assert_memberships_consistent, create_key_visitor, create_team, remove_member, sign_up_member,
};
use tests::statuses::count_statuses;
use tests::{Team, TestApp, assert_done_once, count_successes, race, race_size};

#[tokio::test]
async fn key_of_a_person_outlives_removal_but_their_tokens_do_not() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    let here = client.parse::<OrganizationId>().unwrap();
    let anywhere = app.visitor().with_bearer(&app.token(&bob, |_| {}).await);
    let confined = app.token(&bob, |token| token.client_id = Some(here)).await;
    let confined = app.visitor().with_bearer(&confined);
    let key = create_key_visitor(&app, &client, &bob).await;
    let the_client = format!("/v1/clients/{client}");
    for credential in [&bob.visitor, &anywhere, &confined, &key] {
        credential.get(&the_client).await.expect(200);
    }
    let reply = remove_member(&ada.visitor, &client, &bob.id().await).await.expect(200);
    assert_round_trips(&reply, 2);
    assert_eq!(reply.json(), json!({"deleted": true}));
    for credential in [&bob.visitor, &anywhere, &confined] {
        credential.get(&the_client).await.expect_error(403, "NO_ACCESS");
    }
    key.get(&the_client).await.expect(200);
    // The person's access to other organizations is unchanged.
    anywhere.get(&format!("/v1/clients/{}", bob.default_client().await)).await.expect(200);
    assert_eq!(bob.get("/v1/clients").await.json()["data"].as_array().unwrap().len(), 1);
    let log = list_log_entries(&app, &client, "member.removed").await;
    assert_eq!(log[0]["target"]["S"], bob.id().await.as_str());
    assert_eq!(log[0]["details"], json!({"M": {"role": {"S": "admin"}}}));
    remove_member(&ada.visitor, &client, &bob.id().await).await.expect_error(404, "NOT_FOUND");
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn anyone_but_the_owner_can_leave() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let leave = format!("/v1/clients/{client}/leave");
    let key = create_key_visitor(&app, &client, &bob).await;
    key.post(&leave, json!({})).await.expect_error(403, "SESSION_REQUIRED");
    let reply = ada.post(&leave, json!({})).await.expect_error(409, "OWNS_CLIENTS");
    assert_eq!(reply.json()["detail"]["clients"], json!([{"id": client, "name": "Acme Corp"}]));
    let reply = eve.visitor.send(Method::POST, &leave, None).await.expect(200);
    assert_round_trips(&reply, 2);
    assert_eq!(reply.json(), json!({"left": true}));
    // An admin can also remove themselves.
    remove_member(&bob.visitor, &client, &bob.id().await).await.expect(200);
    for gone in [&eve, &bob] {
        gone.post(&leave, json!({})).await.expect_error(403, "NO_ACCESS");
    }
    let log = list_log_entries(&app, &client, "member.left").await;
    assert_eq!(log.len(), 2);
    assert!(log.iter().all(|entry| entry["target"] == entry["user_id"]));
    assert_eq!(ada.get(&format!("/v1/clients/{client}")).await.json()["members"], 1);
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn last_owner_admins_removing_each_other_leave_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Admin).await;
    let ids = [bob.id().await, eve.id().await];
    let replies = race(race_size(), |number| {
        let who = if number % 2 == 0 { &bob } else { &eve }.visitor.clone();
        let (client, whom) = (client.clone(), ids[(number + 1) % 2].clone());
        async move { remove_member(&who, &client, &whom).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(count_successes(&replies).contains(&1), "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 403, 404, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_memberships_consistent(&app).await;
    let removed = list_log_entries(&app, &client, "member.removed").await.len();
    assert_done_once(&replies, removed);
    assert_eq!(ada.get(&format!("/v1/clients/{client}")).await.json()["members"], 3 - removed);
}
