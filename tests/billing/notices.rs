//! News of credits and payments: who gets them, and that they come once.

use serde_json::{Value, json};
use shared::activity::Log;
use shared::billing::{PaymentEvent, PaymentNotification, USAGE_ALERTS};
use shared::context::Context;
use shared::dynamo::Update;
use shared::error::Result;
use shared::keys;
use shared::notifications::{QuotaUsed, notify_payment, notify_usage};
use shared::organizations::Role;
use shared::work::{Job, JobRecord};
use tests::{Fault, FaultProxy, Person, TestApp, race, race_size};

use crate::routes::members::sign_up_member;
use crate::routes::transfer::transfer;
use crate::worker::notices::{all_have_one, dead_letters, many_join, poison, prefer};

const DAY: u64 = 24 * 60 * 60;

/// That so many percent of a grant are used, just now.
fn used(app: &TestApp, client: &str, percent: u8, grant: u64) -> Job {
    let (client_id, at) = (client.parse().unwrap(), app.stack().context().now());
    Job::NotifyUsage { client_id, percent, grant, at, after: None }
}

/// What happened to an invoice, just now.
fn invoice(app: &TestApp, client: &str, event: PaymentEvent, attempt: u32) -> Job {
    Job::NotifyPayment(PaymentNotification {
        client_id: client.parse().unwrap(),
        invoice_id: "in_1".to_owned(),
        number: Some("4F2A91BC-0007".to_owned()),
        event,
        attempt,
        is_last: false,
        amount: 5_000,
        currency: "usd".to_owned(),
        at: app.stack().context().now(),
    })
}

/// Calls for it as whatever makes it necessary does, and waits until it is done.
async fn call(app: &TestApp, job: &Job) {
    let mut tx = app.stack().context().table.transaction();
    job.clone().enqueue(&mut tx).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    app.wait_for_worker().await;
    assert!(app.items(keys::WORK, "").await.is_empty(), "{job:?} isn't done");
}

/// Does the first part of it, as a worker does that is told.
async fn first_part(ctx: &Context, job: &Job) -> Result<()> {
    let work = JobRecord { job: job.clone(), parts: 0 };
    if let Job::NotifyPayment(news) = job {
        return notify_payment(ctx, &work, news).await;
    }
    let Job::NotifyUsage { client_id, percent, grant, at, after } = job else {
        panic!("{job:?} tells of neither");
    };
    let (organization_id, percent, grant, at) = (client_id.clone(), *percent, *grant, *at);
    let quota = QuotaUsed { organization_id, percent, grant, at };
    notify_usage(ctx, &work, &quota, after.as_ref()).await
}

fn is_news(subject: &str) -> bool {
    ["Payment ", "Receipt: "].iter().any(|start| subject.starts_with(start))
        || subject.ends_with("of its credits")
}

/// The subjects of such mails to somebody, newest first.
async fn told(app: &TestApp, person: &Person) -> Vec<String> {
    let subjects = app.subjects(&person.email).await;
    subjects.into_iter().filter(|subject| is_news(subject)).collect()
}

async fn change(app: &TestApp, person: &Person, change: impl FnOnce(Update) -> Update) {
    let update = change(Update::new(keys::user(&person.id().await)));
    app.stack().context().table.update::<Value>(update).await.unwrap();
}

#[tokio::test]
async fn usage_is_told_to_every_member_who_asked_for_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme & <Sons>").await;
    let mut others = Vec::new();
    for who in ["bob", "cyd", "dan", "eve"] {
        others.push(sign_up_member(&app, &client, who, Role::Member).await);
    }
    let [bob, cyd, dan, eve] = others.try_into().unwrap();
    // Somebody of another organization hears nothing, whatever they chose.
    let fay = app.sign_up("fay").await;
    // News of runs and payments are other choices.
    let others =
        json!({"test_failures": "none", "scheduled_runs": "slack", "billing_alerts": "none"});
    prefer(&bob, others).await;
    prefer(&cyd, json!({"usage_alerts": "none"})).await;
    change(&app, &dan, |user| user.set("email_verified", false).unwrap()).await;
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    eve.delete("/v1/me", body).await.expect(200);
    for percent in USAGE_ALERTS {
        call(&app, &used(&app, &client, percent, 1)).await;
        app.advance_clock(60).await;
    }
    let expected =
        ["all", "90 %", "80 %"].map(|part| format!("Acme & <Sons> has used {part} of its credits"));
    for (person, hears) in
        [(&ada, true), (&bob, true), (&cyd, false), (&dan, false), (&eve, false), (&fay, false)]
    {
        let expected = if hears { &expected[..] } else { &[] };
        assert_eq!(told(&app, person).await, expected, "{}", person.email);
    }
    let mails = app.mails(&ada.email).await;
    let (text, html) = (mails[0]["text"].as_str().unwrap(), mails[0]["html"].as_str().unwrap());
    let account = format!("{}/account", app.url());
    for part in ["Hello ada,", "Acme & <Sons> has used all of its credits", &account] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(html.contains("Acme &#38; &#60;Sons&#62;") && !html.contains("<Sons>"), "{html}");
    assert_eq!(dead_letters(&app).await, 0);
}

#[tokio::test]
async fn each_grant_is_told_of_once_however_often_it_is_called_for() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let of_first = used(&app, &client, 80, 1);
    for _ in 0..3 {
        call(&app, &of_first).await;
        app.advance_clock(60).await;
        assert_eq!(told(&app, &ada).await.len(), 1);
    }
    // Whoever joins afterwards hears of it then, and once.
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    for _ in 0..2 {
        call(&app, &of_first).await;
        assert_eq!((told(&app, &ada).await.len(), told(&app, &bob).await.len()), (1, 1));
    }
    // The next grant's is another, and so is that of another organization.
    call(&app, &used(&app, &client, 80, 2)).await;
    assert_eq!((told(&app, &ada).await.len(), told(&app, &bob).await.len()), (2, 2));
    let other = ada.create_client("Other").await;
    call(&app, &used(&app, &other, 80, 1)).await;
    assert_eq!((told(&app, &ada).await.len(), told(&app, &bob).await.len()), (3, 2));
    // Guards name nobody, and go by themselves.
    let guards = app.items("NOTICE#", "").await;
    assert_eq!(guards.len(), 5);
    for guard in guards {
        assert!(!guard.to_string().contains("usr_") && guard["ttl"]["N"].is_string(), "{guard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_workers_at_once_tell_everybody_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    for job in [used(&app, &client, 80, 1), invoice(&app, &client, PaymentEvent::Paid, 1)] {
        let ctx = app.stack().context();
        race(race_size().min(20), |_| {
            let (ctx, job) = (ctx.clone(), job.clone());
            async move { first_part(&ctx, &job).await.unwrap() }
        })
        .await;
    }
    app.wait_for_worker().await;
    assert_eq!((told(&app, &ada).await.len(), told(&app, &bob).await.len()), (2, 1));
}

/// 250 members are told in three parts, each once.
#[tokio::test]
async fn many_members_are_told_of_usage_in_parts() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    many_join(&engine, &app, &ada, &client).await;
    let mut tx = app.stack().context().table.transaction();
    used(&app, &client, 90, 1).enqueue(&mut tx).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    all_have_one(&app, |subject| subject == "Acme has used 90 % of its credits").await;
}

#[tokio::test]
async fn payments_are_told_to_the_owner_alone() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme & <Sons>").await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let counts = async || (told(&app, &ada).await.len(), told(&app, &bob).await.len());
    use PaymentEvent::{Due, Failed, Paid};
    let mut expected = 0;
    for (event, attempt, subject) in [
        (Due, 0, "Payment due: USD 50.00, Acme & <Sons>"),
        (Failed, 1, "Payment failed: USD 50.00, Acme & <Sons>"),
        (Failed, 2, "Payment failed: USD 50.00, Acme & <Sons>"),
        (Paid, 3, "Receipt: USD 50.00, Acme & <Sons>"),
    ] {
        let job = invoice(&app, &client, event, attempt);
        expected += 1;
        for _ in 0..2 {
            call(&app, &job).await;
            app.advance_clock(60).await;
            assert_eq!(counts().await, (expected, 0), "{job:?}");
        }
        let mail = &app.mails(&ada.email).await[0];
        assert_eq!(mail["subject"], subject);
        let (text, html) = (mail["text"].as_str().unwrap(), mail["html"].as_str().unwrap());
        for part in ["Hello ada,", "USD 50.00 for Acme & <Sons>", "4F2A91BC-0007", "/account"] {
            assert!(text.replace('\n', " ").contains(part), "{part}: {text}");
        }
        assert!(html.contains("Acme &#38; &#60;Sons&#62;") && !html.contains("<Sons>"), "{html}");
        assert!(!text.contains("stripe.com") && !html.contains("stripe.com"), "{text}");
        assert_eq!(text.matches("://").count(), text.matches(app.url()).count(), "{text}");
    }
    // Usage is another choice, and this one's is to hear nothing.
    prefer(&ada, json!({"usage_alerts": "none"})).await;
    call(&app, &invoice(&app, &client, Failed, 4)).await;
    assert_eq!(counts().await, (5, 0));
    prefer(&ada, json!({"billing_alerts": "none"})).await;
    call(&app, &invoice(&app, &client, Failed, 5)).await;
    assert_eq!(counts().await, (5, 0));
    prefer(&ada, json!({"billing_alerts": "email"})).await;
    // Whoever owns it then.
    app.advance_clock(5).await;
    transfer(&ada, &client, &bob).await.expect(200);
    call(&app, &invoice(&app, &client, Failed, 6)).await;
    assert_eq!(counts().await, (5, 1));
    assert_eq!(dead_letters(&app).await, 0);
}

#[tokio::test]
async fn payments_are_told_to_proven_addresses_of_accounts_that_stay() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let mut attempt = 0;
    let mut fail = async || {
        attempt += 1;
        call(&app, &invoice(&app, &client, PaymentEvent::Failed, attempt)).await;
        told(&app, &ada).await.len()
    };
    change(&app, &ada, |user| user.set("email_verified", false).unwrap()).await;
    assert_eq!(fail().await, 0);
    change(&app, &ada, |user| user.set("email_verified", true).unwrap()).await;
    assert_eq!(fail().await, 1);
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    ada.delete("/v1/me", body).await.expect(200);
    assert_eq!(fail().await, 1);
}

#[tokio::test]
async fn nothing_is_told_of_an_organization_that_is_gone_or_too_late() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let ctx = app.stack().context();
    let news =
        |percent| [used(&app, &client, percent, 1), invoice(&app, &client, PaymentEvent::Due, 0)];
    let late = news(80);
    let row = || Update::new(keys::organization(&client.parse().unwrap()));
    let mark = |update: Update| ctx.table.update::<Value>(update);
    mark(row().set("deleted_at", 1).unwrap()).await.unwrap();
    for job in news(90) {
        call(&app, &job).await;
    }
    mark(row().remove("deleted_at")).await.unwrap();
    app.advance_clock(3 * DAY).await;
    for job in late {
        call(&app, &job).await;
    }
    assert_eq!(told(&app, &ada).await.len(), 0);
    assert!(app.items("NOTICE#", "").await.is_empty());
    // And in time, where it is there.
    for job in news(100) {
        call(&app, &job).await;
    }
    assert_eq!(told(&app, &ada).await.len(), 2);
}

/// The engine fails at each step of the telling in turn: everybody is told in the end, and once.
#[tokio::test]
async fn whatever_stops_it_everybody_is_told_once() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let ctx = app.stack().context();
    let mut number = 0;
    for (least, is_usage) in [(5, true), (4, false)] {
        for fault in Fault::ALL {
            for step in 0.. {
                number += 1;
                let job = if is_usage {
                    used(&app, &client, 80, number)
                } else {
                    let attempt = number.try_into().unwrap();
                    invoice(&app, &client, PaymentEvent::Failed, attempt)
                };
                engine.inject(fault, step, 1_000);
                let result = first_part(ctx, &job).await;
                let struck = engine.clear_fault();
                if struck {
                    // What was left is done by whoever tries again.
                    first_part(ctx, &job).await.unwrap();
                } else {
                    result.unwrap();
                }
                app.wait_for_worker().await;
                let told = told(&app, &ada).await.len();
                assert_eq!(told as u64, number, "{fault:?} at {step} of {job:?}");
                if !struck {
                    assert!(step >= least, "telling takes more than {step} calls");
                    break;
                }
            }
        }
    }
}

/// What it is about can't be read: that is with the dead letters, and no hourly run fails for it.
#[tokio::test]
async fn what_cant_be_read_is_given_up_and_the_rest_is_told() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (broken, client) = (ada.create_client("Broken").await, ada.create_client("Acme").await);
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    let row = keys::organization(&broken.parse().unwrap());
    poison(&app, &row.pk, &row.sk, "plan", json!("odd")).await;
    call(&app, &used(&app, &broken, 80, 1)).await;
    call(&app, &invoice(&app, &broken, PaymentEvent::Paid, 1)).await;
    assert_eq!(dead_letters(&app).await, 2);
    // Of a member alone, it keeps nobody else from the news.
    prefer(&ada, json!({"usage_alerts": "email"})).await;
    let row = keys::notifications(&ada.id().await);
    poison(&app, &row.pk, &row.sk, "usage_alerts", json!("pigeon")).await;
    call(&app, &used(&app, &client, 80, 1)).await;
    assert_eq!((told(&app, &ada).await.len(), told(&app, &bob).await.len()), (0, 1));
    assert_eq!(dead_letters(&app).await, 2);
}
