//! Sweeping removes everything of a deleted organization and nothing else, and continues after an
//! interruption.

use serde_json::{Value, json};
use shared::activity::Log;
use shared::context::Context;
use shared::dynamo::{AttemptError, Key, Tx, Update};
use shared::error::{Error, Result};
use shared::ids::{OrganizationId, UserId};
use shared::jobs::{Job, JobRecord, complete_step};
use shared::keys;
use shared::organizations::{Member, Organization, Role, sweep};
use shared::values::EmailAddress;
use tests::organizations::{
    begin_sweep_now, delete_organization, insert_key, insert_member, list_remaining_items,
    organization_id,
};
use tests::time::DAY;
use tests::{Fault, FaultProxy, Person, TestApp, race, row};

/// Runs the first part of a sweep as the worker does.
async fn sweep(ctx: &Context, client: &OrganizationId) -> Result<()> {
    let work = JobRecord {
        job: Job::SweepOrganization { client_id: client.clone() },
        parts: 0,
        request_id: None,
    };
    let left = sweep::sweep(ctx, client).await?;
    complete_step(ctx, &work, left).await
}

/// Puts a row of an unknown kind under an organization.
fn put_other_row(tx: &mut Tx<'_>, client: &OrganizationId, sk: String, what: &str) {
    let row = Update::new(Key { pk: keys::organization(client).pk, sk }).set("what", what).unwrap();
    tx.update(row, AttemptError::Conflict).unwrap();
}

/// Writes both rows of an invitation.
async fn invite(ctx: &Context, client: &OrganizationId, number: usize) {
    let email = EmailAddress::parse(&format!("guest{number}@example.com")).unwrap();
    let row = Key { pk: keys::organization(client).pk, sk: format!("INVITATION#inv_{number}") };
    let row = Update::new(row).set("email", &email).unwrap().set("client_id", client).unwrap();
    let mirror =
        Update::new(keys::invitation_by_email(&email, client)).set("client_id", client).unwrap();
    let mut tx = ctx.table.transaction();
    tx.update(row, AttemptError::Conflict).unwrap();
    tx.update(mirror, AttemptError::Conflict).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
}

/// Creates an organization with every kind of row that an organization can have.
async fn create_full_client(app: &TestApp, owner: &Person) -> String {
    let client = owner.create_client("Acme").await;
    let (ctx, by) = (app.stack().context(), owner.id().await);
    for number in 0..3 {
        insert_member(ctx, &organization_id(&client)).await.unwrap();
        insert_key(ctx, &organization_id(&client), &by).await.unwrap();
        invite(ctx, &organization_id(&client), number).await;
    }
    let mut tx = ctx.table.transaction();
    for number in 0..3 {
        put_other_row(
            &mut tx,
            &organization_id(&client),
            format!("LATER#{number}"),
            "something else",
        );
    }
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    client
}

/// Marks an organization as deleted without enqueuing the sweep.
async fn mark_without_listing(ctx: &Context, client: &OrganizationId) {
    let mark = Update::new(keys::organization(client)).set("deleted_at", ctx.now()).unwrap();
    ctx.table.update::<Value>(mark.add("version", 1)).await.unwrap().unwrap();
}

/// Marks an organization as deleted and removes the owner's listing, without enqueuing the sweep.
async fn mark_deleted(ctx: &Context, client: &OrganizationId) {
    let before: Organization = ctx.table.get(&keys::organization(client)).await.unwrap().unwrap();
    mark_without_listing(ctx, client).await;
    let listing = keys::listed_organization(&before.owner_id, before.created_at, client);
    ctx.table.delete(&listing).await.unwrap();
}

#[tokio::test]
async fn every_kind_of_row_is_swept_and_nothing_else() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (client, other) =
        (create_full_client(&app, &ada).await, create_full_client(&app, &ada).await);
    for client in [&client, &other] {
        app.add_member(client, &bob, Role::Member).await;
    }
    let ctx = app.stack().context();
    let all = list_remaining_items(&app, &client).await;
    // The organization and two rows of its owner; two rows for each of four members and three
    // invitations; the rest.
    assert_eq!(all.len(), 1 + 2 + 4 * 2 + 3 * 2 + 3 + 3, "the test makes some of everything");
    let of_others = async || {
        let mut others = app.durable_items().await;
        // The members were told of the deletion.
        let is_notice = |item: &Value| item["pk"]["S"].as_str().unwrap().starts_with("NOTICE#");
        others.retain(|item| !item.to_string().contains(&client) && !is_notice(item));
        others
    };
    let before = of_others().await;
    delete_organization(&ada, &client, "Acme").await.expect(200);
    app.wait_for_worker().await;
    begin_sweep_now(ctx, &client).await;
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    assert_eq!(of_others().await, before);
    assert_eq!(app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await.len(), 2);
    assert!(app.items(keys::JOBS, "").await.is_empty());
    // An organization that is not deleted is not swept.
    sweep(ctx, &organization_id(&other)).await.unwrap();
    assert_eq!(of_others().await, before);
}

/// Makes rows under an organization: members with their listings, and others.
fn organization_rows(
    ctx: &Context,
    client: &OrganizationId,
    members: usize,
    others: usize,
) -> Vec<Value> {
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

/// Deleting is fast regardless of the number of rows, and the hourly run continues an interrupted sweep.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_are_swept_in_parts() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let ctx = app.stack().context();
    let bulk = engine.bulk(&ctx.config.table_name);
    // DynamoDB Local would take minutes to scan more rows repeatedly.
    let others = if bulk.is_dynamodb_local() { 1_000 } else { 9_000 };
    bulk.put(organization_rows(ctx, &organization_id(&client), 1_000, others)).await;
    let reply = delete_organization(&ada, &client, "Acme").await.expect(200);
    assert_eq!(reply.calls_and_trips(), (2, 2));
    app.wait_for_worker().await;
    // Six calls for the beginning, and 50 for the sweep.
    engine.inject(Fault::Broken, 6 + 50, 100_000);
    begin_sweep_now(ctx, &client).await;
    app.wait_for_worker().await;
    assert!(engine.clear_fault());
    let rows = list_remaining_items(&app, &client).await;
    // Members are removed first.
    let of = |kind: &str| {
        let starts = |row: &&Value| row["sk"]["S"].as_str().unwrap().starts_with(kind);
        rows.iter().filter(starts).count()
    };
    assert!((1..1_000).contains(&of("MEMBER#")), "stopped in the middle: {}", of("MEMBER#"));
    assert_eq!((of("KEY#"), of("LATER#")), (others / 2, others / 2));
    assert!(rows.iter().any(|row| row["pk"]["S"].as_str().unwrap().starts_with(keys::JOBS)));
    app.advance_clock(DAY).await;
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    let dead = app.visitor().get("/local/dead-letters").await.expect(200);
    assert_eq!(dead.json(), json!({"data": []}));
}

/// DynamoDB fails permanently at each step of a sweep in turn.
#[tokio::test]
async fn the_next_run_finishes_after_a_fault() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    for fault in Fault::ALL {
        for step in 0.. {
            let client = create_full_client(&app, &ada).await;
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

/// The sweep fails when the stream record arrives, so that only the hourly run can start it again.
#[tokio::test]
async fn the_hourly_run_sweeps_after_a_missed_record() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    for step in 0..8 {
        // The clock has advanced since.
        let ada = ada.sign_in(&app).await;
        let client = create_full_client(&app, &ada).await;
        delete_organization(&ada, &client, "Acme").await.expect(200);
        app.wait_for_worker().await;
        engine.inject(Fault::Broken, 6 + step, 1_000);
        begin_sweep_now(app.stack().context(), &client).await;
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

/// A worker that records its step late must not restore a job that another worker has finished.
#[tokio::test]
async fn a_finished_job_is_not_restored() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let client = ada.create_client("Acme").await;
    mark_deleted(ctx, &organization_id(&client)).await;
    // Enough rows for more than one part.
    engine
        .bulk(&ctx.config.table_name)
        .put(organization_rows(ctx, &organization_id(&client), 0, 700))
        .await;
    sweep(ctx, &organization_id(&client)).await.unwrap();
    assert!(app.items(keys::JOBS, "").await.is_empty());
    assert!(list_remaining_items(&app, &client).await.len() > 100);
    sweep(ctx, &organization_id(&client)).await.unwrap();
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_sweeps_of_an_organization_succeed() {
    let app = TestApp::start().await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let client = create_full_client(&app, &ada).await;
    mark_deleted(ctx, &organization_id(&client)).await;
    race(8, |_| {
        let (ctx, sweeping) = (ctx.clone(), organization_id(&client));
        async move { sweep(&ctx, &sweeping).await.unwrap() }
    })
    .await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
}

/// Code that does not check for deletion adds a member after the sweep has looked for members.
#[tokio::test]
async fn a_late_member_is_swept_and_none_can_follow() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let client = ada.create_client("Acme").await;
    mark_deleted(ctx, &organization_id(&client)).await;
    sweep_except_organization(ctx, &client, &engine).await;
    // The calls are: the organization, its members, its other rows, the final deletion.
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
    assert!(matches!(
        insert_member(ctx, &organization_id(&client)).await,
        Err(AttemptError::Final(Error::NotFound))
    ));
}

/// Sweeps everything except the row of the organization.
async fn sweep_except_organization(ctx: &Context, client: &str, engine: &FaultProxy) {
    // The calls are: the organization, its members, one batch of them, its other rows, the final deletion.
    engine.inject(Fault::Broken, 4, 1_000);
    sweep(ctx, &organization_id(client)).await.unwrap_err();
    assert!(engine.clear_fault());
}

/// An unreadable row prevents only the sweep of its own organization.
#[tokio::test]
async fn a_failing_sweep_delays_no_mail_and_no_other_sweep() {
    let app = TestApp::start().await;
    let (ada, ctx) = (app.sign_up("ada").await, app.stack().context());
    let (bad, good) = (create_full_client(&app, &ada).await, create_full_client(&app, &ada).await);
    let broken =
        Key { pk: keys::organization(&organization_id(&bad)).pk, sk: "MEMBER#x".to_owned() };
    for client in [&bad, &good] {
        delete_organization(&ada, client, "Acme").await.expect(200);
    }
    app.wait_for_worker().await;
    ctx.table.update::<Value>(Update::new(broken.clone()).add("x", 1)).await.unwrap();
    begin_sweep_now(ctx, &bad).await;
    // The code is mailed although the failing job is before it in the stream.
    app.sign_up("bob").await;
    begin_sweep_now(ctx, &good).await;
    app.wait_for_worker().await;
    assert!(list_remaining_items(&app, &good).await.is_empty());
    let dead = app.visitor().get("/local/dead-letters").await.expect(200);
    assert_eq!(dead.json(), json!({"data": []}));
    app.advance_clock(DAY).await;
    app.sign_up("eve").await;
    assert!(!list_remaining_items(&app, &bad).await.is_empty());
    // The sweep continues after the row is removed.
    ctx.table.delete(&broken).await.unwrap();
    app.advance_clock(DAY).await;
    assert!(list_remaining_items(&app, &bad).await.is_empty());
}
