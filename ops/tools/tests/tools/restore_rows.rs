//! `ops-tools restore-rows`: rows of a restored table come back into the live one.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::dynamo::{Key, retry_conflicts};

use crate::support::{Printed, Workbench};

/// The name of the restored table.
const RESTORED: &str = "restored";

async fn restore(bench: &Workbench, options: &[&str]) -> Printed {
    bench.run("worker", &[&["restore-rows", "--from", RESTORED][..], options].concat()).await
}

/// Reads the rows of a partition, in the order of their sort keys.
async fn rows(bench: &Workbench, pk: &str) -> Vec<Value> {
    let mut rows = bench.app.items(pk, "").await;
    rows.sort_by_key(|row| row["sk"]["S"].as_str().unwrap().to_owned());
    rows
}

/// Deletes the rows of a partition, as a defect would. Returns them.
async fn lose(bench: &Workbench, pk: &str) -> Vec<Value> {
    let ctx = bench.app.stack().context();
    let lost = rows(bench, pk).await;
    for row in &lost {
        let key = Key::new(pk, row["sk"]["S"].as_str().unwrap());
        retry_conflicts(ctx, || ctx.table.delete(&key)).await.unwrap();
    }
    assert!(!lost.is_empty());
    lost
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_rows_come_back() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let ada = app.sign_up("ada").await;
    let (user, guard) = (format!("USER#{}", ada.id().await), "EMAIL#ada@example.com");
    app.wait_for_worker().await;
    bench.copy_table(RESTORED).await;
    let lost = [lose(&bench, &user).await, lose(&bench, guard).await];
    ada.get("/v1/me").await.expect(401);

    let partitions = ["--key", &user, "--key", guard];
    let count = lost.concat().len();
    let dry = restore(&bench, &partitions).await.expect(0);
    dry.has_line(&format!("{count} rows: would be restored"))
        .has_line(&format!("{user} META: would be restored"));
    assert!(rows(&bench, &user).await.is_empty(), "a dry run writes nothing");
    let apply = [&partitions[..], &["--apply"]].concat();
    restore(&bench, &apply).await.expect(0).has_line(&format!("{count} rows: restored"));
    assert_eq!([rows(&bench, &user).await, rows(&bench, guard).await], lost);
    let again = restore(&bench, &[&partitions[..2], &["--apply"]].concat()).await.expect(0);
    again.has_line(&format!("{} rows: the same in both tables", lost[0].len()));
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_row_is_replaced_only_on_request() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let ada = app.sign_up("ada").await;
    let user = format!("USER#{}", ada.id().await);
    app.wait_for_worker().await;
    bench.copy_table(RESTORED).await;
    let name = async || ada.get("/v1/me").await.expect(200).json()["user"]["name"].clone();
    let before = name().await;
    ada.patch("/v1/me", json!({"name": "Augusta"})).await.expect(200);

    let kept = restore(&bench, &["--key", &user, "--apply"]).await.expect(0);
    let differs = "differ from the live ones, which stay without --overwrite";
    kept.has_line(&format!("{user} META: {differs}"));
    assert_eq!(name().await, "Augusta");
    let overwrite = ["--key", &user, "--overwrite", "--apply"];
    let dry = restore(&bench, &overwrite[..3]).await.expect(0);
    dry.has_line(&format!("{user} META: would be replaced"));
    assert_eq!(name().await, "Augusta");
    let done = restore(&bench, &overwrite).await.expect(0);
    done.has_line(&format!("{user} META: replaced"));
    assert_eq!(name().await, before);
    // The version has moved on, so later changes are made as usual.
    ada.patch("/v1/me", json!({"name": "Augusta"})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_of_many_pages_is_copied_whole() {
    let bench = Workbench::start().await;
    bench.copy_table(RESTORED).await;
    let client = aws_sdk_dynamodb::Client::new(&bench.sdk());
    let pk = "PROJECT#proj_lost";
    for number in 0..250 {
        let put = client.put_item().table_name(RESTORED);
        let put = put.item("pk", AttributeValue::S(pk.to_owned()));
        put.item("sk", AttributeValue::S(format!("RUN#{number:0>4}"))).send().await.unwrap();
    }
    let done = restore(&bench, &["--key", pk, "--apply"]).await.expect(0);
    done.has_line("250 rows: restored");
    assert_eq!(bench.app.items(pk, "RUN#").await.len(), 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_partitions_and_tables_are_refused() {
    let bench = Workbench::start().await;
    bench.copy_table(RESTORED).await;
    let none = restore(&bench, &["--key", "USER#usr_x", "--apply"]).await.expect(1);
    none.has_line("USER#usr_x: the restored table has no such row");
    restore(&bench, &[]).await.expect(2);
    for work in ["MAIL#x", "CODE-MAIL#x", "SLACK#x", "WORK#03"] {
        restore(&bench, &["--key", "USER#usr_x", "--key", work]).await.expect(2);
    }
    let live = bench.app.stack().context().config.table_name.clone();
    for from in [&["--from", &live][..], &[]] {
        let arguments = [&["restore-rows", "--key", "USER#usr_x"][..], from].concat();
        bench.run("worker", &arguments).await.expect(2);
    }
}
