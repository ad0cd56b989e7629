//! An account can be restored until its erasure starts.

use serde_json::json;
use shared::accounts::User;
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account};
use shared::dynamo::Condition;
use shared::keys;
use tests::account_deletion::delete_account;
use tests::account_erasure::{list_erasures, table};
use tests::records::insert_record;
use tests::time::DAY;
use tests::{Fault, FaultProxy, TestApp};

#[tokio::test]
async fn a_restored_account_is_not_erased() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    delete_account(&ada).await;
    let erasure = list_erasures(&app).await.remove(0);
    let ctx = app.stack().context();
    assert_eq!(
        erase_account(ctx, &app.stack().clients().stripe, &erasure).await.unwrap(),
        ErasureOutcome::NotDue,
        "not yet"
    );
    assert_eq!(list_erasures(&app).await.len(), 1);
    let back = ada.sign_in(&app).await;
    back.post("/v1/me/restore", json!({})).await.expect(200);
    // A worker may have read the record before the restore, or a record may be left over.
    insert_record(&app, &erasure).await;
    let before = app.durable_items().await.len();
    app.advance_clock(14 * DAY).await;
    assert!(list_erasures(&app).await.is_empty(), "a note without an account is thrown away");
    assert_eq!(app.durable_items().await.len(), before - 1);
    let back = ada.sign_in(&app).await;
    // After another deletion only the new record counts.
    delete_account(&back).await;
    insert_record(&app, &erasure).await;
    assert_eq!(
        erase_account(ctx, &app.stack().clients().stripe, &erasure).await.unwrap(),
        ErasureOutcome::NotDue
    );
    app.advance_clock(13 * DAY).await;
    ada.sign_in(&app).await.post("/v1/me/restore", json!({})).await.expect(200);
}

/// The worker's clock may be ahead of the other functions' clocks.
#[tokio::test]
async fn a_started_erasure_cannot_be_undone() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.advance_clock(60).await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    delete_account(&ada).await;
    app.advance_clock(14 * DAY - 1).await;
    let back = ada.sign_in(&app).await;
    app.advance_clock(1).await;
    // Interrupts the erasure after its first two calls.
    let due = list_erasures(&app).await.remove(0);
    engine.inject(Fault::Broken, 2, 1_000);
    erase_account(app.stack().context(), &app.stack().clients().stripe, &due).await.unwrap_err();
    assert!(engine.clear_fault());
    let mut user: User = table(&app).get(&keys::user(&id)).await.unwrap().unwrap();
    let deletion = user.deletion.as_mut().unwrap();
    deletion.due_at = deletion.due_at.plus(std::time::Duration::from_secs(60));
    assert!(table(&app).put(&user, Condition::Exists).await.unwrap());
    back.post("/v1/me/restore", json!({})).await.expect_error(401, "invalid session");
    let login = app.visitor().post("/v1/login", ada.credentials()).await;
    login.expect_error(401, "INVALID_CREDENTIALS");
}
