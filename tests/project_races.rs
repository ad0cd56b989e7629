//! Projects that are made, renamed and deleted at the same moment.

use serde_json::json;
use shared::organizations::Role;
use tests::{Engine, Person, World, at_once, crowd, done, was_done_once};

use crate::api_keys::end_client;
use crate::members::{statuses, takes};
use crate::projects::{create, delete, in_step, listed, logged, made};

/// Takes somebody out of a client.
async fn removed(owner: &Person, client: &str, member: &Person) {
    let path = format!("/v1/clients/{client}/members/{}", member.id().await);
    owner.delete(&path, json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_a_name_at_once_one_gets_it() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    world.plan(&acme, "enterprise").await;
    let replies = at_once(crowd(), |number| {
        let (at, acme) = (ada.at.clone(), acme.clone());
        let name = if number % 2 == 0 { "Churn" } else { "CHURN" };
        async move { create(&at, &acme, name).await }
    })
    .await;
    assert!(done(&replies).contains(&1), "{:?}", statuses(&replies));
    for reply in replies.iter().filter(|reply| !matches!(reply.status, 200 | 503)) {
        reply.clone().expect_error(409, "PROJECT_NAME_TAKEN");
    }
    world.at_rest(&replies).await;
    let made = listed(&ada.at, &acme).await.len();
    was_done_once(&replies, made);
    assert_eq!(logged(&world, &acme, "project.created").await.len(), made);
    in_step(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_no_more_are_made_than_the_plan_allows() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    let replies = at_once(crowd().min(20), |number| {
        let (at, acme) = (ada.at.clone(), acme.clone());
        async move { create(&at, &acme, &format!("Project {number}")).await }
    })
    .await;
    for reply in replies.iter().filter(|reply| !matches!(reply.status, 200 | 503)) {
        reply.clone().expect_error(402, "PLAN_LIMIT");
    }
    world.at_rest(&replies).await;
    let mut places = listed(&ada.at, &acme).await.len();
    let all = statuses(&replies);
    assert!(places <= 3 && done(&replies).contains(&places), "{places}: {all:?}");
    assert!(places == 3 || !all.contains_key(&402), "{places}: {all:?}");
    in_step(&world).await;
    // Where nobody was served in time, some are left.
    while places < 3 {
        create(&ada.at, &acme, &format!("Late {places}")).await.expect(200);
        places += 1;
    }
    // What is said of it; and what makes room.
    let refused = create(&ada.at, &acme, "One more").await.expect_error(402, "PLAN_LIMIT");
    assert!(refused.text.contains("free plan") && refused.text.contains("3 for projects"));
    let first = listed(&ada.at, &acme).await[0]["id"].as_str().unwrap().to_owned();
    delete(&ada.at, &format!("/v1/projects/{first}")).await.expect(200);
    create(&ada.at, &acme, "One more").await.expect(200);
    world.plan(&acme, "basic").await;
    create(&ada.at, &acme, "Another").await.expect(200);
    // A smaller plan takes nothing away.
    world.plan(&acme, "free").await;
    assert_eq!(listed(&ada.at, &acme).await.len(), 4);
    create(&ada.at, &acme, "Too many").await.expect_error(402, "PLAN_LIMIT");
    in_step(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_rename_to_one_name_at_once_one_gets_it() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    world.plan(&acme, "enterprise").await;
    let mut paths = Vec::new();
    for number in 0..crowd() {
        paths.push(made(&ada, &acme, &format!("Project {number}")).await);
    }
    let replies = at_once(crowd(), |number| {
        let (ada, path) = (ada.clone(), paths[number].clone());
        async move { ada.patch(&path, json!({"name": "Churn"})).await }
    })
    .await;
    assert!(done(&replies).contains(&1), "{:?}", statuses(&replies));
    for reply in replies.iter().filter(|reply| !matches!(reply.status, 200 | 503)) {
        reply.clone().expect_error(409, "PROJECT_NAME_TAKEN");
    }
    world.at_rest(&replies).await;
    in_step(&world).await;
    was_done_once(&replies, logged(&world, &acme, "project.changed").await.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_renaming_many_times_at_once_is_done_once_and_refused_to_nobody() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = made(&ada, &acme, "Churn").await;
    let replies = at_once(crowd(), |_| {
        let (ada, path) = (ada.clone(), path.clone());
        async move { ada.patch(&path, json!({"name": "Churn model"})).await }
    })
    .await;
    let statuses = statuses(&replies);
    assert!(statuses.keys().all(|status| matches!(status, 200 | 503)), "{statuses:?}");
    world.at_rest(&replies).await;
    was_done_once(&replies, logged(&world, &acme, "project.changed").await.len());
    in_step(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_left_and_taken_at_once_stay_one_projects_each() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    world.plan(&acme, "enterprise").await;
    let mut paths = Vec::new();
    for number in 0..4 {
        paths.push(made(&ada, &acme, &format!("Name {number}")).await);
    }
    // Everybody wants a name that somebody else has, and may leave.
    let replies = at_once(crowd(), |number| {
        let (ada, path) = (ada.clone(), paths[number % 4].clone());
        let name = format!("Name {}", (number / 4 + number) % 5);
        async move { ada.patch(&path, json!({"name": name})).await }
    })
    .await;
    let statuses = statuses(&replies);
    assert!(statuses.keys().all(|status| matches!(status, 200 | 409 | 503)), "{statuses:?}");
    assert!(*done(&replies).end() > 0);
    world.at_rest(&replies).await;
    in_step(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_freed_while_many_want_it_is_one_projects() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    world.plan(&acme, "enterprise").await;
    let path = made(&ada, &acme, "Churn").await;
    let half = crowd() / 2;
    let replies = at_once(crowd(), |number| {
        let (at, acme, path) = (ada.at.clone(), acme.clone(), path.clone());
        async move {
            if number < half { delete(&at, &path).await } else { create(&at, &acme, "churn").await }
        }
    })
    .await;
    let (deleted, created) = replies.split_at(half);
    assert!(done(deleted).contains(&1), "{:?}", statuses(deleted));
    assert!(deleted.iter().all(|reply| matches!(reply.status, 200 | 404 | 503)));
    assert!(created.iter().all(|reply| matches!(reply.status, 200 | 409 | 503)));
    world.at_rest(&replies).await;
    let gone = logged(&world, &acme, "project.deleted").await.len();
    was_done_once(deleted, gone);
    // Besides the one that was there.
    let made = logged(&world, &acme, "project.created").await.len() - 1;
    assert!(made <= gone && done(created).contains(&made), "{:?}", statuses(created));
    assert_eq!(listed(&ada.at, &acme).await.len(), 1 + made - gone);
    in_step(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_made_once_for_a_key_however_often_it_is_asked_for() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    // The last place that there is, too.
    for name in ["First", "Second"] {
        made(&ada, &acme, name).await;
    }
    let keyed = ada.at.clone().with_header("idempotency-key", "one");
    let mut replies = at_once(crowd().min(20), |_| {
        let (at, acme) = (keyed.clone(), acme.clone());
        async move { create(&at, &acme, "Churn").await }
    })
    .await;
    world.at_rest(&replies).await;
    // Whoever was told to come again does.
    let last = create(&keyed, &acme, "Churn").await.expect(200);
    replies.push(last.clone());
    // Not one hears that its own name is taken, or that there is no room.
    assert!(replies.iter().all(|r| r.status == 503 || r.status == 200 && r.text == last.text));
    let fresh = replies.iter().filter(|r| r.header("idempotent-replayed").is_none());
    assert!(done(fresh).contains(&1));
    assert_eq!(listed(&ada.at, &acme).await.len(), 3);
    let again = create(&keyed, &acme, "Churn").await.expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    takes(&again, 2);
    create(&keyed, &acme, "Other").await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let without = create(&ada.at, &acme, "Churn").await;
    without.expect_error(409, "PROJECT_NAME_TAKEN");
    world.plan(&acme, "basic").await;
    // Whoever doesn't belong to it any more is told nothing of what was answered before.
    let bob = world.person("bob").await;
    world.join(&acme, &bob, Role::Member).await;
    let bobs = bob.at.clone().with_header("idempotency-key", "one");
    create(&bobs, &acme, "Bob's").await.expect(200);
    bob.post(&format!("/v1/clients/{acme}/leave"), json!({})).await.expect(200);
    create(&bobs, &acme, "Bob's").await.expect_error(403, "NO_ACCESS");
    in_step(&world).await;
}

/// The answer from before may be stored after it was looked for, and before the name is.
#[tokio::test]
async fn a_request_that_overtakes_itself_is_answered_the_same() {
    let engine = Engine::start().await;
    let world = World::start_on(&engine).await;
    let ada = world.person("ada").await;
    let acme = ada.create_client("Acme").await;
    for held_back in 0..2 {
        let name = format!("Churn {held_back}");
        let keyed = ada.at.clone().with_header("idempotency-key", &name);
        let held = engine.hold(held_back);
        let first = async {
            held.reached().await;
            let first = create(&keyed, &acme, &name).await.expect(200);
            held.release();
            first
        };
        let (late, first) = tokio::join!(create(&keyed, &acme, &name), first);
        assert_eq!(late.expect(200).text, first.text);
    }
    in_step(&world).await;
}

/// Whatever happens after a call has decided, and before it stores that, counts.
#[tokio::test]
async fn a_new_project_is_decided_on_as_things_are_when_it_is_stored() {
    let engine = Engine::start().await;
    let world = World::start_on(&engine).await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let acme = ada.create_client("Acme").await;
    world.join(&acme, &bob, Role::Member).await;
    made(&ada, &acme, "First").await;

    let same = async { drop(create(&ada.at, &acme, "churn").await.expect(200)) };
    let late = engine.overtake(create(&bob.at, &acme, "Churn"), same).await;
    late.expect_error(409, "PROJECT_NAME_TAKEN");
    // The client's row is another only where a project is made or goes.
    let second =
        format!("/v1/projects/{}", listed(&ada.at, &acme).await[1]["id"].as_str().unwrap());
    let renaming = async { drop(ada.patch(&second, json!({"name": "Second"})).await.expect(200)) };
    let late = engine.overtake(create(&bob.at, &acme, "second"), renaming).await;
    late.expect_error(409, "PROJECT_NAME_TAKEN");
    let last = async { drop(create(&ada.at, &acme, "Third").await.expect(200)) };
    let late = engine.overtake(create(&bob.at, &acme, "Fourth"), last).await;
    late.expect_error(402, "PLAN_LIMIT");
    world.plan(&acme, "enterprise").await;
    let smaller = world.plan(&acme, "free");
    let late = engine.overtake(create(&bob.at, &acme, "Fourth"), smaller).await;
    late.expect_error(402, "PLAN_LIMIT");

    world.plan(&acme, "enterprise").await;
    let late = engine.overtake(create(&bob.at, &acme, "Fourth"), removed(&ada, &acme, &bob)).await;
    late.expect_error(403, "NO_ACCESS");
    let (key, script) = ada.key(&acme, "ci").await;
    let script = world.visitor().with_bearer(&script);
    script.get("/v1/token").await.expect(200);
    let path = format!("/v1/clients/{acme}/api-keys/{key}/revoke");
    let revoking = async { drop(ada.post(&path, json!({})).await.expect(200)) };
    let late = engine.overtake(create(&script, &acme, "Fourth"), revoking).await;
    late.expect_error(401, "invalid token");
    let before = listed(&ada.at, &acme).await;
    assert_eq!(before.len(), 3);
    in_step(&world).await;
    let late = engine.overtake(create(&ada.at, &acme, "Late"), end_client(&world, &acme)).await;
    late.expect_error(404, "NOT_FOUND");
    assert_eq!(world.items(&format!("CLIENT#{acme}"), "PROJECT#").await.len(), 3);
}

#[tokio::test]
async fn a_change_is_decided_on_as_things_are_when_it_is_stored() {
    let engine = Engine::start().await;
    let world = World::start_on(&engine).await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let acme = ada.create_client("Acme").await;
    world.join(&acme, &bob, Role::Member).await;
    let path = made(&ada, &acme, "Churn").await;
    let rename = |to: &'static str| ada.patch(&path, json!({"name": to}));

    let taking = async { drop(create(&bob.at, &acme, "Taken").await.expect(200)) };
    engine.overtake(rename("TAKEN"), taking).await.expect_error(409, "PROJECT_NAME_TAKEN");
    // Two who change different things both succeed.
    let described = async {
        drop(bob.patch(&path, json!({"description": "Q3"})).await.expect(200));
    };
    let both = engine.overtake(rename("Churn model"), described).await.expect(200).json();
    assert_eq!((&both["name"], &both["description"]), (&json!("Churn model"), &json!("Q3")));
    // Of two names the later one is held, and the one between is not.
    let between = async { drop(bob.patch(&path, json!({"name": "Between"})).await.expect(200)) };
    engine.overtake(rename("Last"), between).await.expect(200);
    in_step(&world).await;
    let removing = removed(&ada, &acme, &bob);
    let late = engine.overtake(bob.patch(&path, json!({"name": "Bob's"})), removing).await;
    late.expect_error(403, "NO_ACCESS");
    let deleting = async { drop(delete(&ada.at, &path).await.expect(200)) };
    engine.overtake(rename("Late"), deleting).await.expect_error(404, "NOT_FOUND");
    in_step(&world).await;
    assert_eq!(logged(&world, &acme, "project.changed").await.len(), 4);
}

#[tokio::test]
async fn a_deletion_is_decided_on_as_things_are_when_it_is_stored() {
    let engine = Engine::start().await;
    let world = World::start_on(&engine).await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let acme = ada.create_client("Acme").await;
    world.join(&acme, &bob, Role::Member).await;
    let path = made(&ada, &acme, "Churn").await;
    // The name that it has by then is free.
    let renaming = async { drop(ada.patch(&path, json!({"name": "Renamed"})).await.expect(200)) };
    engine.overtake(delete(&ada.at, &path), renaming).await.expect(200);
    in_step(&world).await;
    let path = made(&ada, &acme, "Renamed").await;
    let first = async { drop(delete(&bob.at, &path).await.expect(200)) };
    engine.overtake(delete(&ada.at, &path), first).await.expect_error(404, "NOT_FOUND");
    // Counted once, and not while another is made either.
    let path = made(&ada, &acme, "Churn").await;
    let making = async { drop(create(&bob.at, &acme, "Another").await.expect(200)) };
    engine.overtake(delete(&ada.at, &path), making).await.expect(200);
    in_step(&world).await;
    let path = made(&ada, &acme, "Kept").await;
    let late = engine.overtake(delete(&bob.at, &path), removed(&ada, &acme, &bob)).await;
    late.expect_error(403, "NO_ACCESS");
    let elsewhere = ada.sign_in(&world).await;
    let leaving = async { drop(elsewhere.post("/v1/logout", json!({})).await.expect(200)) };
    let late = engine.overtake(delete(&elsewhere.at, &path), leaving).await;
    late.expect_error(401, "invalid session");
    ada.get(&path).await.expect(200);
    assert_eq!(logged(&world, &acme, "project.deleted").await.len(), 3);
    in_step(&world).await;
}
