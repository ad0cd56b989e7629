//! Many at once who accept, decline, revoke and replace invitations.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tests::{PASSWORD, World, at_once, crowd};

use crate::invitations::{accept, decline, invitations, invite, invited, stored};
use crate::members::{in_step, logged, statuses, team};

#[tokio::test]
async fn invite_race_fifty_accepts_make_one_membership() {
    let world = World::start().await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let client = team(&world, &ada).await;
    let token = invited(&world, &ada, &client, &bob.email).await;
    let replies = at_once(crowd(), |_| {
        let (bob, token) = (bob.clone(), token.clone());
        async move { accept(&bob, &token).await }
    })
    .await;
    let statuses = statuses(&replies);
    // The answer of the one may come too late; what it did is there all the same.
    assert!(statuses.get(&200).is_none_or(|joined| *joined == 1), "{statuses:?}");
    let others = [200, 404, 409, 503];
    assert!(statuses.keys().all(|status| others.contains(status)), "{statuses:?}");
    in_step(&world).await;
    assert_eq!(
        (stored(&world).await, logged(&world, &client, "member.joined").await.len()),
        (0, 1)
    );
}

#[tokio::test]
async fn invite_race_accepting_declining_revoking_and_replacing_end_in_one_way() {
    let world = World::start().await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let client = team(&world, &ada).await;
    for _ in 0..3 {
        let token = invited(&world, &ada, &client, &bob.email).await;
        let list = ada.get(&invitations(&client)).await.json();
        let id = list["data"][0]["id"].as_str().unwrap().to_owned();
        let replies = at_once(12, |number| {
            let (ada, bob, token) = (ada.clone(), bob.clone(), token.clone());
            let (client, id) = (client.clone(), id.clone());
            async move {
                match number % 4 {
                    0 => accept(&bob, &token).await,
                    1 => decline(&bob, &token).await,
                    2 => ada.delete(&format!("{}/{id}", invitations(&client)), json!({})).await,
                    _ => invite(&ada, &client, &bob.email).await,
                }
            }
        })
        .await;
        let all = statuses(&replies);
        let expected = [200, 404, 409, 429, 503];
        assert!(all.keys().all(|status| expected.contains(status)), "{all:?}");
        let ended = replies.iter().enumerate().filter(|(n, r)| n % 4 < 3 && r.status == 200);
        assert!(ended.count() <= 1, "{all:?}");
        in_step(&world).await;
        assert!(stored(&world).await <= 1);
        bob.post(&format!("/v1/clients/{client}/leave"), json!({})).await;
        world.advance(3600).await;
    }
}

#[tokio::test]
async fn invite_race_fifty_invitations_of_one_address_leave_one() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = team(&world, &ada).await;
    let replies = at_once(crowd(), |_| {
        let (ada, client) = (ada.clone(), client.clone());
        async move { invite(&ada, &client, "bob@example.com").await }
    })
    .await;
    let statuses = statuses(&replies);
    assert!(statuses[&200] <= 5, "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 429, 503].contains(status)), "{statuses:?}");
    assert_eq!(stored(&world).await, 1);
    let sent = logged(&world, &client, "invitation.created").await.len();
    assert_eq!((sent, world.mails("bob@example.com").await.len()), (statuses[&200], sent));
}

#[tokio::test]
async fn invite_race_fifty_people_never_exceed_the_plan() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = team(&world, &ada).await;
    let names: Vec<_> = (0..crowd()).map(|number| format!("p{number}")).collect();
    let people = join_all(names.iter().map(|name| world.person(name))).await;
    let mut tokens = Vec::new();
    for person in &people {
        tokens.push(invited(&world, &ada, &client, &person.email).await);
    }
    world.plan(&client, "pro").await;
    let replies = at_once(crowd(), |number| {
        let (person, token) = (people[number].clone(), tokens[number].clone());
        async move { accept(&person, &token).await }
    })
    .await;
    let statuses = statuses(&replies);
    assert!((1..=4).contains(&statuses[&200]), "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 402, 503].contains(status)), "{statuses:?}");
    in_step(&world).await;
    let members = ada.get(&format!("/v1/clients/{client}")).await.json()["members"].clone();
    assert_eq!(members, json!(1 + statuses[&200]));
    assert_eq!(stored(&world).await, crowd() - statuses[&200]);
}

#[tokio::test]
async fn invite_race_a_deletion_of_the_owner_and_joining_do_not_both_happen() {
    let world = World::start().await;
    for round in 0..8 {
        let ada = world.person(&format!("ada{round}")).await;
        let client = team(&world, &ada).await;
        let bob = world.person(&format!("bob{round}")).await;
        let token = invited(&world, &ada, &client, &bob.email).await;
        let replies = at_once(4, |number| {
            let (ada, bob, token) = (ada.clone(), bob.clone(), token.clone());
            async move {
                if number % 2 == 0 {
                    let confirmed = json!({"password": PASSWORD, "confirm": "DELETE"});
                    ada.delete("/v1/me", confirmed).await
                } else {
                    // The deletion begins with a slow hash; what matters is its end.
                    tokio::time::sleep(Duration::from_millis(25 * round)).await;
                    accept(&bob, &token).await
                }
            }
        })
        .await;
        let done = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1, "{:?}", statuses(&replies));
        in_step(&world).await;
    }
}
