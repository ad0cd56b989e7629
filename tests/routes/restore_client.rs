//! Tests of `POST /v1/clients/{client_id}/restore`, and of the time in which a deleted organization waits.

use serde_json::{Value, json};
use shared::organizations::Role;
use shared::organizations::scheduled_deletion::{
    ORGANIZATION_GRACE_PERIOD, ScheduledDeletion, begin_sweep,
};
use tests::account_deletion::delete_account;
use tests::members::assert_memberships_consistent;
use tests::organizations::{
    begin_sweep_now, delete_organization, list_remaining_items, organization_id,
    restore_organization,
};
use tests::time::DAY;
use tests::{Person, Team, TestApp, race, race_size};

/// Lists the ids of a person's deleted organizations, with the times until which they can be restored.
async fn list_deleted(person: &Person) -> Vec<(Value, Value)> {
    let list = person.get("/v1/clients?deleted=true").await.expect(200).json();
    let entry = |entry: &Value| (entry["id"].clone(), entry["deletion_scheduled_at"].clone());
    list["data"].as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test]
async fn a_restored_organization_has_all_but_its_keys() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let project = ada.create_project(&client, "Churn").await;
    let key = ada.visitor_with_key(&app, &client).await;
    let path = format!("/v1/projects/{project}");
    key.get(&path).await.expect(200);
    let before = ada.get("/v1/clients").await.expect(200).json();
    assert!(list_deleted(&ada).await.is_empty());
    delete_organization(&ada, &client, "Acme Corp").await.expect(200);
    let due_at = app.now().await + 7 * 24 * 60 * 60;
    assert_eq!(list_deleted(&ada).await, [(json!(client), json!(due_at))]);
    for member in [&bob, &eve] {
        assert!(list_deleted(member).await.is_empty());
        member.get(&path).await.expect_error(404, "NOT_FOUND");
    }
    key.get(&path).await.expect_error(401, "invalid token");
    app.advance_clock(6 * DAY).await;
    ada.reauthenticate().await;
    let restored = restore_organization(&ada, &client).await.expect(200);
    assert_eq!(restored.calls_and_trips(), (2, 2));
    assert_eq!((&restored.json()["id"], &restored.json()["members"]), (&json!(client), &json!(3)));
    for member in [&ada, &bob, &eve] {
        member.get(&path).await.expect(200);
    }
    assert_eq!(ada.get("/v1/clients").await.expect(200).json(), before);
    assert!(list_deleted(&ada).await.is_empty());
    // A key may have been the reason for the deletion.
    key.get(&path).await.expect_error(401, "invalid token");
    ada.visitor_with_key(&app, &client).await.get(&path).await.expect(200);
    // Nothing is swept later.
    app.advance_clock(6 * DAY).await;
    ada.get(&path).await.expect(200);
    assert!(app.items("CLIENT-DELETION", "").await.is_empty());
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    assert_eq!(log.iter().filter(|entry| entry["action"]["S"] == "client.restored").count(), 1);
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn only_the_owner_restores_an_organization() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    // An organization that is not deleted stays as it is.
    restore_organization(&ada, &client).await.expect(200);
    for person in [&bob, &eve, &stranger] {
        restore_organization(person, &client).await.expect_error(403, "NO_ACCESS");
    }
    let token = app.visitor().with_bearer(&app.token(&ada, |_| {}).await);
    delete_organization(&ada, &client, "Acme Corp").await.expect(200);
    for person in [&bob, &eve, &stranger] {
        restore_organization(person, &client).await.expect_error(404, "NOT_FOUND");
    }
    let path = format!("/v1/clients/{client}/restore");
    token.post(&path, json!({})).await.expect_error(403, "SESSION_REQUIRED");
    app.visitor().post(&path, json!({})).await.expect_error(401, "missing session");
    ada.get("/v1/clients?deleted=maybe").await.expect_error(400, "INVALID_FIELD");
    app.advance_clock(60 * 60).await;
    restore_organization(&ada, &client).await.expect_error(401, "REAUTH_REQUIRED");
    ada.reauthenticate().await;
    restore_organization(&ada, &client).await.expect(200);
}

#[tokio::test]
async fn a_deleted_organization_is_swept_after_7_days() {
    let app = TestApp::start().await;
    let Team { owner: ada, client, .. } = Team::create(&app).await;
    delete_organization(&ada, &client, "Acme Corp").await.expect(200);
    app.advance_clock(7 * DAY - 60).await;
    app.wait_for_worker().await;
    assert!(list_remaining_items(&app, &client).await.len() > 5);
    app.advance_clock(60).await;
    let ada = ada.sign_in(&app).await;
    restore_organization(&ada, &client).await.expect_error(404, "NOT_FOUND");
    assert!(list_deleted(&ada).await.is_empty());
    app.advance_clock(60 * 60).await;
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    assert!(app.items("CLIENT-DELETION", "").await.is_empty());
    assert!(!app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await.is_empty());
}

#[tokio::test]
async fn all_members_are_mailed_of_a_deletion() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    delete_organization(&ada, &client, "Acme Corp").await.expect(200);
    app.wait_for_worker().await;
    for person in [&ada, &bob, &eve] {
        let mails = app.mails(&person.email).await;
        let mut found = mails.iter().filter(|mail| mail["subject"] == "Acme Corp was deleted");
        let text = found.next().expect(&person.email)["text"].as_str().unwrap().to_owned();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "Acme Corp was deleted by its owner.",
            " UTC IP address: 127.",
            "Its owner can restore it until",
        ] {
            assert!(words.contains(part), "{text}");
        }
        assert!(found.next().is_none());
    }
    let mails = app.mails(&stranger.email).await;
    assert!(mails.iter().all(|mail| mail["subject"] != "Acme Corp was deleted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_restorations_take_effect_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    delete_organization(&ada, &client, "Acme").await.expect(200);
    let mut replies = race(race_size(), |_| {
        let (ada, client) = (ada.clone(), client.clone());
        async move { restore_organization(&ada, &client).await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    replies.push(restore_organization(&ada, &client).await);
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 503)));
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    assert_eq!(log.iter().filter(|entry| entry["action"]["S"] == "client.restored").count(), 1);
    ada.get(&format!("/v1/clients/{client}")).await.expect(200);
}

/// The worker's clock may be ahead: it begins to sweep, or the owner restores, and never both.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_and_a_restoration_exclude_each_other() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for _ in 0..8 {
        let client = ada.create_client("Acme").await;
        delete_organization(&ada, &client, "Acme").await.expect(200);
        app.wait_for_worker().await;
        let (restored, ()) = tokio::join!(restore_organization(&ada, &client), async {
            // Fails if the restoration was faster.
            let ctx = app.stack().context().clone();
            let client = client.clone();
            let _ = tokio::spawn(async move { begin_sweep_now(&ctx, &client).await }).await;
        });
        app.wait_for_worker().await;
        let found = ada.get(&format!("/v1/clients/{client}")).await;
        if found.status == 200 {
            assert_eq!(restored.status, 200);
            continue;
        }
        found.expect_error(404, "NOT_FOUND");
        assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    }
}

/// A record that the restoration has deleted may have been read before.
#[tokio::test]
async fn a_late_sweep_spares_a_restored_organization() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    delete_organization(&ada, &client, "Acme").await.expect(200);
    let (client_id, ctx) = (organization_id(&client), app.stack().context());
    let due_at = ctx.now().plus(ORGANIZATION_GRACE_PERIOD);
    restore_organization(&ada, &client).await.expect(200);
    app.advance_clock(8 * DAY).await;
    begin_sweep(ctx, &ScheduledDeletion { client_id, due_at }).await.unwrap();
    app.wait_for_worker().await;
    ada.sign_in(&app).await.get(&format!("/v1/clients/{client}")).await.expect(200);
}

#[tokio::test]
async fn an_erased_member_is_gone_after_a_restoration() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.add_member(&client, &bob, Role::Member).await;
    delete_account(&bob).await;
    app.advance_clock(12 * DAY).await;
    let ada = ada.sign_in(&app).await;
    delete_organization(&ada, &client, "Acme").await.expect(200);
    app.advance_clock(3 * DAY).await;
    app.wait_for_worker().await;
    ada.reauthenticate().await;
    let restored = restore_organization(&ada, &client).await.expect(200).json();
    assert_eq!(restored["members"], 1);
    assert_memberships_consistent(&app).await;
}

/// The worker may have read the schedule of the first deletion before the organization was restored.
#[tokio::test]
async fn the_schedule_of_an_earlier_deletion_sweeps_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    delete_organization(&ada, &client, "Acme").await.expect(200);
    let ctx = app.stack().context();
    let due_at = ctx.now().plus(ORGANIZATION_GRACE_PERIOD);
    let earlier = ScheduledDeletion { client_id: organization_id(&client), due_at };
    app.advance_clock(6 * DAY).await;
    ada.reauthenticate().await;
    restore_organization(&ada, &client).await.expect(200);
    delete_organization(&ada, &client, "Acme").await.expect(200);
    app.advance_clock(2 * DAY).await;
    begin_sweep(ctx, &earlier).await.unwrap();
    ada.reauthenticate().await;
    restore_organization(&ada, &client).await.expect(200);
}
