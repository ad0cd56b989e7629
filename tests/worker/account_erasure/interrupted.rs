//! An interrupted erasure is finished by the next run and harms nobody else.

use serde_json::{Value, json};
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account};
use shared::accounts::{EmailGuard, find_by_email};
use shared::dynamo::Record;
use shared::keys;
use shared::values::EmailAddress;
use tests::account_deletion::delete_account;
use tests::account_erasure::{
    UNIQUE_NAME, change_email, interrupt_erasure, items_containing, list_erasures, race_erasure,
    table,
};
use tests::organizations::{build_membership, insert_organization};
use tests::records::insert_record;
use tests::time::DAY;
use tests::{FaultProxy, PASSWORD, TestApp};

/// DynamoDB fails permanently at each step of an erasure in turn. Nobody can sign in meanwhile, and
/// the next run finishes the erasure.
#[tokio::test]
async fn the_next_run_finishes_after_a_fault() {
    const STEPS: usize = 38;
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    // The worker runs once before the erasures are due.
    app.advance_clock(60).await;
    let ctx = app.stack().context();
    for step in 0..STEPS {
        let ada = app.sign_up(&format!("{UNIQUE_NAME}-{step}-")).await;
        change_email(&app, &ada, &format!("{UNIQUE_NAME}-{step}-@example.org")).await;
        delete_account(&ada).await;
    }
    app.advance_clock_only(14 * DAY).await;
    let due = list_erasures(&app).await;
    assert_eq!(due.len(), STEPS);
    for (step, due) in due.into_iter().enumerate() {
        let Some(user) = interrupt_erasure(&app, &engine, &due, step).await else {
            assert!(step > 15, "an erasure takes more than {step} calls");
            return;
        };
        let credentials = json!({"email": user.email, "password": PASSWORD});
        let login = app.visitor().post("/v1/login", credentials).await;
        login.expect_error(401, "INVALID_CREDENTIALS");
        erase_account(ctx, &app.stack().clients().stripe, &due).await.unwrap();
        let left = items_containing(&app, &[&user.name.to_string(), due.user_id.as_str()]).await;
        assert_eq!(left, Vec::<Value>::new(), "at step {step}");
    }
    panic!("an erasure takes more than {STEPS} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_erasures_of_an_account_succeed_once() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    let ada = app.sign_up(UNIQUE_NAME).await;
    let id = ada.id().await;
    delete_account(&ada).await;
    app.advance_clock_only(14 * DAY).await;
    let due = list_erasures(&app).await.remove(0);
    race_erasure(&app, &due).await;
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
    let (ctx, stripe) = (app.stack().context(), &app.stack().clients().stripe);
    assert_eq!(erase_account(ctx, stripe, &due).await.unwrap(), ErasureOutcome::NotDue);
}

#[tokio::test]
async fn a_failing_erasure_does_not_delay_others() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let (ada_id, bob_id, eve_id) = (ada.id().await, bob.id().await, eve.id().await);
    let shared = insert_organization(&app, &ada_id, &[]).await;
    delete_account(&ada).await;
    delete_account(&bob).await;
    // A user joined after the deletion. The erasure refuses, and nothing of that user is deleted.
    let (member, listed) = build_membership(&shared, &eve_id, app.now().await);
    insert_record(&app, &member).await;
    insert_record(&app, &listed).await;
    let adas = items_containing(&app, &[ada_id.as_str()]).await.len();
    app.advance_clock(14 * DAY).await;
    assert!(items_containing(&app, &[bob_id.as_str()]).await.is_empty());
    assert_eq!(items_containing(&app, &[ada_id.as_str()]).await.len(), adas);
    // The erasure continues after the membership is removed.
    for key in [member.key(), listed.key()] {
        table(&app).delete(&key).await.unwrap();
    }
    app.advance_clock(DAY).await;
    assert!(items_containing(&app, &[ada_id.as_str()]).await.is_empty());
}

/// A lookup that read the email guard just before the erasure finds no user and returns no error.
#[tokio::test]
async fn a_lookup_during_an_erasure_finds_no_user() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let email = EmailAddress::parse(&ada.email).unwrap();
    let guard: EmailGuard = table(&app).get(&keys::email_guard(&email)).await.unwrap().unwrap();
    delete_account(&ada).await;
    app.advance_clock(14 * DAY).await;
    let ctx = app.stack().context();
    assert!(find_by_email(ctx, &email, Some(&guard)).await.unwrap().is_none());
}
