//! Account erasure removes any number of rows.

use serde_json::json;
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account};
use shared::activity::{Action, AuditEvent, AuditScope, Log};
use shared::error::Error;
use shared::ids::SessionId;
use shared::keys;
use shared::requester::Requester;
use tests::account_deletion::delete_account;
use tests::account_erasure::{UNIQUE_NAME, items_containing, list_erasures};
use tests::time::DAY;
use tests::{Fault, FaultProxy, TestApp};

#[tokio::test]
async fn an_account_with_many_rows_is_erased_in_batches() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ada = app.sign_up(UNIQUE_NAME).await;
    let (id, ctx) = (ada.id().await, app.stack().context());
    let session = |_| {
        let key = keys::session(&id, &SessionId::generate(&*ctx.random));
        json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}, "user_agent": {"S": UNIQUE_NAME}})
    };
    bulk.put((0..1_100).map(session).collect()).await;
    let requester = Requester::new("203.0.113.9".parse().unwrap(), UNIQUE_NAME);
    let scope = AuditScope::User(id.clone());
    for _ in 0..22 {
        let entry = |_| {
            AuditEvent::new(ctx, &requester, &scope, &id, Action::ProfileChanged).with_target(&id)
        };
        let tx = ctx.table.transaction();
        tx.commit(Log::Entries((0..50).map(entry).collect())).await.unwrap();
    }
    delete_account(&ada).await;
    // More than one page of a query, and many more than one batch of a deletion.
    assert!(app.items("ACTIVITY#USER#", "").await.len() > 1_100);
    assert!(app.items("USER#", "SESSION#").await.len() > 1_100);
    app.advance_clock(14 * DAY).await;
    // A run spends limited time on each account, which DynamoDB Local may exceed.
    for _ in 0..2 {
        if !items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty() {
            app.advance_clock(DAY).await;
        }
    }
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
}

/// DynamoDB may process only a part of a batch.
#[tokio::test]
async fn unprocessed_items_of_a_batch_are_retried() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.advance_clock(60).await;
    let ada = app.sign_up(UNIQUE_NAME).await;
    let id = ada.id().await;
    delete_account(&ada).await;
    app.advance_clock(14 * DAY).await;
    let (ctx, due) = (app.stack().context(), list_erasures(&app).await.remove(0));
    engine.inject(Fault::Unprocessed, 1, 1_000);
    let error = erase_account(ctx, &app.stack().clients().stripe, &due).await.unwrap_err();
    assert!(engine.clear_fault() && matches!(error, Error::Unavailable(_)), "{error:?}");
    engine.inject(Fault::Unprocessed, 0, 3);
    assert_eq!(
        erase_account(ctx, &app.stack().clients().stripe, &due).await.unwrap(),
        ErasureOutcome::Erased
    );
    assert!(engine.clear_fault());
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
}

#[tokio::test]
async fn a_partition_larger_than_a_query_page_is_emptied() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let row =
        |number: usize| json!({"pk": {"S": "THROTTLE#many"}, "sk": {"S": format!("{number:0>6}")}});
    bulk.put((0..1_100).map(row).collect()).await;
    app.stack().context().table.delete_partition("THROTTLE#many", None).await.unwrap();
    assert!(app.items("THROTTLE#many", "").await.is_empty());
}
