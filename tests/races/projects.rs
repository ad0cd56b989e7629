//! Concurrent creation, renaming and deletion of projects.

use serde_json::json;
use shared::organizations::Role;
use tests::activity::list_log_entries;
use tests::costs::assert_round_trips;
use tests::organizations::mark_organization_deleted;
use tests::projects::{
    assert_projects_consistent, create_project, delete_project, list_projects, send_creation,
};
use tests::statuses::count_statuses;
use tests::{
    FaultProxy, Person, TestApp, assert_done_once, assert_others_refused, count_successes, race,
    race_size,
};

/// Removes a member from an organization.
async fn remove_member(owner: &Person, client: &str, member: &Person) {
    let path = format!("/v1/clients/{client}/members/{}", member.id().await);
    owner.delete(&path, json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creations_with_one_name_make_one_project() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    app.set_plan(&acme, "enterprise").await;
    let replies = race(race_size(), |number| {
        let (at, acme) = (ada.visitor.clone(), acme.clone());
        let name = if number % 2 == 0 { "Churn" } else { "CHURN" };
        async move { send_creation(&at, &acme, name).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1), "{:?}", count_statuses(&replies));
    assert_others_refused(&replies, 409, "PROJECT_NAME_TAKEN");
    app.wait_until_idle(&replies).await;
    let made = list_projects(&ada.visitor, &acme).await.len();
    assert_done_once(&replies, made);
    assert_eq!(list_log_entries(&app, &acme, "project.created").await.len(), made);
    assert_projects_consistent(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creations_stay_within_the_plan() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let replies = race(race_size().min(20), |number| {
        let (at, acme) = (ada.visitor.clone(), acme.clone());
        async move { send_creation(&at, &acme, &format!("Project {number}")).await }
    })
    .await;
    assert_others_refused(&replies, 402, "PLAN_LIMIT");
    app.wait_until_idle(&replies).await;
    let mut places = list_projects(&ada.visitor, &acme).await.len();
    let all = count_statuses(&replies);
    assert!(places <= 3 && count_successes(&replies).contains(&places), "{places}: {all:?}");
    assert!(places == 3 || !all.contains_key(&402), "{places}: {all:?}");
    assert_projects_consistent(&app).await;
    // Places are left where requests timed out.
    while places < 3 {
        send_creation(&ada.visitor, &acme, &format!("Late {places}")).await.expect(200);
        places += 1;
    }
    // The error names the limit; deleting a project or a larger plan makes room.
    let refused =
        send_creation(&ada.visitor, &acme, "One more").await.expect_error(402, "PLAN_LIMIT");
    assert!(refused.text.contains("free plan") && refused.text.contains("3 for projects"));
    let first = list_projects(&ada.visitor, &acme).await[0]["id"].as_str().unwrap().to_owned();
    delete_project(&ada.visitor, &format!("/v1/projects/{first}")).await.expect(200);
    send_creation(&ada.visitor, &acme, "One more").await.expect(200);
    app.set_plan(&acme, "basic").await;
    send_creation(&ada.visitor, &acme, "Another").await.expect(200);
    // A smaller plan deletes no projects.
    app.set_plan(&acme, "free").await;
    assert_eq!(list_projects(&ada.visitor, &acme).await.len(), 4);
    send_creation(&ada.visitor, &acme, "Too many").await.expect_error(402, "PLAN_LIMIT");
    assert_projects_consistent(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_renames_to_one_name_give_it_to_one_project() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    app.set_plan(&acme, "enterprise").await;
    let mut paths = Vec::new();
    for number in 0..race_size() {
        paths.push(create_project(&ada, &acme, &format!("Project {number}")).await);
    }
    let replies = race(race_size(), |number| {
        let (ada, path) = (ada.clone(), paths[number].clone());
        async move { ada.patch(&path, json!({"name": "Churn"})).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1), "{:?}", count_statuses(&replies));
    assert_others_refused(&replies, 409, "PROJECT_NAME_TAKEN");
    app.wait_until_idle(&replies).await;
    assert_projects_consistent(&app).await;
    assert_done_once(&replies, list_log_entries(&app, &acme, "project.changed").await.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_identical_renames_all_succeed_and_log_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = create_project(&ada, &acme, "Churn").await;
    let replies = race(race_size(), |_| {
        let (ada, path) = (ada.clone(), path.clone());
        async move { ada.patch(&path, json!({"name": "Churn model"})).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(statuses.keys().all(|status| matches!(status, 200 | 503)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_done_once(&replies, list_log_entries(&app, &acme, "project.changed").await.len());
    assert_projects_consistent(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_name_swaps_keep_names_unique() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    app.set_plan(&acme, "enterprise").await;
    let mut paths = Vec::new();
    for number in 0..4 {
        paths.push(create_project(&ada, &acme, &format!("Name {number}")).await);
    }
    // Each request takes a name that another project has and may give up.
    let replies = race(race_size(), |number| {
        let (ada, path) = (ada.clone(), paths[number % 4].clone());
        let name = format!("Name {}", (number / 4 + number) % 5);
        async move { ada.patch(&path, json!({"name": name})).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(statuses.keys().all(|status| matches!(status, 200 | 409 | 503)), "{statuses:?}");
    assert!(*count_successes(&replies).end() > 0);
    app.wait_until_idle(&replies).await;
    assert_projects_consistent(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_freed_during_concurrent_creations_stays_unique() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    app.set_plan(&acme, "enterprise").await;
    let path = create_project(&ada, &acme, "Churn").await;
    let half = race_size() / 2;
    let replies = race(race_size(), |number| {
        let (at, acme, path) = (ada.visitor.clone(), acme.clone(), path.clone());
        async move {
            if number < half {
                delete_project(&at, &path).await
            } else {
                send_creation(&at, &acme, "churn").await
            }
        }
    })
    .await;
    let (deleted, created) = replies.split_at(half);
    assert!(count_successes(deleted).contains(&1), "{:?}", count_statuses(deleted));
    assert!(deleted.iter().all(|reply| matches!(reply.status, 200 | 404 | 503)));
    assert!(created.iter().all(|reply| matches!(reply.status, 200 | 409 | 503)));
    app.wait_until_idle(&replies).await;
    let gone = list_log_entries(&app, &acme, "project.deleted").await.len();
    assert_done_once(deleted, gone);
    // Not counting the first project.
    let made = list_log_entries(&app, &acme, "project.created").await.len() - 1;
    assert!(
        made <= gone && count_successes(created).contains(&made),
        "{:?}",
        count_statuses(created)
    );
    assert_eq!(list_projects(&ada.visitor, &acme).await.len(), 1 + made - gone);
    assert_projects_consistent(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_creates_one_project() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    // The next project is the last that the plan allows.
    for name in ["First", "Second"] {
        create_project(&ada, &acme, name).await;
    }
    let keyed = ada.visitor.clone().with_header("idempotency-key", "one");
    let mut replies = race(race_size().min(20), |_| {
        let (at, acme) = (keyed.clone(), acme.clone());
        async move { send_creation(&at, &acme, "Churn").await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    // A client repeats a request that was answered 503.
    let last = send_creation(&keyed, &acme, "Churn").await.expect(200);
    replies.push(last.clone());
    // A replay never fails because of the name or the place that the first request took.
    assert!(replies.iter().all(|r| r.status == 503 || r.status == 200 && r.text == last.text));
    let fresh = replies.iter().filter(|r| r.header("idempotent-replayed").is_none());
    assert!(count_successes(fresh).contains(&1));
    assert_eq!(list_projects(&ada.visitor, &acme).await.len(), 3);
    let again = send_creation(&keyed, &acme, "Churn").await.expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_round_trips(&again, 2);
    send_creation(&keyed, &acme, "Other").await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let without = send_creation(&ada.visitor, &acme, "Churn").await;
    without.expect_error(409, "PROJECT_NAME_TAKEN");
    app.set_plan(&acme, "basic").await;
    // A former member gets no replay.
    let bob = app.sign_up("bob").await;
    app.add_member(&acme, &bob, Role::Member).await;
    let bobs = bob.visitor.clone().with_header("idempotency-key", "one");
    send_creation(&bobs, &acme, "Bob's").await.expect(200);
    bob.post(&format!("/v1/clients/{acme}/leave"), json!({})).await.expect(200);
    send_creation(&bobs, &acme, "Bob's").await.expect_error(403, "NO_ACCESS");
    assert_projects_consistent(&app).await;
}

/// The replayed response may be stored between the lookup and the check of the name.
#[tokio::test]
async fn concurrent_requests_with_one_key_get_the_same_response() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    for held_back in 0..2 {
        let name = format!("Churn {held_back}");
        let keyed = ada.visitor.clone().with_header("idempotency-key", &name);
        let held = engine.hold_call(held_back);
        let first = async {
            held.reached().await;
            let first = send_creation(&keyed, &acme, &name).await.expect(200);
            held.release();
            first
        };
        let (late, first) = tokio::join!(send_creation(&keyed, &acme, &name), first);
        assert_eq!(late.expect(200).text, first.text);
    }
    assert_projects_consistent(&app).await;
}

/// Changes after the checks and before the transaction count.
#[tokio::test]
async fn creating_a_project_checks_the_state_at_commit() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Member).await;
    create_project(&ada, &acme, "First").await;

    let same = async { drop(send_creation(&ada.visitor, &acme, "churn").await.expect(200)) };
    let late = engine.delay_transaction(send_creation(&bob.visitor, &acme, "Churn"), same).await;
    late.expect_error(409, "PROJECT_NAME_TAKEN");
    // Only creating and deleting a project changes the version of the organization.
    let second = format!(
        "/v1/projects/{}",
        list_projects(&ada.visitor, &acme).await[1]["id"].as_str().unwrap()
    );
    let renaming = async { drop(ada.patch(&second, json!({"name": "Second"})).await.expect(200)) };
    let late =
        engine.delay_transaction(send_creation(&bob.visitor, &acme, "second"), renaming).await;
    late.expect_error(409, "PROJECT_NAME_TAKEN");
    let last = async { drop(send_creation(&ada.visitor, &acme, "Third").await.expect(200)) };
    let late = engine.delay_transaction(send_creation(&bob.visitor, &acme, "Fourth"), last).await;
    late.expect_error(402, "PLAN_LIMIT");
    app.set_plan(&acme, "enterprise").await;
    let smaller = app.set_plan(&acme, "free");
    let late =
        engine.delay_transaction(send_creation(&bob.visitor, &acme, "Fourth"), smaller).await;
    late.expect_error(402, "PLAN_LIMIT");

    app.set_plan(&acme, "enterprise").await;
    let late = engine
        .delay_transaction(
            send_creation(&bob.visitor, &acme, "Fourth"),
            remove_member(&ada, &acme, &bob),
        )
        .await;
    late.expect_error(403, "NO_ACCESS");
    let (key, script) = ada.key(&acme, "ci").await;
    let script = app.visitor().with_bearer(&script);
    script.get("/v1/token").await.expect(200);
    let path = format!("/v1/clients/{acme}/api-keys/{key}/revoke");
    let revoking = async { drop(ada.post(&path, json!({})).await.expect(200)) };
    let late = engine.delay_transaction(send_creation(&script, &acme, "Fourth"), revoking).await;
    late.expect_error(401, "invalid token");
    let before = list_projects(&ada.visitor, &acme).await;
    assert_eq!(before.len(), 3);
    assert_projects_consistent(&app).await;
    let late = engine
        .delay_transaction(
            send_creation(&ada.visitor, &acme, "Late"),
            mark_organization_deleted(&app, &acme),
        )
        .await;
    late.expect_error(404, "NOT_FOUND");
    assert_eq!(app.items(&format!("CLIENT#{acme}"), "PROJECT#").await.len(), 3);
}

#[tokio::test]
async fn changing_a_project_checks_the_state_at_commit() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Member).await;
    let path = create_project(&ada, &acme, "Churn").await;
    let rename = |to: &'static str| ada.patch(&path, json!({"name": to}));

    let taking = async { drop(send_creation(&bob.visitor, &acme, "Taken").await.expect(200)) };
    engine.delay_transaction(rename("TAKEN"), taking).await.expect_error(409, "PROJECT_NAME_TAKEN");
    // Two requests that change different fields both succeed.
    let described = async {
        drop(bob.patch(&path, json!({"description": "Q3"})).await.expect(200));
    };
    let both = engine.delay_transaction(rename("Churn model"), described).await.expect(200).json();
    assert_eq!((&both["name"], &both["description"]), (&json!("Churn model"), &json!("Q3")));
    // The later name is reserved, and the one in between is free.
    let between = async { drop(bob.patch(&path, json!({"name": "Between"})).await.expect(200)) };
    engine.delay_transaction(rename("Last"), between).await.expect(200);
    assert_projects_consistent(&app).await;
    let removing = remove_member(&ada, &acme, &bob);
    let late = engine.delay_transaction(bob.patch(&path, json!({"name": "Bob's"})), removing).await;
    late.expect_error(403, "NO_ACCESS");
    let deleting = async { drop(delete_project(&ada.visitor, &path).await.expect(200)) };
    engine.delay_transaction(rename("Late"), deleting).await.expect_error(404, "NOT_FOUND");
    assert_projects_consistent(&app).await;
    assert_eq!(list_log_entries(&app, &acme, "project.changed").await.len(), 4);
}

#[tokio::test]
async fn deleting_a_project_checks_the_state_at_commit() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Member).await;
    let path = create_project(&ada, &acme, "Churn").await;
    // The name that the project has by then becomes free.
    let renaming = async { drop(ada.patch(&path, json!({"name": "Renamed"})).await.expect(200)) };
    engine.delay_transaction(delete_project(&ada.visitor, &path), renaming).await.expect(200);
    assert_projects_consistent(&app).await;
    let path = create_project(&ada, &acme, "Renamed").await;
    let first = async { drop(delete_project(&bob.visitor, &path).await.expect(200)) };
    engine
        .delay_transaction(delete_project(&ada.visitor, &path), first)
        .await
        .expect_error(404, "NOT_FOUND");
    // The project is counted once, also while another one is created.
    let path = create_project(&ada, &acme, "Churn").await;
    let making = async { drop(send_creation(&bob.visitor, &acme, "Another").await.expect(200)) };
    engine.delay_transaction(delete_project(&ada.visitor, &path), making).await.expect(200);
    assert_projects_consistent(&app).await;
    let path = create_project(&ada, &acme, "Kept").await;
    let late = engine
        .delay_transaction(delete_project(&bob.visitor, &path), remove_member(&ada, &acme, &bob))
        .await;
    late.expect_error(403, "NO_ACCESS");
    let elsewhere = ada.sign_in(&app).await;
    let leaving = async { drop(elsewhere.post("/v1/logout", json!({})).await.expect(200)) };
    let late = engine.delay_transaction(delete_project(&elsewhere.visitor, &path), leaving).await;
    late.expect_error(401, "invalid session");
    ada.get(&path).await.expect(200);
    assert_eq!(list_log_entries(&app, &acme, "project.deleted").await.len(), 3);
    assert_projects_consistent(&app).await;
}
