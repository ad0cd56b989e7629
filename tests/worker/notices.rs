//! News of runs: who gets them, where, and that they come once.

use reqwest::Method;
use serde_json::{Value, json};
use shared::dynamo::{Key, Update};
use shared::ids::{RunId, UserId};
use shared::keys;
use shared::notifications::notify_run;
use shared::organizations::{Member, Role};
use shared::values::Name;
use shared::work::{Job, JobRecord};
use tests::{Fault, FaultProxy, Person, TestApp, race, row};

use crate::routes::runs::{finish_run, insert_project, send_start, start_run};

const DAY: u64 = 24 * 60 * 60;

/// Of that person's own webhook.
pub(crate) fn path_of(person: &Person) -> String {
    let who = person.email.split('@').next().unwrap();
    format!("/services/T01ABCDEF/B02GHIJKL/{who}abcdefghijklmnop")
}

pub(crate) async fn prefer(person: &Person, mut preferences: Value) {
    let webhook = format!("https://hooks.slack.com{}", path_of(person));
    if preferences.get("slack_webhook_url").is_none() {
        preferences["slack_webhook_url"] = webhook.into();
    }
    let body = Some(("application/json", preferences.to_string().into_bytes()));
    person.visitor.send(Method::PUT, "/v1/me/notifications", body).await.expect(200);
}

/// What was posted to Slack, newest first.
pub(crate) async fn posted(app: &TestApp) -> Vec<Value> {
    let messages = app.visitor().get("/local/slack").await.expect(200).json();
    messages["data"].as_array().unwrap().clone()
}

pub(crate) async fn posted_to(app: &TestApp, person: &Person) -> Vec<String> {
    let path = path_of(person);
    let posted = posted(app).await;
    let to = posted.into_iter().filter(|message| message["path"] == path.as_str());
    to.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

/// The mails of runs to somebody, newest first.
pub(crate) async fn mailed(app: &TestApp, person: &Person) -> Vec<Value> {
    let mails = app.mails(&person.email).await.into_iter();
    mails.filter(|mail| mail["subject"].as_str().unwrap().starts_with("Run ")).collect()
}

pub(crate) async fn dead_letters(app: &TestApp) -> usize {
    let dead = app.visitor().get("/local/dead-letters").await.expect(200).json();
    dead["data"].as_array().unwrap().len()
}

/// How many mails and how many messages somebody has.
async fn counts(app: &TestApp, person: &Person) -> (usize, usize) {
    (mailed(app, person).await.len(), posted_to(app, person).await.len())
}

/// An organization with its owner and a project.
pub(crate) async fn setting(app: &TestApp) -> (Person, String, String) {
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme & Sons").await;
    let project = insert_project(app, &client).await;
    (ada, client, project)
}

#[tokio::test]
async fn each_choice_is_kept_for_each_kind_of_end() {
    let app = TestApp::start().await;
    let (ada, _, project) = setting(&app).await;
    let channels = ["email", "slack", "none"];
    let mut expected = (0, 0);
    for (failures, scheduled) in
        channels.into_iter().flat_map(|one| channels.map(|other| (one, other)))
    {
        prefer(&ada, json!({"test_failures": failures, "scheduled_runs": scheduled})).await;
        for (kind, status) in [
            ("manual", "succeeded"),
            ("manual", "failed"),
            ("scheduled", "succeeded"),
            ("scheduled", "failed"),
        ] {
            let run = start_run(&ada, &project, kind).await;
            assert_eq!(counts(&app, &ada).await, expected, "nobody is told of a beginning");
            finish_run(&ada, &run, json!({"status": status})).await.expect(200);
            let mut wanted = Vec::new();
            wanted.extend((status == "failed").then_some(failures));
            wanted.extend((kind == "scheduled").then_some(scheduled));
            expected.0 += usize::from(wanted.contains(&"email"));
            expected.1 += usize::from(wanted.contains(&"slack"));
            let what = format!("{failures}/{scheduled}: {kind} {status}");
            assert_eq!(counts(&app, &ada).await, expected, "{what}");
            // The same once more, and one that was over when it was reported.
            finish_run(&ada, &run, json!({"status": status})).await.expect(200);
            assert_eq!(counts(&app, &ada).await, expected, "{what}, again");
        }
    }
    assert_eq!(dead_letters(&app).await, 0);
    for kind in ["MAIL#", "SLACK#", keys::WORK] {
        assert!(app.items(kind, "").await.is_empty(), "{kind} rows are left");
    }
}

#[tokio::test]
async fn the_news_say_what_happened_and_how_to_stop_them() {
    let app = TestApp::start().await;
    let (ada, _, project) = setting(&app).await;
    prefer(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let summary = "<!channel> 3 & more failed:\n<https://evil.example|click>";
    let body = json!({
        "kind": "scheduled", "name": "Nightly <tests>", "status": "failed", "summary": summary,
    });
    send_start(&ada, &project, body).await.expect(200);
    let mail = &mailed(&app, &ada).await[0];
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
    let message = &posted_to(&app, &ada).await[0];
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
async fn every_member_hears_of_it_as_they_asked_to() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let mut others = Vec::new();
    for (who, choice) in [("bob", "slack"), ("cyd", "none"), ("dan", "email"), ("eve", "slack")] {
        let person = app.sign_up(who).await;
        prefer(&person, json!({"test_failures": choice})).await;
        app.add_member(&client, &person, Role::Member).await;
        others.push(person);
    }
    // Somebody of another organization hears nothing.
    let fay = app.sign_up("fay").await;
    // Whose account waits to be erased hears nothing either, and comes back to nothing.
    let [bob, cyd, dan, eve] = others.try_into().unwrap();
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    eve.delete("/v1/me", body).await.expect(200);
    // A key begins and ends it.
    let (_, key) = ada.key(&client, "ci").await;
    let ci = app.visitor().with_bearer(&key);
    let new = json!({"kind": "manual", "name": "x", "status": "failed"});
    ci.post(&format!("/v1/projects/{project}/runs"), new).await.expect(200);
    assert_eq!(counts(&app, &ada).await, (1, 0));
    assert_eq!(counts(&app, &bob).await, (0, 1));
    assert_eq!(counts(&app, &cyd).await, (0, 0));
    assert_eq!(counts(&app, &dan).await, (1, 0));
    assert_eq!(counts(&app, &eve).await, (0, 0));
    assert_eq!(counts(&app, &fay).await, (0, 0));
}

#[tokio::test]
async fn mail_goes_to_proven_addresses_alone() {
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
    let over = json!({"kind": "manual", "name": "x", "status": "failed"});
    send_start(&ada, &project, over.clone()).await.expect(200);
    assert_eq!(counts(&app, &ada).await, (0, 0));
    prefer(&ada, json!({"test_failures": "slack"})).await;
    send_start(&ada, &project, over).await.expect(200);
    assert_eq!(counts(&app, &ada).await, (0, 1));
}

/// The note that the end of a run leaves, before the worker has it.
fn note_of(run: &str) -> (JobRecord, RunId) {
    let run_id: RunId = run.parse().unwrap();
    (JobRecord { job: Job::NotifyRun { run_id: run_id.clone(), after: None }, parts: 0 }, run_id)
}

/// Puts the note back as it was before the first part, as a record that comes twice has it.
async fn again(app: &TestApp, run: &str) {
    let (work, run_id) = note_of(run);
    notify_run(app.stack().context(), &work, &run_id, None).await.unwrap();
}

#[tokio::test]
async fn a_record_that_comes_again_tells_nobody_twice() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    prefer(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let run = start_run(&ada, &project, "scheduled").await;
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    let told = async || (counts(&app, &ada).await, counts(&app, &bob).await);
    assert_eq!(told().await, ((1, 1), (1, 0)));
    for _ in 0..3 {
        again(&app, &run).await;
        app.advance_clock(60).await;
        assert_eq!(told().await, ((1, 1), (1, 0)));
    }
    // Whoever joins afterwards, or chooses otherwise, hears of what was told then at most once as well.
    prefer(&bob, json!({"test_failures": "slack"})).await;
    for _ in 0..2 {
        again(&app, &run).await;
        app.advance_clock(60).await;
    }
    assert_eq!(told().await, ((1, 1), (1, 1)));
    // Guards name nobody, and go by themselves.
    let guards = app.items("NOTICE#", "").await;
    assert_eq!(guards.len(), 4);
    for guard in guards {
        assert!(!guard.to_string().contains("usr_") && guard["ttl"]["N"].is_string(), "{guard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_at_once_tell_everybody_once() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    prefer(&bob, json!({"test_failures": "slack"})).await;
    let run = start_run(&ada, &project, "manual").await;
    // Ended behind the worker's back: nobody is told before these eight.
    let (ctx, (work, run_id)) = (app.stack().context(), note_of(&run));
    let ended = Update::new(keys::run(&run_id)).set("status", "failed").unwrap();
    let ended = ended.set("finished_at", ctx.now()).unwrap();
    ctx.table.update::<Value>(ended).await.unwrap();
    race(8, |_| {
        let (ctx, work, run_id) = (ctx.clone(), work.clone(), run_id.clone());
        async move { notify_run(&ctx, &work, &run_id, None).await.unwrap() }
    })
    .await;
    // The stack's pump looks by itself once a second; a request that writes has it look at once.
    app.sign_up("eve").await;
    assert_eq!((counts(&app, &ada).await, counts(&app, &bob).await), ((1, 0), (0, 1)));
}

/// Has 249 more people belong to that person's organization, whose addresses are proven.
pub(crate) async fn many_join(engine: &FaultProxy, app: &TestApp, owner: &Person, client: &str) {
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

/// Waits until these 250 have one such mail each, and nothing is left to do.
pub(crate) async fn all_have_one(app: &TestApp, is_it: impl Fn(&str) -> bool) {
    let mut told = Vec::new();
    for _ in 0..30 {
        // Waits for what is there at that moment; a part calls for the next.
        let mails = app.visitor().get("/local/mail").await;
        if mails.status != 200 {
            // DynamoDB Local takes longer than that waits.
            continue;
        }
        let mails = mails.json()["data"].as_array().unwrap().clone();
        told = mails.into_iter().filter(|mail| is_it(mail["subject"].as_str().unwrap())).collect();
        if told.len() >= 250 && app.items(keys::WORK, "").await.is_empty() {
            break;
        }
    }
    let mut to: Vec<_> = told.iter().map(|mail| mail["to"][0].as_str().unwrap()).collect();
    assert_eq!(to.len(), 250);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 250, "each once");
    assert!(app.items(keys::WORK, "").await.is_empty());
}

/// 250 members are told in three parts, each once.
#[tokio::test]
async fn many_members_are_told_in_parts() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = setting(&app).await;
    many_join(&engine, &app, &ada, &client).await;
    let run = start_run(&ada, &project, "manual").await;
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    all_have_one(&app, |subject| subject.starts_with("Run ")).await;
}

/// The engine fails at each step of the telling in turn: everybody is told in the end, and once.
#[tokio::test]
async fn whatever_stops_it_everybody_is_told_once() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = setting(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    prefer(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let mut expected = 0;
    for fault in Fault::ALL {
        for step in 0.. {
            let run = start_run(&ada, &project, "scheduled").await;
            let (ctx, (work, run_id)) = (app.stack().context(), note_of(&run));
            let ended = Update::new(keys::run(&run_id)).set("status", "failed").unwrap();
            let ended = ended.set("finished_at", ctx.now()).unwrap();
            ctx.table.update::<Value>(ended).await.unwrap();
            engine.inject(fault, step, 1_000);
            let result = notify_run(ctx, &work, &run_id, None).await;
            let struck = engine.clear_fault();
            if struck {
                // What was left is done by whoever tries again.
                notify_run(ctx, &work, &run_id, None).await.unwrap();
            } else {
                result.unwrap();
            }
            expected += 1;
            app.sign_up(&format!("{fault:?}{step}").to_lowercase()).await;
            let told = (counts(&app, &ada).await, counts(&app, &bob).await);
            assert_eq!(told, ((expected, expected), (expected, 0)), "{fault:?} at {step}");
            if !struck {
                assert!(step >= 6, "telling takes more than {step} calls");
                break;
            }
        }
    }
}

/// The table is down when the worker is told; the stream tells it again.
#[tokio::test]
async fn news_wait_while_the_table_is_down() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, _, project) = setting(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    // The call itself takes two.
    engine.inject(Fault::Broken, 2, 12);
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    for _ in 0..100 {
        if !mailed(&app, &ada).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    engine.clear_fault();
    assert_eq!(mailed(&app, &ada).await.len(), 1);
    assert_eq!(dead_letters(&app).await, 0);
}

#[tokio::test]
async fn what_is_gone_or_too_old_is_not_told() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let ctx = app.stack().context();
    let over = |run_id: &RunId| {
        let ended = Update::new(keys::run(run_id)).set("status", "failed").unwrap();
        ctx.table.update::<Value>(ended.set("finished_at", ctx.now()).unwrap())
    };
    let late = start_run(&ada, &project, "manual").await;
    over(&late.parse().unwrap()).await.unwrap();
    app.advance_clock(3 * DAY).await;
    let (work, run_id) = note_of(&late);
    notify_run(ctx, &work, &run_id, None).await.unwrap();
    let kept = ada.sign_in(&app).await;
    for gone in
        [keys::project(&project.parse().unwrap()), keys::organization(&client.parse().unwrap())]
    {
        let run = start_run(&kept, &project, "manual").await;
        over(&run.parse().unwrap()).await.unwrap();
        let mark = |update: Update| ctx.table.update::<Value>(update);
        mark(Update::new(gone.clone()).set("deleted_at", 1).unwrap()).await.unwrap();
        let (work, run_id) = note_of(&run);
        notify_run(ctx, &work, &run_id, None).await.unwrap();
        mark(Update::new(gone).remove("deleted_at")).await.unwrap();
    }
    app.sign_up("eve").await;
    assert_eq!(counts(&app, &ada).await, (0, 0));
    assert!(app.items("NOTICE#", "").await.is_empty());
}

/// Makes a row unreadable: what is sealed in it was sealed for something else.
pub(crate) async fn poison(
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

/// Mails and messages that nobody can open, before and among others': they are with the dead letters at once,
/// once each, and the others' arrive.
#[tokio::test]
async fn a_poisoned_record_goes_to_the_dead_letters_and_the_rest_go_on() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    prefer(&bob, json!({"test_failures": "slack"})).await;
    let over = json!({"kind": "manual", "name": "first", "status": "failed"});
    for (pk, attribute, value) in [
        ("MAIL#x", "sealed", json!("seed.AAAA")),
        ("MAIL#y", "sealed", json!(7)),
        ("SLACK#x", "sealed", json!("seed.AAAA")),
        ("SLACK#y", "queued_at", json!("yesterday")),
    ] {
        // As the others are, but for one attribute.
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
    send_start(&ada, &project, over).await.expect(200);
    assert_eq!((mailed(&app, &ada).await.len(), posted_to(&app, &bob).await.len()), (1, 1));
    assert_eq!(dead_letters(&app).await, 4);
    // And so for what comes later.
    let over = json!({"kind": "manual", "name": "second", "status": "failed"});
    send_start(&ada, &project, over).await.expect(200);
    assert_eq!((mailed(&app, &ada).await.len(), posted_to(&app, &bob).await.len()), (2, 2));
    assert_eq!(dead_letters(&app).await, 4);
    // They stay for whoever looks into it.
    assert_eq!(app.items("MAIL#", "").await.len() + app.items("SLACK#", "").await.len(), 4);
}

/// Somebody's rows are broken: nobody else misses the news.
#[tokio::test]
async fn a_member_who_cant_be_read_keeps_no_other_from_the_news() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let (bob, cyd) = (app.sign_up("bob").await, app.sign_up("cyd").await);
    for person in [&bob, &cyd] {
        app.add_member(&client, person, Role::Member).await;
        prefer(person, json!({"test_failures": "slack"})).await;
    }
    let broken = keys::notifications(&bob.id().await);
    poison(&app, &broken.pk, &broken.sk, "test_failures", json!("pigeon")).await;
    // Whose webhook alone can't be opened is found out when it is needed.
    let sealed = keys::notifications(&cyd.id().await);
    poison(&app, &sealed.pk, &sealed.sk, "slack_webhook", json!("seed.AAAA")).await;
    let over = json!({"kind": "manual", "name": "x", "status": "failed"});
    send_start(&ada, &project, over).await.expect(200);
    assert_eq!(counts(&app, &ada).await, (1, 0));
    assert!(posted(&app).await.is_empty());
    assert_eq!(dead_letters(&app).await, 1, "cyd's message");
    assert!(app.items(keys::WORK, "").await.is_empty());
}

/// The run itself can't be read: that is with the dead letters, and no hourly run fails for it.
#[tokio::test]
async fn a_run_that_cant_be_read_is_given_up() {
    let app = TestApp::start().await;
    let (ada, _, project) = setting(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    let ctx = app.stack().context();
    let key = keys::run(&run.parse().unwrap());
    poison(&app, &key.pk, &key.sk, "status", json!("odd")).await;
    let mut tx = ctx.table.transaction();
    note_of(&run).0.job.enqueue(&mut tx).unwrap();
    tx.commit(shared::activity::Log::Nothing("a test's own doing")).await.unwrap();
    let second =
        send_start(&ada, &project, json!({"kind": "manual", "name": "x", "status": "failed"}));
    second.await.expect(200);
    assert_eq!(counts(&app, &ada).await, (1, 0));
    assert_eq!(dead_letters(&app).await, 1);
    assert!(app.items(keys::WORK, "").await.is_empty());
}
