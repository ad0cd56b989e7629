//! Concurrent acceptance, refusal, revocation and replacement of invitations.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use tests::activity::list_log_entries;
use tests::invitations::{
    accept_invitation, count_invitations, decline_invitation, invitations_path, invite,
    invite_and_read_token,
};
use tests::members::{assert_memberships_consistent, create_team};
use tests::statuses::count_statuses;
use tests::{PASSWORD, TestApp, assert_done_once, count_successes, race, race_size};

#[tokio::test]
async fn invite_race_fifty_accepts_make_one_membership() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let replies = race(race_size(), |_| {
        let (bob, token) = (bob.clone(), token.clone());
        async move { accept_invitation(&bob, &token).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    // The successful response may time out after its transaction has committed.
    assert!(statuses.get(&200).is_none_or(|joined| *joined == 1), "{statuses:?}");
    let others = [200, 404, 409, 503];
    assert!(statuses.keys().all(|status| others.contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_memberships_consistent(&app).await;
    let joined = list_log_entries(&app, &client, "member.joined").await.len();
    assert_done_once(&replies, joined);
    assert_eq!(count_invitations(&app).await, 1 - joined);
}

#[tokio::test]
async fn invite_race_concurrent_answers_have_one_outcome() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    for _ in 0..3 {
        let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
        let list = ada.get(&invitations_path(&client)).await.json();
        let id = list["data"][0]["id"].as_str().unwrap().to_owned();
        let replies = race(12, |number| {
            let (ada, bob, token) = (ada.clone(), bob.clone(), token.clone());
            let (client, id) = (client.clone(), id.clone());
            async move {
                match number % 4 {
                    0 => accept_invitation(&bob, &token).await,
                    1 => decline_invitation(&bob, &token).await,
                    2 => {
                        ada.delete(&format!("{}/{id}", invitations_path(&client)), json!({})).await
                    }
                    _ => invite(&ada, &client, &bob.email).await,
                }
            }
        })
        .await;
        let all = count_statuses(&replies);
        let expected = [200, 404, 409, 429, 503];
        assert!(all.keys().all(|status| expected.contains(status)), "{all:?}");
        let ended = replies.iter().enumerate().filter(|(n, r)| n % 4 < 3 && r.status == 200);
        assert!(ended.count() <= 1, "{all:?}");
        app.wait_until_idle(&replies).await;
        assert_memberships_consistent(&app).await;
        assert!(count_invitations(&app).await <= 1);
        bob.post(&format!("/v1/clients/{client}/leave"), json!({})).await;
        app.advance_clock(3600).await;
        ada.reauthenticate().await;
    }
}

#[tokio::test]
async fn invite_race_fifty_invitations_to_one_address_leave_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let replies = race(race_size(), |_| {
        let (ada, client) = (ada.clone(), client.clone());
        async move { invite(&ada, &client, "bob@example.com").await }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(statuses.keys().all(|status| [200, 429, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    let sent = list_log_entries(&app, &client, "invitation.created").await.len();
    assert!(sent <= 5 && count_successes(&replies).contains(&sent), "{sent}: {statuses:?}");
    assert_eq!(count_invitations(&app).await, usize::from(sent > 0));
    assert_eq!(app.mails("bob@example.com").await.len(), sent);
}

#[tokio::test]
async fn invite_race_fifty_people_never_exceed_the_plan() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let names: Vec<_> = (0..race_size()).map(|number| format!("p{number}")).collect();
    // Signing up all of them at once would load the machine without testing anything.
    let people = stream::iter(names.iter().map(|name| app.sign_up(name))).buffered(4);
    let people: Vec<_> = people.collect().await;
    let mut tokens = Vec::new();
    for person in &people {
        tokens.push(invite_and_read_token(&app, &ada, &client, &person.email).await);
    }
    app.set_plan(&client, "pro").await;
    let replies = race(race_size(), |number| {
        let (person, token) = (people[number].clone(), tokens[number].clone());
        async move { accept_invitation(&person, &token).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(statuses.keys().all(|status| [200, 402, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_memberships_consistent(&app).await;
    let joined = list_log_entries(&app, &client, "member.joined").await.len();
    assert!(joined <= 4 && count_successes(&replies).contains(&joined), "{joined}: {statuses:?}");
    // PLAN_LIMIT is returned only when the organization is full.
    assert!(joined > 0 || !statuses.contains_key(&402), "{statuses:?}");
    let members = ada.get(&format!("/v1/clients/{client}")).await.json()["members"].clone();
    assert_eq!(members, json!(1 + joined));
    assert_eq!(count_invitations(&app).await, race_size() - joined);
}

#[tokio::test]
async fn invite_race_joining_excludes_deletion_of_the_owner() {
    let app = TestApp::start().await;
    for round in 0..8 {
        let ada = app.sign_up(&format!("ada{round}")).await;
        let client = create_team(&app, &ada).await;
        let bob = app.sign_up(&format!("bob{round}")).await;
        let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
        let replies = race(4, |number| {
            let (ada, bob, token) = (ada.clone(), bob.clone(), token.clone());
            async move {
                if number % 2 == 0 {
                    let confirmed = json!({"password": PASSWORD, "confirm": "DELETE"});
                    ada.delete("/v1/me", confirmed).await
                } else {
                    // The deletion begins with a slow password hash, so the acceptances start later
                    // to overlap with its end.
                    tokio::time::sleep(Duration::from_millis(25 * round)).await;
                    accept_invitation(&bob, &token).await
                }
            }
        })
        .await;
        let done = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1, "{:?}", count_statuses(&replies));
        assert_memberships_consistent(&app).await;
    }
}

#[tokio::test]
async fn invite_race_parallel_invitations_keep_to_the_seats() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Small").await;
    app.set_plan(&client, "pro").await;
    let replies = race(race_size(), |number| {
        let (ada, client) = (ada.clone(), client.clone());
        async move { invite(&ada, &client, &format!("p{number}@example.com")).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(statuses.keys().all(|status| [200, 402, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    // The owner has one of the five seats of the plan.
    let sent = count_invitations(&app).await;
    assert!(sent <= 4 && count_successes(&replies).contains(&sent), "{sent}: {statuses:?}");
    assert!(sent > 0, "{statuses:?}");
    assert_memberships_consistent(&app).await;
}
