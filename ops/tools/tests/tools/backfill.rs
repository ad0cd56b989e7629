//! `ops-tools backfill check`: items that cannot be read.

use serde_json::json;
use shared::dynamo::{Condition, Update};
use shared::keys;

use crate::support::Workbench;

#[tokio::test(flavor = "multi_thread")]
async fn a_check_finds_what_cannot_be_read() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let ada = app.sign_up("ada").await;
    ada.create_client("Acme").await;
    app.wait_for_worker().await;
    let fine = bench.run("worker", &["backfill", "check"]).await.expect(0);
    fine.has_line("1 user: have their shape")
        .has_line("2 organization: have their shape")
        .has_line("1 address guard: have their shape");

    let broken = Update::new(keys::user(&ada.id().await)).remove("email");
    let broken = broken.only_if(Condition::Exists);
    let table = &app.stack().context().table;
    let _: Option<serde_json::Value> = table.update(broken).await.unwrap();
    let found = bench.run("worker", &["backfill", "check", "--segments", "1"]).await.expect(1);
    found.has_line("1 user: cannot be read");
    assert!(found.text.contains("user: missing field `email`"), "{}", found.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_goes_on_at_its_checkpoint() {
    let bench = Workbench::start().await;
    bench.app.sign_up("ada").await;
    let file = bench.path("checkpoint.json");
    let arguments = ["backfill", "check", "--segments", "2", "--checkpoint", &file];
    let interrupt = || {
        let json = json!({"upgrade": "check", "apply": false, "segments": ["end", "end"]});
        std::fs::write(&file, json.to_string()).unwrap();
    };
    interrupt();
    let resumed = bench.run("worker", &arguments).await.expect(0);
    assert!(!resumed.text.contains("user"), "both segments are done: {}", resumed.text);
    // The checkpoint of a complete run is removed, so the next run looks at all items again.
    for _ in 0..2 {
        assert!(!std::path::Path::new(&file).exists());
        bench.run("worker", &arguments).await.expect(0).has_line("1 user: have their shape");
    }
    interrupt();
    let other = ["backfill", "check", "--segments", "3", "--checkpoint", &file];
    bench.run("worker", &other).await.expect(1);
    bench.run("worker", &["backfill", "unknown"]).await.expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_reads_a_restored_table_by_its_name() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let ada = app.sign_up("ada").await;
    app.wait_for_worker().await;
    bench.copy_table("restored").await;
    let broken = Update::new(keys::user(&ada.id().await)).remove("email");
    let broken = broken.only_if(Condition::Exists);
    let _: Option<serde_json::Value> = app.stack().context().table.update(broken).await.unwrap();
    let restored = ["backfill", "check", "--table", "restored"];
    let restored = bench.run("worker", &restored).await.expect(0);
    restored.has_line("1 user: have their shape");
    let live = bench.run("worker", &["backfill", "check"]).await.expect(1);
    live.has_line("1 user: cannot be read");
}
