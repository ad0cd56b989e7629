//! Notifications about runs: preferences, mails, Slack messages and dead letters.

use reqwest::Method;
use serde_json::Value;
use shared::dynamo::{Key, Update};
use shared::ids::{RunId, UserId};
use shared::jobs::{Job, JobRecord};
use shared::keys;
use shared::notifications::notify_run;
use shared::organizations::{Member, Role};
use shared::values::Name;

use crate::runs::insert_project;
use crate::{FaultProxy, Person, TestApp, row};

/// Returns the path of a person's Slack webhook.
pub fn webhook_path(person: &Person) -> String {
    let who = person.email.split('@').next().unwrap();
    format!("/services/T01ABCDEF/B02GHIJKL/{who}abcdefghijklmnop")
}

/// Sets notification preferences, with the person's own webhook unless another one is given.
pub async fn set_preferences(person: &Person, mut preferences: Value) {
    let webhook = format!("https://hooks.slack.com{}", webhook_path(person));
    if preferences.get("slack_webhook_url").is_none() {
        preferences["slack_webhook_url"] = webhook.into();
    }
    let path = "/v1/me/notifications";
    person.visitor.send_json(Method::PUT, path, &preferences).await.expect(200);
}

/// Lists the messages posted to Slack, the newest first.
pub async fn slack_messages(app: &TestApp) -> Vec<Value> {
    let messages = app.visitor().get("/local/slack").await.expect(200).json();
    messages["data"].as_array().unwrap().clone()
}

/// Lists the texts posted to a person's webhook, the newest first.
pub async fn slack_messages_to(app: &TestApp, person: &Person) -> Vec<String> {
    let path = webhook_path(person);
    let posted = slack_messages(app).await;
    let to = posted.into_iter().filter(|message| message["path"] == path.as_str());
    to.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

/// Lists the mails about runs to a person, the newest first.
pub async fn run_mails(app: &TestApp, person: &Person) -> Vec<Value> {
    let mails = app.mails(&person.email).await.into_iter();
    mails.filter(|mail| mail["subject"].as_str().unwrap().starts_with("Run ")).collect()
}

/// Counts the dead letters.
pub async fn count_dead_letters(app: &TestApp) -> usize {
    let dead = app.visitor().get("/local/dead-letters").await.expect(200).json();
    dead["data"].as_array().unwrap().len()
}

/// Counts a person's mails and Slack messages about runs.
pub async fn count_notifications(app: &TestApp, person: &Person) -> (usize, usize) {
    (run_mails(app, person).await.len(), slack_messages_to(app, person).await.len())
}

/// Creates an organization with a project, and returns its owner and both ids.
pub async fn create_project_fixture(app: &TestApp) -> (Person, String, String) {
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme & Sons").await;
    let project = insert_project(app, &client).await;
    (ada, client, project)
}

/// Returns the job that the end of a run enqueues, before its first part.
pub fn job_record(run: &str) -> (JobRecord, RunId) {
    let run_id: RunId = run.parse().unwrap();
    let job = Job::NotifyRun { run_id: run_id.clone(), after: None };
    (JobRecord { job, parts: 0, request_id: None }, run_id)
}

/// Runs the first part of the job again, as after a repeated stream record.
pub async fn repeat_job(app: &TestApp, run: &str) {
    let (work, run_id) = job_record(run);
    notify_run(app.stack().context(), &work, &run_id, None).await.unwrap();
}

/// Adds 249 members with verified addresses to an organization by writing the rows directly.
pub async fn add_many_members(engine: &FaultProxy, app: &TestApp, owner: &Person, client: &str) {
    let ctx = app.stack().context();
    let key = keys::user(&owner.id().await);
    let pattern: shared::accounts::User = ctx.table.get(&key).await.unwrap().unwrap();
    let mut rows = Vec::new();
    for number in 0..249 {
        let id = UserId::generate(&*ctx.random);
        let email = format!("member{number}@example.com");
        let email = shared::values::EmailAddress::parse(&email).unwrap();
        let name = Name::parse("Member").unwrap();
        rows.push(row(&shared::accounts::User { id: id.clone(), email, name, ..pattern.clone() }));
        let client_id = client.parse().unwrap();
        let joined_at = ctx.now();
        rows.push(row(&Member { client_id, user_id: id, role: Role::Member, joined_at }));
    }
    engine.bulk(&ctx.config.table_name).put(rows).await;
}

/// Waits until 250 members have one matching mail each and no job is left.
pub async fn assert_each_has_one_mail(app: &TestApp, is_it: impl Fn(&str) -> bool) {
    let mut sent = Vec::new();
    for _ in 0..30 {
        // Reading the mails waits for the current stream records, and a part of a job adds another record.
        let mails = app.visitor().get("/local/mail").await;
        if mails.status != 200 {
            // The wait times out on DynamoDB Local.
            continue;
        }
        let mails = mails.json()["data"].as_array().unwrap().clone();
        sent = mails.into_iter().filter(|mail| is_it(mail["subject"].as_str().unwrap())).collect();
        if sent.len() >= 250 && app.items(keys::JOBS, "").await.is_empty() {
            break;
        }
    }
    let mut to: Vec<_> = sent.iter().map(|mail| mail["to"][0].as_str().unwrap()).collect();
    assert_eq!(to.len(), 250);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 250, "each once");
    assert!(app.items(keys::JOBS, "").await.is_empty());
}

/// Makes a row unreadable by changing an attribute.
pub async fn corrupt_row(app: &TestApp, pk: &str, sk: &str, attribute: &'static str, value: Value) {
    let key = Key { pk: pk.to_owned(), sk: sk.to_owned() };
    let update = Update::new(key).set(attribute, value).unwrap();
    app.stack().context().table.update::<Value>(update).await.unwrap();
}
