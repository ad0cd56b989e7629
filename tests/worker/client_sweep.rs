//! Sweeping: nothing is left under a deleted client, nothing of anything else is gone, and whatever stops
//! it is made up for.

use serde_json::{Value, json};
use shared::activity::Log;
use shared::context::Context;
use shared::dynamo::{Key, Tx, Update};
use shared::error::{Error, Result};
use shared::ids::{OrganizationId, UserId};
use shared::keys;
use shared::organizations::{Member, Organization, Role, sweep};
use shared::values::EmailAddress;
use shared::work::{Job, JobRecord, complete_step};
use tests::{Fault, FaultProxy, Person, TestApp, race, row};

use crate::routes::delete_client::{
    delete_organization, insert_key, insert_member, list_remaining_items, organization_id,
};

const DAY: u64 = 24 * 60 * 60;

/// Sweeps the first part, as the worker does.
async fn sweep(ctx: &Context, client: &OrganizationId) -> Result<()> {
    let work = JobRecord { job: Job::SweepOrganization { client_id: client.clone() }, parts: 0 };
    let left = sweep::sweep(ctx, client).await?;
    complete_step(ctx, &work, left).await
}

/// Puts a row of any kind under a client.
fn put_row(tx: &mut Tx<'_>, client: &OrganizationId, sk: String, what: &str) {
    let row = Update::new(Key { pk: keys::organization(client).pk, sk }).set("what", what).unwrap();
    tx.update(row, Error::Conflict).unwrap();
}

/// An invitation by both its rows.
async fn invite(ctx: &Context, client: &OrganizationId, number: usize) {
    let email = EmailAddress::parse(&format!("guest{number}@example.com")).unwrap();
    let row = Key { pk: keys::organization(client).pk, sk: format!("INVITATION#inv_{number}") };
    let row = Update::new(row).set("email", &email).unwrap().set("client_id", client).unwrap();
    let mirror = Update::new(keys::invitee(&email, client)).set("client_id", client).unwrap();
    let mut tx = ctx.table.transaction();
    tx.update(row, Error::Conflict).unwrap();
    tx.update(mirror, Error::Conflict).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
}

/// A client with some of everything that can lie under one.
async fn full_client(app: &TestApp, owner: &Person) -> String {
    let client = owner.create_client("Acme").await;
    let (ctx, by) = (app.stack().context(), owner.id().await);
    for number in 0..3 {
        insert_member(ctx, &organization_id(&client)).await.unwrap();
        insert_key(ctx, &organization_id(&client), &by).await.unwrap();
        invite(ctx, &organization_id(&client), number).await;
    }
    let mut tx = ctx.table.transaction();
    for number in 0..3 {
        put_row(&mut tx, &organization_id(&client), format!("LATER#{number}"), "something else");
    }
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    client
}

/// Marks a client as its deletion does, and tells nobody.
async fn mark(ctx: &Context, client: &OrganizationId) {
    let mark = Update::new(keys::organization(client)).set("deleted_at", ctx.now()).unwrap();
    ctx.table.update::<Value>(mark.add("version", 1)).await.unwrap().unwrap();
}

/// Marks a client as its deletion does, the owner's listing included.
async fn mark_deleted(ctx: &Context, client: &OrganizationId) {
    let before: Organization = ctx.table.get(&keys::organization(client)).await.unwrap().unwrap();
    mark(ctx, client).await;
    let listing = keys::listed_client(&before.owner_id, before.created_at, client);
    ctx.table.delete(&listing).await.unwrap();
}

#[tokio::test]
async fn every_kind_of_row_goes_and_nothing_else() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (client, other) = (full_client(&app, &ada).await, full_client(&app, &ada).await);
    for client in [&client, &other] {
        app.add_member(client, &bob, Role::Member).await;
    }
    let ctx = app.stack().context();
    let all = list_remaining_items(&app, &client).await;
    // Itself and its owner's two rows; two of each of four members and three invitations; and the rest.
    assert_eq!(all.len(), 1 + 2 + 4 * 2 + 3 * 2 + 3 + 3, "the test makes some of everything");
    let of_others = async || {
        let mut others = app.durable_items().await;
        others.retain(|item| !item.to_string().contains(&client));
        others
    };
    let before = of_others().await;
    delete_organization(&ada, &client, "Acme").await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    assert_eq!(of_others().await, before);
    assert_eq!(app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await.len(), 2);
    assert!(app.items(keys::WORK, "").await.is_empty());
    // A client that isn't deleted isn't swept, whoever says so.
    sweep(ctx, &organization_id(&other)).await.unwrap();
    assert_eq!(of_others().await, before);
}

/// Rows under a client, some of them members, who have it listed.
fn rows(ctx: &Context, client: &OrganizationId, members: usize, others: usize) -> Vec<Value> {
    let member = |_| {
        let member = Member {
            client_id: client.clone(),
            user_id: UserId::generate(&*ctx.random),
            role: Role::Member,
            joined_at: ctx.now(),
        };
        [row(&member), row(&member.to_listing(member.joined_at))]
    };
    let pk = keys::organization(client).pk;
    let other = |number| {
        let kind = if number % 2 == 0 { "KEY" } else { "LATER" };
        json!({"pk": {"S": pk}, "sk": {"S": format!("{kind}#{number:0>10}")}, "what": {"S": "x"}})
    };
    (0..members).flat_map(member).chain((0..others).map(other)).collect()
}

/// However much lies under it, whoever deletes it doesn't wait; stopped in the middle, the hourly run goes on.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_are_swept_in_parts() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let ctx = app.stack().context();
    let bulk = engine.bulk(&ctx.config.table_name);
    // DynamoDB Local would take minutes to look through them again and again.
    let others = if bulk.is_dynamodb_local() { 1_000 } else { 9_000 };
    bulk.put(rows(ctx, &organization_id(&client), 1_000, others)).await;
    // What the deletion itself takes, and then some of the sweep.
    engine.inject(Fault::Broken, 2 + 50, 100_000);
    let reply = delete_organization(&ada, &client, "Acme").await.expect(200);
    assert_eq!(reply.calls_and_trips(), (2, 2));
    app.wait_for_worker().await;
    assert!(engine.clear_fault());
    let rows = list_remaining_items(&app, &client).await;
    // Members go first.
    let of = |kind: &str| {
        let starts = |row: &&Value| row["sk"]["S"].as_str().unwrap().starts_with(kind);
        rows.iter().filter(starts).count()
    };
    assert!((1..1_000).contains(&of("MEMBER#")), "stopped in the middle: {}", of("MEMBER#"));
    assert_eq!((of("KEY#"), of("LATER#")), (others / 2, others / 2));
    assert!(rows.iter().any(|row| row["pk"]["S"] == keys::WORK));
    app.advance_clock(DAY).await;
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    let dead = app.visitor().get("/local/dead-letters").await.expect(200);
    assert_eq!(dead.json(), json!({"data": []}));
}

/// The engine fails for good at each step of a sweep in turn.
#[tokio::test]
async fn whatever_stops_it_the_next_run_finishes_it() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    for fault in Fault::ALL {
        for step in 0.. {
            let client = full_client(&app, &ada).await;
            mark_deleted(ctx, &organization_id(&client)).await;
            engine.inject(fault, step, 1_000);
            let result = sweep(ctx, &organization_id(&client)).await;
            let struck = engine.clear_fault();
            if struck {
                let error = result.expect_err("the engine was down");
                assert!(matches!(error, Error::Unavailable(_)), "{error:?} at {step}");
                sweep(ctx, &organization_id(&client)).await.unwrap();
            }
            let left = list_remaining_items(&app, &client).await;
            assert_eq!(left, Vec::<Value>::new(), "{fault:?} at step {step}");
            if !struck {
                assert!(step > 7, "a sweep takes more than {step} calls");
                break;
            }
        }
    }
}

/// The event comes, and the table is down; nothing else tells of the sweep before the hourly run.
#[tokio::test]
async fn a_missed_event_is_made_up_for_by_the_hourly_run() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    for step in 0..8 {
        let client = full_client(&app, &ada).await;
        engine.inject(Fault::Broken, 2 + step, 1_000);
        delete_organization(&ada, &client, "Acme").await.expect(200);
        app.wait_for_worker().await;
        assert!(engine.clear_fault());
        assert!(!list_remaining_items(&app, &client).await.is_empty());
        ada.get(&format!("/v1/clients/{client}")).await.expect_error(404, "NOT_FOUND");
        app.advance_clock(DAY).await;
        assert_eq!(
            list_remaining_items(&app, &client).await,
            Vec::<Value>::new(),
            "at step {step}"
        );
    }
}

/// Whoever sweeps a part and comes late to say so doesn't bring the note back that another has ended.
#[tokio::test]
async fn a_note_that_is_gone_stays_gone() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let client = ada.create_client("Acme").await;
    mark_deleted(ctx, &organization_id(&client)).await;
    // More than one part.
    engine.bulk(&ctx.config.table_name).put(rows(ctx, &organization_id(&client), 0, 700)).await;
    sweep(ctx, &organization_id(&client)).await.unwrap();
    assert!(app.items(keys::WORK, "").await.is_empty());
    assert!(list_remaining_items(&app, &client).await.len() > 100);
    sweep(ctx, &organization_id(&client)).await.unwrap();
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_who_sweep_at_once_do_it_once() {
    let app = TestApp::start().await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let client = full_client(&app, &ada).await;
    mark_deleted(ctx, &organization_id(&client)).await;
    race(8, |_| {
        let (ctx, sweeping) = (ctx.clone(), organization_id(&client));
        async move { sweep(&ctx, &sweeping).await.unwrap() }
    })
    .await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
}

/// Somebody joins behind the sweep's last look, by code that forgets to see whether the client is deleted.
#[tokio::test]
async fn a_straggler_is_swept_and_none_comes_after_the_end() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let client = ada.create_client("Acme").await;
    mark_deleted(ctx, &organization_id(&client)).await;
    sweep_but_the_end(ctx, &client, &engine).await;
    // The client; its members; what else there is; the end.
    let held = engine.hold_call(3);
    let task = tokio::spawn({
        let (ctx, sweeping) = (ctx.clone(), organization_id(&client));
        async move { sweep(&ctx, &sweeping).await }
    });
    held.reached().await;
    insert_member(ctx, &organization_id(&client)).await.unwrap();
    held.release();
    task.await.unwrap().unwrap();
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    assert!(matches!(insert_member(ctx, &organization_id(&client)).await, Err(Error::NotFound)));
}

/// Leaves of a client its own row alone.
async fn sweep_but_the_end(ctx: &Context, client: &str, engine: &FaultProxy) {
    // The client; its members, one batch of them; what else there is; the end.
    engine.inject(Fault::Broken, 4, 1_000);
    sweep(ctx, &organization_id(client)).await.unwrap_err();
    assert!(engine.clear_fault());
}

/// A row that can't be read keeps its client from being swept, and nothing else from anything.
#[tokio::test]
async fn a_sweep_that_fails_holds_up_no_mail_and_no_other_sweep() {
    let app = TestApp::start().await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let (bad, good) = (full_client(&app, &ada).await, full_client(&app, &ada).await);
    let broken =
        Key { pk: keys::organization(&organization_id(&bad)).pk, sk: "MEMBER#x".to_owned() };
    ctx.table.update::<Value>(Update::new(broken.clone()).add("x", 1)).await.unwrap();
    delete_organization(&ada, &bad, "Acme").await.expect(200);
    // Registers, and gets the code by mail, whatever is before it in the stream.
    app.sign_up("bob").await;
    delete_organization(&ada, &good, "Acme").await.expect(200);
    app.wait_for_worker().await;
    assert!(list_remaining_items(&app, &good).await.is_empty());
    let dead = app.visitor().get("/local/dead-letters").await.expect(200);
    assert_eq!(dead.json(), json!({"data": []}));
    app.advance_clock(DAY).await;
    app.sign_up("eve").await;
    assert!(!list_remaining_items(&app, &bad).await.is_empty());
    // When that is put right, so is the sweep.
    ctx.table.delete(&broken).await.unwrap();
    app.advance_clock(DAY).await;
    assert!(list_remaining_items(&app, &bad).await.is_empty());
}
