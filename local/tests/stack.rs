//! Tests of the whole stack: its data folder, its isolation from other stacks, and its errors.

#![allow(clippy::unwrap_used, clippy::panic)] // a test says so by failing

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use local::{GoogleAccess, Stack, StackData, StackOptions, StartError};
use reqwest::Response;
use serde_json::{Value, json};
use shared::clock::Timestamp;

/// The path of a new folder, which is deleted when dropped.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("local-stack-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    async fn start(&self) -> Result<Stack, StartError> {
        Stack::start(StackOptions {
            data: StackData::Folder(self.0.clone()),
            ..StackOptions::default()
        })
        .await
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn start() -> Stack {
    Stack::start(StackOptions::default()).await.unwrap()
}

async fn get(stack: &Stack, path: &str) -> Value {
    let url = format!("http://{}{path}", stack.address());
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

async fn post(stack: &Stack, path: &str, body: Value) -> Response {
    let url = format!("http://{}{path}", stack.address());
    let request = reqwest::Client::new().post(url).json(&body);
    request.send().await.unwrap()
}

async fn register(stack: &Stack, email: &str) -> Response {
    let body = json!({"email": email, "name": "Ada Lovelace", "password": "correct-horse-9"});
    post(stack, "/v1/register", body).await
}

async fn subjects(stack: &Stack, to: &str) -> Vec<Value> {
    let mails = get(stack, &format!("/local/mail?to={to}")).await;
    let mails = mails["data"].as_array().unwrap();
    mails.iter().map(|mail| mail["subject"].clone()).collect()
}

#[tokio::test]
async fn mail_is_listed_once_it_is_requested() {
    let stack = start().await;
    let response = register(&stack, "ada@example.com").await;
    assert_eq!(response.status(), 200);
    let usage = response.headers()["x-local-dynamodb"].to_str().unwrap();
    assert!(usage.starts_with("calls=") && !usage.ends_with("wcu=0"), "{usage}");
    assert_eq!(subjects(&stack, "ADA@example.com").await.len(), 1);
    assert_eq!(subjects(&stack, "bob@example.com").await.len(), 0);
    assert_eq!(get(&stack, "/local/dead-letters").await["data"], json!([]));
    stack.stop().await;
}

#[tokio::test]
async fn stacks_are_isolated() {
    let later = StackOptions {
        start_at: Some(Timestamp::from_seconds(4_000_000_000)),
        ..StackOptions::default()
    };
    let (now_stack, later_stack) = (start().await, Stack::start(later).await.unwrap());
    register(&now_stack, "ada@example.com").await;
    assert_eq!(subjects(&later_stack, "ada@example.com").await.len(), 0);
    assert_eq!(get(&later_stack, "/local/dump").await["data"], json!([]));
    let now = |body: Value| body["now"].as_i64().unwrap();
    post(&now_stack, "/local/clock", json!({"advance_seconds": 86_400})).await;
    assert!(now(get(&now_stack, "/local/clock").await) < 4_000_000_000);
    assert!((0..60).contains(&(now(get(&later_stack, "/local/clock").await) - 4_000_000_000)));
}

#[tokio::test]
async fn a_folder_keeps_everything_between_starts() {
    let folder = TemporaryFolder::new();
    let first = folder.start().await.unwrap();
    register(&first, "ada@example.com").await;
    let mails = get(&first, "/local/mail").await;
    post(&first, "/local/clock", json!({"advance_seconds": 300})).await;
    let before = get(&first, "/local/dump").await;
    let clock_before = get(&first, "/local/clock").await["now"].as_i64().unwrap();
    assert!(matches!(folder.start().await, Err(StartError::FolderInUse { .. })));
    first.stop().await;

    let second = folder.start().await.unwrap();
    assert_eq!(get(&second, "/local/mail").await, mails);
    assert_eq!(get(&second, "/local/dump").await, before);
    assert!(get(&second, "/local/clock").await["now"].as_i64().unwrap() >= clock_before);
    // The secret is the same, because a code from before the restart is still valid.
    let subject = mails["data"][0]["subject"].as_str().unwrap();
    let code = subject.split(' ').next().unwrap();
    let body = json!({"email": "ada@example.com", "code": code});
    assert_eq!(post(&second, "/v1/verify-email", body).await.status(), 200);
    second.stop().await;
}

#[tokio::test]
async fn google_keeps_its_accounts_and_its_client() {
    let folder = TemporaryFolder::new();
    let first = folder.start().await.unwrap();
    let ada = json!({"sub": "1", "email": "ada@example.com", "email_verified": true,
            "hd": "example.com", "name": "Ada"});
    assert_eq!(post(&first, "/local/google/accounts", ada.clone()).await.status(), 200);
    let accounts = get(&first, "/local/google/accounts").await;
    assert!(accounts["data"].as_array().unwrap().contains(&ada));
    let client = first.google().client_id.clone();
    first.stop().await;

    let second = folder.start().await.unwrap();
    assert_eq!(get(&second, "/local/google/accounts").await, accounts);
    assert_eq!(second.google().client_id, client);
    second.stop().await;

    // The credentials of another provider are used for one start and not kept.
    let other = GoogleAccess {
        issuer: "http://localhost:1/provider".to_owned(),
        client_id: "me".to_owned(),
        client_secret: "mine".to_owned(),
    };
    let data = StackData::Folder(folder.0.clone());
    let options = StackOptions { data, google: Some(other.clone()), ..StackOptions::default() };
    let third = Stack::start(options).await.unwrap();
    assert_eq!(third.google(), &other);
    third.stop().await;
    let fourth = folder.start().await.unwrap();
    assert_eq!(fourth.google().client_id, client);
    fourth.stop().await;
}

#[tokio::test]
async fn secrets_without_google_get_a_client() {
    let folder = TemporaryFolder::new();
    folder.start().await.unwrap().stop().await;
    let file = folder.0.join("secrets.json");
    let read = || serde_json::from_str::<Value>(&fs::read_to_string(&file).unwrap()).unwrap();
    let session = read()["session"].clone();
    fs::write(&file, json!({"session": session}).to_string()).unwrap();

    let stack = folder.start().await.unwrap();
    let kept = read();
    assert_eq!(kept["session"], session);
    assert_eq!(kept["google"]["client_id"], stack.google().client_id);
    assert_eq!(kept["google"]["client_secret"], stack.google().client_secret);
    stack.stop().await;
}

#[tokio::test]
async fn a_start_error_names_the_reason() {
    let first = start().await;
    let taken = StackOptions { port: first.address().port(), ..StackOptions::default() };
    let error = Stack::start(taken).await.unwrap_err();
    let port = first.address().port();
    assert_eq!(
        error.to_string(),
        format!("port {port} is taken; choose another one with PORT=<number>")
    );

    let folder = TemporaryFolder::new();
    folder.start().await.unwrap().stop().await;
    fs::write(folder.0.join("VERSION"), "1\n").unwrap();
    let error = folder.start().await.unwrap_err();
    assert!(matches!(error, StartError::OtherLayout { .. }), "{error}");
}

#[tokio::test]
async fn moving_the_clock_runs_due_schedules() {
    let options = StackOptions { freeze_clock: true, ..StackOptions::default() };
    let stack = Stack::start(options).await.unwrap();
    let before = get(&stack, "/local/clock").await["now"].as_i64().unwrap();
    let advance = async |seconds: i64| -> Value {
        let response = post(&stack, "/local/clock", json!({"advance_seconds": seconds})).await;
        response.json().await.unwrap()
    };
    let now = before + 3 * 86_400;
    // Two schedules are daily. One is hourly, and is run in the first and last six hours and once a day between.
    let expected = json!({"now": now, "invocations": 2 * 3 + 14, "skipped": 58});
    assert_eq!(advance(3 * 86_400).await, expected);
    stack.stop().await;
}

#[tokio::test]
async fn control_endpoints_answer_only_loopback_hosts() {
    let stack = start().await;
    let client = reqwest::Client::new();
    let request_status = async |path: &str, host: &str| {
        let url = format!("http://{}{path}", stack.address());
        client.get(url).header("host", host).send().await.unwrap().status()
    };
    assert_eq!(request_status("/local/mail", "localhost:1").await, 200);
    assert_eq!(request_status("/local/mail", "evil.example").await, 403);
    assert_eq!(request_status("/local/nothing", "evil.example").await, 403);
    assert_eq!(request_status("/v1/health", "aius.example").await, 200);
    assert_eq!(request_status("/v1/health", "aius.example:99999").await, 400);
}

#[tokio::test]
async fn an_organization_is_put_on_a_plan() {
    let stack = start().await;
    let client = shared::ids::OrganizationId::generate(&*stack.context().random);
    let path = format!("/local/clients/{client}/plan");
    assert_eq!(post(&stack, &path, json!({"plan": "pro"})).await.status(), 404);
    assert_eq!(post(&stack, "/local/clients/x/plan", json!({"plan": "pro"})).await.status(), 404);
    for bad in [json!({"plan": "gold"}), json!({}), json!({"plan": "pro", "more": 1})] {
        let status = post(&stack, &path, bad.clone()).await.status();
        assert_eq!(status, 400, "{bad}");
    }
    register(&stack, "ada@example.com").await;
    let dump = get(&stack, "/local/dump").await;
    let rows = dump["data"].as_array().unwrap().iter();
    let created = rows.filter_map(|row| row["pk"]["S"].as_str()?.strip_prefix("CLIENT#")).next();
    let path = format!("/local/clients/{}/plan", created.unwrap());
    for _ in 0..2 {
        let response = post(&stack, &path, json!({"plan": "pro"})).await;
        assert_eq!(response.json::<Value>().await.unwrap()["plan"], "pro");
    }
    let dump = get(&stack, "/local/dump").await;
    let changed = |row: &&Value| row["action"]["S"] == "client.plan_changed";
    assert_eq!(dump["data"].as_array().unwrap().iter().filter(changed).count(), 1);
}

#[tokio::test]
async fn control_endpoints_explain_invalid_input() {
    let stack = start().await;
    for body in [
        json!({"advance_seconds": 0}),
        json!({"advance_seconds": -1}),
        json!({"advance_seconds": 1.5}),
        json!({"advance_seconds": 999_999_999_999_i64}),
        json!({}),
        json!([]),
    ] {
        let response = post(&stack, "/local/clock", body.clone()).await;
        assert_eq!(response.status(), 400, "{body}");
        let response: Value = response.json().await.unwrap();
        assert!(response["detail"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn processed_stream_records_are_deleted() {
    let stack = start().await;
    let table = &stack.context().config.table_name;
    let database = stack.database().unwrap();
    let write = |number: u32| {
        let number = number.to_string();
        let item = json!({"pk": {"S": "X"}, "sk": {"S": "X"}, "number": {"N": number}});
        let put = json!({"TableName": table, "Item": item});
        database.put_item(serde_json::from_value(put).unwrap()).unwrap();
    };
    let stream_numbers = || -> Vec<String> {
        let streams = serde_json::from_value(json!({"TableName": table})).unwrap();
        let streams = serde_json::to_value(database.list_streams(streams).unwrap()).unwrap();
        let stream = &streams["Streams"][0]["StreamArn"];
        let describe = serde_json::from_value(json!({"StreamArn": stream})).unwrap();
        let shards = serde_json::to_value(database.describe_stream(describe).unwrap()).unwrap();
        let shard = &shards["StreamDescription"]["Shards"][0]["ShardId"];
        let begin =
            json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let begin = serde_json::from_value(begin).unwrap();
        let iterator = database.get_shard_iterator(begin).unwrap().shard_iterator.unwrap();
        let read = serde_json::from_value(json!({"ShardIterator": iterator})).unwrap();
        let records = database.get_records(read).unwrap().records;
        records.into_iter().map(|record| record.dynamodb.sequence_number).collect()
    };
    // The records are deleted a thousand at a time.
    (0..2_500).for_each(write);
    let first = stream_numbers().swap_remove(0);
    get(&stack, "/local/dump").await;
    let kept = stream_numbers();
    assert!((1..1_000).contains(&kept.len()) && kept[0] > first, "{}", kept.len());
    write(2_500);
    let numbers = stream_numbers();
    assert!(numbers.is_sorted_by(|one, next| one < next) && numbers.len() == kept.len() + 1);
    // The stream is read on.
    register(&stack, "ada@example.com").await;
    assert_eq!(subjects(&stack, "ada@example.com").await.len(), 1);
    stack.stop().await;
}
