//! Notifications about runs: the recipients, the channels, and that each arrives once.

use reqwest::Method;
use serde_json::{Value, json};
use shared::dynamo::{Key, Update};
use shared::ids::{RunId, UserId};
use shared::jobs::{Job, JobRecord};
use shared::keys;
use shared::notifications::notify_run;
use shared::organizations::{Member, Role};
use shared::values::Name;
use tests::{Fault, FaultProxy, Person, TestApp, race, row};

use crate::routes::runs::{finish_run, insert_project, send_start, start_run};

const DAY: u64 = 24 * 60 * 60;

/// Returns the path of a person's Slack webhook.
pub(crate) fn webhook_path(person: &Person) -> String {
    let who = person.email.split('@').next().unwrap();
    format!("/services/T01ABCDEF/B02GHIJKL/{who}abcdefghijklmnop")
}

/// Sets notification preferences, with the person's own webhook unless another one is given.
pub(crate) async fn set_preferences(person: &Person, mut preferences: Value) {
    let webhook = format!("https://hooks.slack.com{}", webhook_path(person));
    if preferences.get("slack_webhook_url").is_none() {
        preferences["slack_webhook_url"] = webhook.into();
    }
    let body = Some(("application/json", preferences.to_string().into_bytes()));
    person.visitor.send(Method::PUT, "/v1/me/notifications", body).await.expect(200);
}

/// Lists the messages posted to Slack, the newest first.
pub(crate) async fn slack_messages(app: &TestApp) -> Vec<Value> {
    let messages = app.visitor().get("/local/slack").await.expect(200).json();
    messages["data"].as_array().unwrap().clone()
}

/// Lists the texts posted to a person's webhook, the newest first.
pub(crate) async fn slack_messages_to(app: &TestApp, person: &Person) -> Vec<String> {
    let path = webhook_path(person);
    let posted = slack_messages(app).await;
    let to = posted.into_iter().filter(|message| message["path"] == path.as_str());
    to.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

/// Lists the mails about runs to a person, the newest first.
pub(crate) async fn run_mails(app: &TestApp, person: &Person) -> Vec<Value> {
    let mails = app.mails(&person.email).await.into_iter();
    mails.filter(|mail| mail["subject"].as_str().unwrap().starts_with("Run ")).collect()
}

/// Counts the dead letters.
pub(crate) async fn count_dead_letters(app: &TestApp) -> usize {
    let dead = app.visitor().get("/local/dead-letters").await.expect(200).json();
    dead["data"].as_array().unwrap().len()
}

/// Counts a person's mails and Slack messages about runs.
async fn count_notifications(app: &TestApp, person: &Person) -> (usize, usize) {
    (run_mails(app, person).await.len(), slack_messages_to(app, person).await.len())
}

/// Creates an organization with a project, and returns its owner and both ids.
pub(crate) async fn create_project_fixture(app: &TestApp) -> (Person, String, String) {
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme & Sons").await;
    let project = insert_project(app, &client).await;
    (ada, client, project)
}

#[tokio::test]
async fn each_preference_applies_to_each_kind_of_run() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    let channels = ["email", "slack", "none"];
    let mut expected = (0, 0);
    for (failures, scheduled) in
        channels.into_iter().flat_map(|one| channels.map(|other| (one, other)))
    {
        set_preferences(&ada, json!({"test_failures": failures, "scheduled_runs": scheduled}))
            .await;
        for (kind, status) in [
            ("manual", "succeeded"),
            ("manual", "failed"),
            ("scheduled", "succeeded"),
            ("scheduled", "failed"),
        ] {
            let run = start_run(&ada, &project, kind).await;
            assert_eq!(
                count_notifications(&app, &ada).await,
                expected,
                "nobody is told of a beginning"
            );
            finish_run(&ada, &run, json!({"status": status})).await.expect(200);
            let mut wanted = Vec::new();
            wanted.extend((status == "failed").then_some(failures));
            wanted.extend((kind == "scheduled").then_some(scheduled));
            expected.0 += usize::from(wanted.contains(&"email"));
            expected.1 += usize::from(wanted.contains(&"slack"));
            let what = format!("{failures}/{scheduled}: {kind} {status}");
            assert_eq!(count_notifications(&app, &ada).await, expected, "{what}");
            // Finishing the run again sends nothing.
            finish_run(&ada, &run, json!({"status": status})).await.expect(200);
            assert_eq!(count_notifications(&app, &ada).await, expected, "{what}, again");
        }
    }
    assert_eq!(count_dead_letters(&app).await, 0);
    for kind in ["MAIL#", "SLACK#", keys::JOBS] {
        assert!(app.items(kind, "").await.is_empty(), "{kind} rows are left");
    }
}

#[tokio::test]
async fn a_notification_has_the_outcome_and_a_settings_link() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let summary = "<!channel> 3 & more failed:\n<https://evil.example|click>";
    let body = json!({
        "kind": "scheduled", "name": "Nightly <tests>", "status": "failed", "summary": summary,
    });
    send_start(&ada, &project, body).await.expect(200);
    let mail = &run_mails(&app, &ada).await[0];
    assert_eq!(mail["subject"], "Run failed: Nightly <tests>");
    let (text, html) = (mail["text"].as_str().unwrap(), mail["html"].as_str().unwrap());
    let account = format!("{}/account", app.url());
    for part in [
        "Hello ada,",
        "the scheduled run \"Nightly <tests>\" failed",
        "in the project \"Churn analysis\" of Acme & Sons,",
        "    <!channel> 3 & more failed:\n    <https://evil.example|click>\n",
        &account,
    ] {
        assert!(
            text.replace(" \n", "\n").contains(part) || text.replace('\n', " ").contains(part),
            "{part}: {text}"
        );
    }
    assert!(html.contains("Nightly &#60;tests&#62;") && !html.contains("<tests>"), "{html}");
    assert!(!html.contains("<https://evil"), "{html}");
    let message = &slack_messages_to(&app, &ada).await[0];
    assert!(message.starts_with(
        "*Scheduled run failed:* Nightly &lt;tests&gt;\nChurn analysis, Acme &amp; Sons, "
    ));
    assert!(
        message.contains("\n> &lt;!channel&gt; 3 &amp; more failed:\n> &lt;https://evil"),
        "{message}"
    );
    assert!(
        message.ends_with(&format!("<{account}|Change your notification settings>")),
        "{message}"
    );
    assert_eq!(message.matches('<').count(), 1, "{message}");
}

#[tokio::test]
async fn every_member_is_notified_by_preference() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let mut others = Vec::new();
    for (who, choice) in [("bob", "slack"), ("cyd", "none"), ("dan", "email"), ("eve", "slack")] {
        let person = app.sign_up(who).await;
        set_preferences(&person, json!({"test_failures": choice})).await;
        app.add_member(&client, &person, Role::Member).await;
        others.push(person);
    }
    // Fay belongs to another organization.
    let fay = app.sign_up("fay").await;
    // Eve's account is scheduled for deletion.
    let [bob, cyd, dan, eve] = others.try_into().unwrap();
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    eve.delete("/v1/me", body).await.expect(200);
    // An API key starts and finishes the run.
    let (_, key) = ada.key(&client, "ci").await;
    let ci = app.visitor().with_bearer(&key);
    let new = json!({"kind": "manual", "name": "x", "status": "failed"});
    ci.post(&format!("/v1/projects/{project}/runs"), new).await.expect(200);
    assert_eq!(count_notifications(&app, &ada).await, (1, 0));
    assert_eq!(count_notifications(&app, &bob).await, (0, 1));
    assert_eq!(count_notifications(&app, &cyd).await, (0, 0));
    assert_eq!(count_notifications(&app, &dan).await, (1, 0));
    assert_eq!(count_notifications(&app, &eve).await, (0, 0));
    assert_eq!(count_notifications(&app, &fay).await, (0, 0));
}

#[tokio::test]
async fn mail_goes_only_to_verified_addresses() {
    let app = TestApp::start_without_email_verification().await;
    let register = async |who: &str| {
        let visitor = app.visitor();
        let email = format!("{who}@example.com");
        let body = json!({"email": email, "name": who, "password": tests::PASSWORD});
        let reply = visitor.post("/v1/register", body).await.expect(200);
        Person::from_session(&visitor, &email, &reply)
    };
    let ada = register("ada").await;
    let client = ada.create_client("Acme").await;
    let project = insert_project(&app, &client).await;
    let failed_run = json!({"kind": "manual", "name": "x", "status": "failed"});
    send_start(&ada, &project, failed_run.clone()).await.expect(200);
    assert_eq!(count_notifications(&app, &ada).await, (0, 0));
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    send_start(&ada, &project, failed_run).await.expect(200);
    assert_eq!(count_notifications(&app, &ada).await, (0, 1));
}

/// Returns the job that the end of a run enqueues, before its first part.
fn job_record(run: &str) -> (JobRecord, RunId) {
    let run_id: RunId = run.parse().unwrap();
    (JobRecord { job: Job::NotifyRun { run_id: run_id.clone(), after: None }, parts: 0 }, run_id)
}

/// Runs the first part of the job again, as after a repeated stream record.
async fn repeat_job(app: &TestApp, run: &str) {
    let (work, run_id) = job_record(run);
    notify_run(app.stack().context(), &work, &run_id, None).await.unwrap();
}

#[tokio::test]
async fn a_repeated_stream_record_notifies_nobody_twice() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let run = start_run(&ada, &project, "scheduled").await;
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    let sent =
        async || (count_notifications(&app, &ada).await, count_notifications(&app, &bob).await);
    assert_eq!(sent().await, ((1, 1), (1, 0)));
    for _ in 0..3 {
        repeat_job(&app, &run).await;
        app.advance_clock(60).await;
        assert_eq!(sent().await, ((1, 1), (1, 0)));
    }
    // A member who joins or changes preferences afterwards is notified at most once.
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    for _ in 0..2 {
        repeat_job(&app, &run).await;
        app.advance_clock(60).await;
    }
    assert_eq!(sent().await, ((1, 1), (1, 1)));
    // Delivery records contain no user id and expire.
    let guards = app.items("NOTICE#", "").await;
    assert_eq!(guards.len(), 4);
    for guard in guards {
        assert!(!guard.to_string().contains("usr_") && guard["ttl"]["N"].is_string(), "{guard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_workers_notify_everyone_once() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    let run = start_run(&ada, &project, "manual").await;
    // The row is changed without enqueuing the job, so that only these eight workers send.
    let (ctx, (work, run_id)) = (app.stack().context(), job_record(&run));
    let ended = Update::new(keys::run(&run_id)).set("status", "failed").unwrap();
    let ended = ended.set("finished_at", ctx.now()).unwrap();
    ctx.table.update::<Value>(ended).await.unwrap();
    race(8, |_| {
        let (ctx, work, run_id) = (ctx.clone(), work.clone(), run_id.clone());
        async move { notify_run(&ctx, &work, &run_id, None).await.unwrap() }
    })
    .await;
    // The stream poller runs once a second, or immediately after a request that writes.
    app.sign_up("eve").await;
    assert_eq!(
        (count_notifications(&app, &ada).await, count_notifications(&app, &bob).await),
        ((1, 0), (0, 1))
    );
}

/// Adds 249 members with verified addresses to an organization by writing the rows directly.
pub(crate) async fn add_many_members(
    engine: &FaultProxy,
    app: &TestApp,
    owner: &Person,
    client: &str,
) {
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
pub(crate) async fn assert_each_has_one_mail(app: &TestApp, is_it: impl Fn(&str) -> bool) {
    let mut sent = Vec::new();
    for _ in 0..30 {
        // Reading the mails waits for the current stream records, and a part of a job adds another
        // record.
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

/// 250 members are notified in three parts, each member once.
#[tokio::test]
async fn many_members_are_notified_in_parts() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = create_project_fixture(&app).await;
    add_many_members(&engine, &app, &ada, &client).await;
    let run = start_run(&ada, &project, "manual").await;
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    assert_each_has_one_mail(&app, |subject| subject.starts_with("Run ")).await;
}

/// DynamoDB fails at each step of sending in turn. Every member is notified in the end, and once.
#[tokio::test]
async fn everyone_is_notified_once_after_a_fault() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let mut expected = 0;
    for fault in Fault::ALL {
        for step in 0.. {
            let run = start_run(&ada, &project, "scheduled").await;
            let (ctx, (work, run_id)) = (app.stack().context(), job_record(&run));
            let ended = Update::new(keys::run(&run_id)).set("status", "failed").unwrap();
            let ended = ended.set("finished_at", ctx.now()).unwrap();
            ctx.table.update::<Value>(ended).await.unwrap();
            engine.inject(fault, step, 1_000);
            let result = notify_run(ctx, &work, &run_id, None).await;
            let struck = engine.clear_fault();
            if struck {
                // Another try sends the remaining notifications.
                notify_run(ctx, &work, &run_id, None).await.unwrap();
            } else {
                result.unwrap();
            }
            expected += 1;
            app.sign_up(&format!("{fault:?}{step}").to_lowercase()).await;
            let sent =
                (count_notifications(&app, &ada).await, count_notifications(&app, &bob).await);
            assert_eq!(sent, ((expected, expected), (expected, 0)), "{fault:?} at {step}");
            if !struck {
                assert!(step >= 6, "telling takes more than {step} calls");
                break;
            }
        }
    }
}

/// The table is down when the worker handles the stream record, which is delivered again.
#[tokio::test]
async fn notifications_are_sent_after_an_outage_of_the_table() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, _, project) = create_project_fixture(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    // Finishing the run takes two calls.
    engine.inject(Fault::Broken, 2, 12);
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    for _ in 0..100 {
        if !run_mails(&app, &ada).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    engine.clear_fault();
    assert_eq!(run_mails(&app, &ada).await.len(), 1);
    assert_eq!(count_dead_letters(&app).await, 0);
}

#[tokio::test]
async fn deleted_or_old_runs_send_no_notification() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let ctx = app.stack().context();
    let finish_directly = |run_id: &RunId| {
        let ended = Update::new(keys::run(run_id)).set("status", "failed").unwrap();
        ctx.table.update::<Value>(ended.set("finished_at", ctx.now()).unwrap())
    };
    let late = start_run(&ada, &project, "manual").await;
    finish_directly(&late.parse().unwrap()).await.unwrap();
    app.advance_clock(3 * DAY).await;
    let (work, run_id) = job_record(&late);
    notify_run(ctx, &work, &run_id, None).await.unwrap();
    let kept = ada.sign_in(&app).await;
    for gone in
        [keys::project(&project.parse().unwrap()), keys::organization(&client.parse().unwrap())]
    {
        let run = start_run(&kept, &project, "manual").await;
        finish_directly(&run.parse().unwrap()).await.unwrap();
        let mark = |update: Update| ctx.table.update::<Value>(update);
        mark(Update::new(gone.clone()).set("deleted_at", 1).unwrap()).await.unwrap();
        let (work, run_id) = job_record(&run);
        notify_run(ctx, &work, &run_id, None).await.unwrap();
        mark(Update::new(gone).remove("deleted_at")).await.unwrap();
    }
    app.sign_up("eve").await;
    assert_eq!(count_notifications(&app, &ada).await, (0, 0));
    assert!(app.items("NOTICE#", "").await.is_empty());
}

/// Makes a row unreadable by changing an attribute.
pub(crate) async fn corrupt_row(
    app: &TestApp,
    pk: &str,
    sk: &str,
    attribute: &'static str,
    value: Value,
) {
    let key = Key { pk: pk.to_owned(), sk: sk.to_owned() };
    let update = Update::new(key).set(attribute, value).unwrap();
    app.stack().context().table.update::<Value>(update).await.unwrap();
}

/// Unreadable mails and messages go to the dead letters at once and only once, and the others are
/// delivered.
#[tokio::test]
async fn an_unreadable_record_becomes_a_dead_letter() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    let failed_run = json!({"kind": "manual", "name": "first", "status": "failed"});
    for (pk, attribute, value) in [
        ("MAIL#x", "sealed", json!("seed.AAAA")),
        ("MAIL#y", "sealed", json!(7)),
        ("SLACK#x", "sealed", json!("seed.AAAA")),
        ("SLACK#y", "queued_at", json!("yesterday")),
    ] {
        // Only one attribute differs from a valid row.
        let complete = [("id", if pk.starts_with("MAIL") { "mail_" } else { "note_" })];
        let now = app.stack().context().now();
        let key = Key { pk: pk.to_owned(), sk: format!("{now:0>12}#x") };
        let id = format!("{}{}", complete[0].1, "mfrggzdfmztwq2lknnwg23tpoa");
        let later = now.plus(std::time::Duration::from_secs(60));
        let mut row = Update::new(key).set("id", id).unwrap().set("recipient", "x").unwrap();
        for (name, time) in [("queued_at", now), ("useful_until", later), ("ttl_at", later)] {
            if name != attribute {
                row = row.set(name, time).unwrap();
            }
        }
        let row = row.set(attribute, value).unwrap();
        let row = if attribute == "sealed" { row } else { row.set("sealed", "seed.AAAA").unwrap() };
        app.stack().context().table.update::<Value>(row).await.unwrap();
    }
    send_start(&ada, &project, failed_run).await.expect(200);
    assert_eq!(
        (run_mails(&app, &ada).await.len(), slack_messages_to(&app, &bob).await.len()),
        (1, 1)
    );
    assert_eq!(count_dead_letters(&app).await, 4);
    // Later notifications are delivered as well.
    let failed_run = json!({"kind": "manual", "name": "second", "status": "failed"});
    send_start(&ada, &project, failed_run).await.expect(200);
    assert_eq!(
        (run_mails(&app, &ada).await.len(), slack_messages_to(&app, &bob).await.len()),
        (2, 2)
    );
    assert_eq!(count_dead_letters(&app).await, 4);
    // The rows stay for an investigation.
    assert_eq!(app.items("MAIL#", "").await.len() + app.items("SLACK#", "").await.len(), 4);
}

/// An unreadable member does not prevent the notification of the others.
#[tokio::test]
async fn an_unreadable_member_does_not_block_notifications() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let (bob, cyd) = (app.sign_up("bob").await, app.sign_up("cyd").await);
    for person in [&bob, &cyd] {
        app.add_member(&client, person, Role::Member).await;
        set_preferences(person, json!({"test_failures": "slack"})).await;
    }
    let broken = keys::notification_preferences(&bob.id().await);
    corrupt_row(&app, &broken.pk, &broken.sk, "test_failures", json!("pigeon")).await;
    // An unreadable webhook is noticed only when the message is sent.
    let sealed = keys::notification_preferences(&cyd.id().await);
    corrupt_row(&app, &sealed.pk, &sealed.sk, "slack_webhook", json!("seed.AAAA")).await;
    let failed_run = json!({"kind": "manual", "name": "x", "status": "failed"});
    send_start(&ada, &project, failed_run).await.expect(200);
    assert_eq!(count_notifications(&app, &ada).await, (1, 0));
    assert!(slack_messages(&app).await.is_empty());
    assert_eq!(count_dead_letters(&app).await, 1, "cyd's message");
    assert!(app.items(keys::JOBS, "").await.is_empty());
}

/// An unreadable run goes to the dead letters and does not fail the hourly run.
#[tokio::test]
async fn an_unreadable_run_becomes_a_dead_letter() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    let ctx = app.stack().context();
    let key = keys::run(&run.parse().unwrap());
    corrupt_row(&app, &key.pk, &key.sk, "status", json!("odd")).await;
    let mut tx = ctx.table.transaction();
    job_record(&run).0.job.enqueue(&mut tx).unwrap();
    tx.commit(shared::activity::Log::Nothing("a test's own doing")).await.unwrap();
    let second =
        send_start(&ada, &project, json!({"kind": "manual", "name": "x", "status": "failed"}));
    second.await.expect(200);
    assert_eq!(count_notifications(&app, &ada).await, (1, 0));
    assert_eq!(count_dead_letters(&app).await, 1);
    assert!(app.items(keys::JOBS, "").await.is_empty());
}
