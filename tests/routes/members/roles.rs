//! Tests of `PATCH /v1/clients/{client_id}/members/{user_id}`.

use serde_json::{Value, json};
use shared::organizations::Role;
use tests::activity::list_log_entries;
use tests::costs::assert_round_trips;
use tests::members::{
    assert_memberships_consistent, create_key_visitor, create_team, member_path, remove_member,
    sign_up_member,
};
use tests::statuses::count_statuses;
use tests::{Team, TestApp, assert_done_once, count_successes, race, race_size};

#[tokio::test]
async fn a_role_change_updates_both_rows_and_is_logged() {
    let app = TestApp::start().await;
    let Team { admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let eves = member_path(&client, eve.id().await.as_str());
    let admin = json!({"role": "admin"});
    let reply = bob.patch(&eves, admin.clone()).await.expect(200);
    // The admin's change is mailed to the owner, whose account is read first.
    assert_round_trips(&reply, 3);
    assert_eq!(
        reply.keys(),
        ["email", "joined_at", "name", "role", "status", "two_factor_enabled", "user_id"]
    );
    assert_eq!((&reply.json()["role"], &reply.json()["name"]), (&json!("admin"), &json!("eve")));
    assert_memberships_consistent(&app).await;
    let log = list_log_entries(&app, &client, "member.role_changed").await;
    let expected = json!({"M": {"before": {"S": "member"}, "after": {"S": "admin"}}});
    assert_eq!(log[0]["details"], expected);
    assert_eq!(log[0]["target"]["S"], eve.id().await.as_str());
    assert_eq!(log[0]["user_id"]["S"], bob.id().await.as_str());
    // The current role is not a change.
    bob.patch(&eves, admin.clone()).await.expect(200);
    assert_eq!(list_log_entries(&app, &client, "member.role_changed").await.len(), 1);
    // The new role applies at once, and an admin can demote themselves.
    eve.patch(&eves, json!({"role": "member"})).await.expect(200);
    eve.patch(&eves, admin).await.expect_error(403, "NO_ACCESS");
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn invalid_role_changes_are_refused() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    let before = app.dump().await.len();
    let adas = member_path(&client, ada.id().await.as_str());
    let member = json!({"role": "member"});
    bob.patch(&adas, member.clone()).await.expect_error(403, "NO_ACCESS");
    let reply = ada.patch(&adas, member.clone()).await.expect_error(409, "OWNS_CLIENTS");
    assert_eq!(reply.json()["detail"]["clients"], json!([{"id": client, "name": "Acme Corp"}]));
    let eves = member_path(&client, eve.id().await.as_str());
    for (body, code) in [
        (json!({"role": "owner"}), "INVALID_FIELD"),
        (json!({"role": "Admin"}), "INVALID_FIELD"),
        (json!({"role": 1}), "INVALID_FIELD"),
        (json!({"role": null}), "MISSING_ROLE"),
        (json!({}), "MISSING_ROLE"),
    ] {
        ada.patch(&eves, body).await.expect_error(400, code);
    }
    for (who, status) in [(&eve, 403), (&stranger, 403)] {
        who.patch(&eves, member.clone()).await.expect(status);
        remove_member(&who.visitor, &client, &bob.id().await).await.expect_error(403, "NO_ACCESS");
    }
    let key = create_key_visitor(&app, &client, &ada).await;
    remove_member(&key, &client, &eve.id().await).await.expect_error(403, "SESSION_REQUIRED");
    for nobody in [stranger.id().await.as_str(), "usr_x", "x%2Fy"] {
        ada.patch(&member_path(&client, nobody), member.clone())
            .await
            .expect_error(404, "NOT_FOUND");
    }
    remove_member(&ada.visitor, &client, &stranger.id().await).await.expect_error(404, "NOT_FOUND");
    remove_member(&bob.visitor, &client, &ada.id().await).await.expect_error(403, "NO_ACCESS");
    remove_member(&ada.visitor, &client, &ada.id().await).await.expect_error(409, "OWNS_CLIENTS");
    assert_eq!(
        app.dump().await.len(),
        before + 4,
        "the key, its log and the link of its mail, nothing else"
    );
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn last_owner_admins_demoting_each_other_leave_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Admin).await;
    let paths = [bob.id().await, eve.id().await].map(|id| member_path(&client, id.as_str()));
    for _ in 0..8 {
        let replies = race(10, |number| {
            let who = if number % 2 == 0 { &bob } else { &eve }.clone();
            let whom = paths[(number + 1) % 2].clone();
            async move { who.patch(&whom, json!({"role": "member"})).await }
        })
        .await;
        app.wait_until_idle(&replies).await;
        // One of them is still an admin, because a successful change takes the other's right to
        // make one.
        let members = ada.get(&format!("/v1/clients/{client}/members")).await.json();
        let is_admin = |member: &&Value| member["role"] == "admin";
        let admins = members["data"].as_array().unwrap().iter().filter(is_admin).count();
        assert_done_once(&replies, 2 - admins);
        assert_memberships_consistent(&app).await;
        for path in &paths {
            ada.patch(path, json!({"role": "admin"})).await.expect(200);
        }
    }
}

#[tokio::test]
async fn last_owner_concurrent_changes_to_a_member_stay_consistent() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let eves = eve.id().await;
    let replies = race(race_size(), |number| {
        let (ada, bob, eve) = (ada.clone(), bob.clone(), eve.clone());
        let (client, eves) = (client.clone(), eves.clone());
        async move {
            let role = |role: &str| json!({"role": role});
            let path = member_path(&client, eves.as_str());
            match number % 5 {
                0 => remove_member(&ada.visitor, &client, &eves).await,
                1 => remove_member(&bob.visitor, &client, &eves).await,
                2 => eve.post(&format!("/v1/clients/{client}/leave"), json!({})).await,
                3 => ada.patch(&path, role("admin")).await,
                _ => bob.patch(&path, role("member")).await,
            }
        }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(*count_successes(&replies).end() > 0, "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 403, 404, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_memberships_consistent(&app).await;
    let gone = list_log_entries(&app, &client, "member.removed").await.len()
        + list_log_entries(&app, &client, "member.left").await.len();
    let members = &ada.get(&format!("/v1/clients/{client}")).await.json()["members"];
    assert_eq!(members, &json!(3 - gone));
    assert!(gone <= 1);
}
