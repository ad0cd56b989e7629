//! `ops-tools redrive`: dead letters do their work after all.

use serde_json::{Value, json};
use tests::TestApp;
use tests::notifications::{
    count_dead_letters, create_project_fixture, set_preferences, slack_messages,
};
use tests::runs::send_start;
use tests::wait::wait_until;

use crate::support::{Printed, Workbench};

/// The URL of the local queue of messages that were received too often.
pub(crate) const WORK_DEAD_LETTERS: (&str, &str) = (
    "WORK_DEAD_LETTERS_URL",
    "https://sqs.us-east-1.amazonaws.com/000000000000/WorkDeadLetters.fifo",
);

/// The URL of the local queue of rows that were given up.
const WORKER_DEAD_LETTERS: &str =
    "https://sqs.us-east-1.amazonaws.com/000000000000/WorkerDeadLetters";

async fn redrive(bench: &Workbench, options: &[&str]) -> Printed {
    let arguments = [&["redrive"][..], options].concat();
    bench.run_with("worker", &[WORK_DEAD_LETTERS], &arguments).await
}

async fn fail_slack(app: &TestApp, times: u32) {
    let next = json!({"status": 503, "times": times});
    app.visitor().post("/local/slack/next", next).await.expect(200);
}

/// Has a Slack message given up. Slack fails until the test ends that. Returns the key of the message's row.
async fn give_up_slack_message(app: &TestApp) -> (String, String) {
    let (ada, _, project) = create_project_fixture(app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    fail_slack(app, 1_000).await;
    let run = json!({"kind": "manual", "name": "first", "status": "failed"});
    send_start(&ada, &project, run).await.expect(200);
    app.wait_for_worker().await;
    app.advance_clock(60).await;
    wait_until("a dead letter", async || count_dead_letters(app).await == 1).await;
    let row = app.items("SLACK#", "").await.pop().unwrap();
    let text = |name: &str| row[name]["S"].as_str().unwrap().to_owned();
    (text("pk"), text("sk"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_slack_message_is_posted_after_all() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    redrive(&bench, &["--apply"]).await.expect(0).has_line("there are no dead letters");
    let (pk, sk) = give_up_slack_message(app).await;

    redrive(&bench, &[]).await.expect(0).has_line("1 slack: would be redriven");
    redrive(&bench, &["--kind", "mail", "--apply"])
        .await
        .expect(0)
        .has_line("1 slack: left, another kind was chosen");
    assert_eq!(slack_messages(app).await, Vec::<Value>::new());

    // Slack still fails: the message is a dead letter again, during the run or later.
    let done = redrive(&bench, &["--apply"]).await;
    done.has_line("1 slack: redriven");
    let came_back = done.printed("1 slack: left, its row was redriven in this run");
    done.expect(i32::from(came_back));
    wait_until("a second dead letter", async || count_dead_letters(app).await == 2).await;
    fail_slack(app, 0).await;
    // The message of the row failed too often, too: SQS gives it up with its group.
    let message = json!({"pk": pk, "sk": sk, "sequence_number": "7", "task": "deliver"});
    let send = aws_sdk_sqs::Client::new(&bench.sdk()).send_message();
    let send = send.queue_url(WORK_DEAD_LETTERS.1).message_group_id(&pk);
    send.message_body(message.to_string()).send().await.unwrap();
    redrive(&bench, &[]).await.expect(0).has_line("2 slack: would be redriven");
    // Both letters are about one row. It may be posted and gone before the second is looked at.
    let done = redrive(&bench, &["--kind", "slack", "--apply"]).await.expect(0);
    let both = done.printed("2 slack: redriven");
    let one = done.printed("1 slack: redriven");
    assert!(both || one && done.printed("1 slack: deleted, its row is gone"), "{done:?}");
    wait_until("the message", async || slack_messages(app).await.len() == 1).await;
    app.wait_for_worker().await;
    assert_eq!(slack_messages(app).await.len(), 1, "the row was posted once");
    assert!(app.items("SLACK#", "").await.is_empty());
    redrive(&bench, &[]).await.expect(0).has_line("there are no dead letters");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_two_dead_letters_is_redriven_once() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let (pk, sk) = give_up_slack_message(app).await;
    let send = aws_sdk_sqs::Client::new(&bench.sdk()).send_message();
    let copy = json!({"row": {"pk": pk, "sk": sk}}).to_string();
    send.queue_url(WORKER_DEAD_LETTERS).message_body(copy).send().await.unwrap();
    fail_slack(app, 0).await;
    redrive(&bench, &["--apply"])
        .await
        .expect(1)
        .has_line("1 slack: redriven")
        .has_line("1 slack: left, its row was redriven in this run");
    wait_until("the message", async || slack_messages(app).await.len() == 1).await;
    app.wait_for_worker().await;
    redrive(&bench, &["--apply"]).await.expect(0).has_line("1 slack: deleted, its row is gone");
    redrive(&bench, &[]).await.expect(0).has_line("there are no dead letters");
    assert_eq!(slack_messages(app).await.len(), 1, "the row was posted once");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_kinds_are_refused() {
    let bench = Workbench::start().await;
    redrive(&bench, &["--kind", "fax"]).await.expect(2);
}
