//! The alarms on queues watch the queues that get the messages.

use serde_json::{Value, json};
use serde_norway::Value as Yaml;
use shared::fifo_queue::FifoQueue;
use shared::keys;
use tests::TestApp;
use tests::notifications::{corrupt_row, create_project_fixture, set_preferences};
use tests::runs::send_start;
use tests::template::template;
use worker::{Clients, Event, Queues, Response, Worker};

/// Returns the name that a `!Ref` or `!GetAtt` refers to, without the attribute.
fn referenced(value: &Yaml) -> String {
    let Yaml::Tagged(tagged) = value else { panic!("no reference: {value:?}") };
    tagged.value.as_str().unwrap().split('.').next().unwrap().to_owned()
}

/// Returns the name of the queue that an alarm watches.
fn watched_queue(alarm: &str) -> String {
    let dimension = &template()["Resources"][alarm]["Properties"]["Dimensions"][0];
    assert_eq!(dimension["Name"], "QueueName", "{alarm}");
    referenced(&dimension["Value"])
}

/// Returns the name of the queue of a variable of the worker.
fn queue_of_variable(name: &str) -> String {
    let worker = &template()["Resources"]["WorkerFunction"]["Properties"];
    referenced(&worker["Environment"]["Variables"][name])
}

/// Returns the URL of a queue of the template in the local stack.
fn local_url(queue: &str) -> String {
    let is_fifo = template()["Resources"][queue]["Properties"]["FifoQueue"] == true;
    let suffix = if is_fifo { ".fifo" } else { "" };
    format!("https://sqs.us-east-1.amazonaws.com/000000000000/{queue}{suffix}")
}

/// The URL of a queue that does not exist.
const MISSING: &str = "https://sqs.us-east-1.amazonaws.com/1/missing.fifo";

/// Has a worker with these queues forward the insertion of a row. Returns whether it has sent the message.
async fn forward(app: &TestApp, [codes, work]: [String; 2], pk: &str, image: &Value) -> bool {
    let (stack, sdk) = (app.stack(), app.stack().sdk());
    let queues = Queues { codes: FifoQueue::new(sdk, codes), work: FifoQueue::new(sdk, work) };
    let clients = Clients { queues, ..stack.clients().clone() };
    let worker = Worker::new(stack.context().clone(), clients, stack.blobs().clone());
    let mut event: Value = serde_json::from_str(include_str!("../../events/worker.json")).unwrap();
    let record = &mut event["Records"][0];
    record["dynamodb"]["Keys"]["pk"]["S"] = pk.into();
    record["dynamodb"]["NewImage"] = image.clone();
    // SQS drops a message whose id it knows.
    record["eventID"] = pk.into();
    event["Records"] = json!([record]);
    let event: Event = serde_json::from_value(event).unwrap();
    let Ok(Response::Stream(response)) = worker.invoke(event).await else { panic!("no stream") };
    response.batch_item_failures.is_empty()
}

/// Mails with a code go to the watched queue, and others do not.
#[tokio::test]
async fn mails_with_a_code_are_in_the_watched_queue() {
    let app = TestApp::start().await;
    let queue = watched_queue("CodeMailAgeAlarm");
    assert_eq!(queue, queue_of_variable("CODE_QUEUE_URL"));
    let (code, mail) =
        (format!("{}x", keys::QUEUED_CODE_MAILS), format!("{}x", keys::QUEUED_MAILS));
    let queues = [local_url(&queue), MISSING.to_owned()];
    assert!(forward(&app, queues.clone(), &code, &json!({})).await);
    assert!(!forward(&app, queues, &mail, &json!({})).await);
    let dead_letters = [local_url("WorkerDeadLetters"), MISSING.to_owned()];
    assert!(!forward(&app, dead_letters, &code, &json!({})).await);
}

/// Mails without a code, Slack messages, jobs and security events go to the watched queue, and codes do not.
#[tokio::test]
async fn all_other_work_is_in_the_watched_queue() {
    let app = TestApp::start().await;
    let queue = watched_queue("WorkAgeAlarm");
    assert_eq!(queue, queue_of_variable("WORK_QUEUE_URL"));
    let queues = [MISSING.to_owned(), local_url(&queue)];
    let job = json!({"job": {"M": {"name": {"S": "release_held_mail"}}}, "parts": {"N": "0"}});
    for (pk, image) in [
        (format!("{}x", keys::QUEUED_MAILS), json!({})),
        (format!("{}x", keys::QUEUED_SLACK_MESSAGES), json!({})),
        (format!("{}00", keys::JOBS), job),
        (format!("{}usr_x#202406", keys::USER_AUDIT_EVENTS), json!({})),
    ] {
        assert!(forward(&app, queues.clone(), &pk, &image).await, "{pk}");
        let missing = [local_url(&queue), MISSING.to_owned()];
        assert!(!forward(&app, missing, &pk, &image).await, "{pk}");
    }
    let code = format!("{}x", keys::QUEUED_CODE_MAILS);
    assert!(!forward(&app, queues, &code, &json!({})).await);
}

/// `what_a_queue_gives_up_is_in_its_dead_letters` of the local stack shows the message there.
#[test]
fn the_queues_of_the_worker_give_up_to_the_watched_queue() {
    let watched = watched_queue("WorkDeadLettersAlarm");
    for variable in ["CODE_QUEUE_URL", "WORK_QUEUE_URL"] {
        let queue = queue_of_variable(variable);
        let redrive = &template()["Resources"][&*queue]["Properties"]["RedrivePolicy"];
        assert_eq!(referenced(&redrive["deadLetterTargetArn"]), watched, "{queue}");
    }
}

/// What the stream's reader gives up is an object of a bucket, which reports it to the queue of the worker's own dead
/// letters.
#[test]
fn the_stream_gives_up_to_the_watched_queue() {
    let (template, watched) = (template(), watched_queue("WorkerDeadLettersAlarm"));
    let worker = &template["Resources"]["WorkerFunction"]["Properties"];
    let failures = &worker["Events"]["Stream"]["Properties"]["DestinationConfig"]["OnFailure"];
    let bucket = &template["Resources"][&*referenced(&failures["Destination"])];
    let notified = &bucket["Properties"]["NotificationConfiguration"]["QueueConfigurations"][0];
    assert_eq!(notified["Event"], "s3:ObjectCreated:*");
    assert_eq!(referenced(&notified["Queue"]), watched);
    assert_eq!(queue_of_variable("DEAD_LETTERS_URL"), watched);
}

#[tokio::test]
async fn an_unreadable_row_is_in_the_watched_queue() {
    let app = TestApp::start().await;
    let sqs = aws_sdk_sqs::Client::new(app.stack().sdk());
    let url = local_url(&watched_queue("WorkerDeadLettersAlarm"));
    let receive = async || {
        let received = sqs.receive_message().queue_url(&url).max_number_of_messages(10);
        let received = received.send().await.unwrap();
        let bodies = received.messages.unwrap_or_default().into_iter().filter_map(|m| m.body);
        bodies.map(|body| serde_json::from_str(&body).unwrap()).collect::<Vec<Value>>()
    };
    assert!(receive().await.is_empty());
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    let row = keys::notification_preferences(&ada.id().await);
    corrupt_row(&app, &row.pk, &row.sk, "slack_webhook", json!("seed.AAAA")).await;
    let run = json!({"kind": "manual", "name": "first", "status": "failed"});
    send_start(&ada, &project, run).await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(receive().await.len(), 1);
}
