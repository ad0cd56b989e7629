//! Notifications about credits and payments: the recipients, and that each arrives once.

use serde_json::{Value, json};
use shared::activity::Log;
use shared::billing::{PaymentEvent, PaymentNotification, USAGE_ALERTS};
use shared::context::Context;
use shared::dynamo::Update;
use shared::error::Result;
use shared::jobs::{Job, JobRecord};
use shared::keys;
use shared::notifications::{QuotaUsed, notify_payment, notify_usage};
use shared::organizations::Role;
use tests::members::{sign_up_member, transfer_ownership};
use tests::notifications::{
    add_many_members, assert_each_has_one_mail, corrupt_row, count_dead_letters, set_preferences,
};
use tests::time::DAY;
use tests::{Authenticator, Fault, FaultProxy, Person, TestApp, race, race_size};

/// Makes the job that notifies members of used credits.
fn usage_job(app: &TestApp, client: &str, percent: u8, grant: u64) -> Job {
    let (client_id, at) = (client.parse().unwrap(), app.stack().context().now());
    Job::NotifyUsage { client_id, percent, grant, at, after: None }
}

/// Makes the job that notifies the owner about an invoice.
fn invoice_job(app: &TestApp, client: &str, event: PaymentEvent, attempt: u32) -> Job {
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

/// Enqueues a job and waits until it is done.
async fn run_job(app: &TestApp, job: &Job) {
    let mut tx = app.stack().context().table.transaction();
    job.clone().enqueue(&mut tx).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    app.wait_for_worker().await;
    assert!(app.items(keys::JOBS, "").await.is_empty(), "{job:?} isn't done");
}

/// Runs the first part of a job as a worker does.
async fn run_first_part(ctx: &Context, job: &Job) -> Result<()> {
    let work = JobRecord { job: job.clone(), parts: 0, request_id: None };
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

/// Reports whether a subject is of a mail about credits or payments.
fn is_billing_mail(subject: &str) -> bool {
    ["Payment ", "Receipt: "].iter().any(|start| subject.starts_with(start))
        || subject.ends_with("of its credits")
}

/// Lists the subjects of mails about credits or payments to a person, the newest first.
async fn billing_mails(app: &TestApp, person: &Person) -> Vec<String> {
    let subjects = app.subjects(&person.email).await;
    subjects.into_iter().filter(|subject| is_billing_mail(subject)).collect()
}

/// Changes the row of a user.
async fn change_user(app: &TestApp, person: &Person, change: impl FnOnce(Update) -> Update) {
    let update = change(Update::new(keys::user(&person.id().await)));
    app.stack().context().table.update::<Value>(update).await.unwrap();
}

#[tokio::test]
async fn usage_mails_go_to_members_by_preference() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme & <Sons>").await;
    let mut others = Vec::new();
    for who in ["bob", "cyd", "dan", "eve"] {
        others.push(sign_up_member(&app, &client, who, Role::Member).await);
    }
    let [bob, cyd, dan, eve] = others.try_into().unwrap();
    // The person belongs to another organization.
    let fay = app.sign_up("fay").await;
    // Preferences for runs and payments do not affect usage mails.
    let others =
        json!({"test_failures": "none", "scheduled_runs": "slack", "billing_alerts": "none"});
    set_preferences(&bob, others).await;
    set_preferences(&cyd, json!({"usage_alerts": "none"})).await;
    change_user(&app, &dan, |user| user.set("email_verified", false).unwrap()).await;
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    eve.delete("/v1/me", body).await.expect(200);
    for percent in USAGE_ALERTS {
        run_job(&app, &usage_job(&app, &client, percent, 1)).await;
        app.advance_clock(60).await;
    }
    let expected =
        ["all", "90 %", "80 %"].map(|part| format!("Acme & <Sons> has used {part} of its credits"));
    for (person, hears) in
        [(&ada, true), (&bob, true), (&cyd, false), (&dan, false), (&eve, false), (&fay, false)]
    {
        let expected = if hears { &expected[..] } else { &[] };
        assert_eq!(billing_mails(&app, person).await, expected, "{}", person.email);
    }
    let mails = app.mails(&ada.email).await;
    let (text, html) = (mails[0]["text"].as_str().unwrap(), mails[0]["html"].as_str().unwrap());
    let account = format!("{}/account", app.url());
    for part in ["Hello ada,", "Acme & <Sons> has used all of its credits", &account] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(html.contains("Acme &#38; &#60;Sons&#62;") && !html.contains("<Sons>"), "{html}");
    assert_eq!(count_dead_letters(&app).await, 0);
}

/// A member whom the policy about two-factor authentication does not admit gets no figures of the organization.
#[tokio::test]
async fn usage_mails_go_only_to_members_whom_the_policy_admits() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    Authenticator::set_up(&app, &ada.visitor).await;
    let policy = json!({"require_two_factor": true, "confirm": true});
    ada.patch(&format!("/v1/clients/{client}"), policy).await.expect(200);
    run_job(&app, &usage_job(&app, &client, 80, 1)).await;
    let counts = [billing_mails(&app, &ada).await.len(), billing_mails(&app, &bob).await.len()];
    assert_eq!(counts, [1, 0]);
}

#[tokio::test]
async fn a_repeated_usage_job_sends_one_mail_per_grant() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let first_grant = usage_job(&app, &client, 80, 1);
    for _ in 0..3 {
        run_job(&app, &first_grant).await;
        app.advance_clock(60).await;
        assert_eq!(billing_mails(&app, &ada).await.len(), 1);
    }
    // A member who joins afterwards is notified once.
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    for _ in 0..2 {
        run_job(&app, &first_grant).await;
        assert_eq!(
            (billing_mails(&app, &ada).await.len(), billing_mails(&app, &bob).await.len()),
            (1, 1)
        );
    }
    // Another grant and another organization are notified separately.
    run_job(&app, &usage_job(&app, &client, 80, 2)).await;
    assert_eq!(
        (billing_mails(&app, &ada).await.len(), billing_mails(&app, &bob).await.len()),
        (2, 2)
    );
    let other = ada.create_client("Other").await;
    run_job(&app, &usage_job(&app, &other, 80, 1)).await;
    assert_eq!(
        (billing_mails(&app, &ada).await.len(), billing_mails(&app, &bob).await.len()),
        (3, 2)
    );
    // Delivery records contain no user id and expire.
    let guards = app.items("NOTICE#", "").await;
    assert_eq!(guards.len(), 5);
    for guard in guards {
        assert!(!guard.to_string().contains("usr_") && guard["ttl"]["N"].is_string(), "{guard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_workers_notify_everyone_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    for job in [usage_job(&app, &client, 80, 1), invoice_job(&app, &client, PaymentEvent::Paid, 1)]
    {
        let ctx = app.stack().context();
        race(race_size().min(20), |_| {
            let (ctx, job) = (ctx.clone(), job.clone());
            async move { run_first_part(&ctx, &job).await.unwrap() }
        })
        .await;
    }
    app.wait_for_worker().await;
    assert_eq!(
        (billing_mails(&app, &ada).await.len(), billing_mails(&app, &bob).await.len()),
        (2, 1)
    );
}

/// 250 members are notified in three parts, each member once.
#[tokio::test]
async fn many_members_are_notified_of_usage_in_parts() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    add_many_members(&engine, &app, &ada, &client).await;
    let mut tx = app.stack().context().table.transaction();
    usage_job(&app, &client, 90, 1).enqueue(&mut tx).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    assert_each_has_one_mail(&app, |subject| subject == "Acme has used 90 % of its credits").await;
}

#[tokio::test]
async fn payment_mails_go_only_to_the_owner() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme & <Sons>").await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let counts =
        async || (billing_mails(&app, &ada).await.len(), billing_mails(&app, &bob).await.len());
    use PaymentEvent::{Due, Failed, Paid};
    let mut expected = 0;
    for (event, attempt, subject) in [
        (Due, 0, "Payment due: $50.00, Acme & <Sons>"),
        (Failed, 1, "Payment failed: $50.00, Acme & <Sons>"),
        (Failed, 2, "Payment failed: $50.00, Acme & <Sons>"),
        (Paid, 3, "Receipt: $50.00, Acme & <Sons>"),
    ] {
        let job = invoice_job(&app, &client, event, attempt);
        expected += 1;
        for _ in 0..2 {
            run_job(&app, &job).await;
            app.advance_clock(60).await;
            assert_eq!(counts().await, (expected, 0), "{job:?}");
        }
        let mail = &app.mails(&ada.email).await[0];
        assert_eq!(mail["subject"], subject);
        let (text, html) = (mail["text"].as_str().unwrap(), mail["html"].as_str().unwrap());
        for part in ["Hello ada,", "$50.00 for Acme & <Sons>", "4F2A91BC-0007", "/account"] {
            assert!(text.replace('\n', " ").contains(part), "{part}: {text}");
        }
        assert!(html.contains("Acme &#38; &#60;Sons&#62;") && !html.contains("<Sons>"), "{html}");
        assert!(!text.contains("stripe.com") && !html.contains("stripe.com"), "{text}");
        assert_eq!(text.matches("://").count(), text.matches(app.url()).count(), "{text}");
    }
    // The preference for usage has no effect, and the one for payments turns the mails off.
    set_preferences(&ada, json!({"usage_alerts": "none"})).await;
    run_job(&app, &invoice_job(&app, &client, Failed, 4)).await;
    assert_eq!(counts().await, (5, 0));
    set_preferences(&ada, json!({"billing_alerts": "none"})).await;
    run_job(&app, &invoice_job(&app, &client, Failed, 5)).await;
    assert_eq!(counts().await, (5, 0));
    set_preferences(&ada, json!({"billing_alerts": "email"})).await;
    // After a transfer_ownership the new owner is notified.
    app.advance_clock(5).await;
    transfer_ownership(&ada, &client, &bob).await.expect(200);
    run_job(&app, &invoice_job(&app, &client, Failed, 6)).await;
    assert_eq!(counts().await, (5, 1));
    assert_eq!(count_dead_letters(&app).await, 0);
}

#[tokio::test]
async fn payment_mails_go_to_verified_active_accounts() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let mut attempt = 0;
    let mut fail = async || {
        attempt += 1;
        run_job(&app, &invoice_job(&app, &client, PaymentEvent::Failed, attempt)).await;
        billing_mails(&app, &ada).await.len()
    };
    change_user(&app, &ada, |user| user.set("email_verified", false).unwrap()).await;
    assert_eq!(fail().await, 0);
    change_user(&app, &ada, |user| user.set("email_verified", true).unwrap()).await;
    assert_eq!(fail().await, 1);
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    ada.delete("/v1/me", body).await.expect(200);
    assert_eq!(fail().await, 1);
}

#[tokio::test]
async fn deleted_organizations_and_old_jobs_send_no_mail() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let ctx = app.stack().context();
    let news = |percent| {
        [usage_job(&app, &client, percent, 1), invoice_job(&app, &client, PaymentEvent::Due, 0)]
    };
    let late = news(80);
    let row = || Update::new(keys::organization(&client.parse().unwrap()));
    let mark = |update: Update| ctx.table.update::<Value>(update);
    mark(row().set("deleted_at", 1).unwrap()).await.unwrap();
    for job in news(90) {
        run_job(&app, &job).await;
    }
    mark(row().remove("deleted_at")).await.unwrap();
    app.advance_clock(3 * DAY).await;
    for job in late {
        run_job(&app, &job).await;
    }
    assert_eq!(billing_mails(&app, &ada).await.len(), 0);
    assert!(app.items("NOTICE#", "").await.is_empty());
    // Recent jobs of an existing organization are sent.
    for job in news(100) {
        run_job(&app, &job).await;
    }
    assert_eq!(billing_mails(&app, &ada).await.len(), 2);
}

/// DynamoDB fails at each step of sending in turn. Every member is notified in the end, and once.
#[tokio::test]
async fn everyone_is_notified_once_after_a_fault() {
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
                    usage_job(&app, &client, 80, number)
                } else {
                    let attempt = number.try_into().unwrap();
                    invoice_job(&app, &client, PaymentEvent::Failed, attempt)
                };
                engine.inject(fault, step, 1_000);
                let result = run_first_part(ctx, &job).await;
                let struck = engine.clear_fault();
                if struck {
                    // Another try sends the remaining notifications.
                    run_first_part(ctx, &job).await.unwrap();
                } else {
                    result.unwrap();
                }
                app.wait_for_worker().await;
                let sent = billing_mails(&app, &ada).await.len();
                assert_eq!(sent as u64, number, "{fault:?} at {step} of {job:?}");
                if !struck {
                    assert!(step >= least, "telling takes more than {step} calls");
                    break;
                }
            }
        }
    }
}

/// Unreadable rows go to the dead letters and do not fail the hourly run.
#[tokio::test]
async fn unreadable_rows_do_not_block_other_notifications() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (broken, client) = (ada.create_client("Broken").await, ada.create_client("Acme").await);
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    let row = keys::organization(&broken.parse().unwrap());
    corrupt_row(&app, &row.pk, &row.sk, "plan", json!("odd")).await;
    run_job(&app, &usage_job(&app, &broken, 80, 1)).await;
    run_job(&app, &invoice_job(&app, &broken, PaymentEvent::Paid, 1)).await;
    assert_eq!(count_dead_letters(&app).await, 2);
    // An unreadable member does not prevent the notification of the others.
    set_preferences(&ada, json!({"usage_alerts": "email"})).await;
    let row = keys::notification_preferences(&ada.id().await);
    corrupt_row(&app, &row.pk, &row.sk, "usage_alerts", json!("pigeon")).await;
    run_job(&app, &usage_job(&app, &client, 80, 1)).await;
    assert_eq!(
        (billing_mails(&app, &ada).await.len(), billing_mails(&app, &bob).await.len()),
        (0, 1)
    );
    assert_eq!(count_dead_letters(&app).await, 2);
}
