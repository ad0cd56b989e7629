//! Who is notified about a run, and on which channel.

use serde_json::{Value, json};
use shared::dynamo::Update;
use shared::ids::RunId;
use shared::keys;
use shared::notifications::notify_run;
use shared::organizations::Role;
use tests::notifications::{
    count_dead_letters, count_notifications, create_project_fixture, job_record, set_preferences,
};
use tests::runs::{finish_run, insert_project, send_start, start_run};
use tests::time::DAY;
use tests::{Person, TestApp};

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
