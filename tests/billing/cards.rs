//! Cards: adding, removing, the default, and their log.

use reqwest::Method;
use serde_json::{Value, json};
use tests::billing::BillingFixture;
use tests::{CARD, Reply, race};

#[tokio::test]
async fn adding_and_removing_a_card_are_logged_once() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    let (success, cancel) = ada.return_urls();
    let body = json!({"success_url": success, "cancel_url": cancel});
    let path = format!("/v1/clients/{client}/payment-methods/setup");
    let setup = ada.post(&path, body).await.expect(200).json();
    app.set_webhook_delivery("duplicate").await;
    app.pay_checkout(setup["session_id"].as_str().unwrap(), CARD).await.expect(200);
    let customer = app.stripe_customer(client).await;
    let cards = fixture.get(&format!("payment_methods?customer={customer}")).await;
    let card = cards["data"][0]["id"].as_str().unwrap().to_owned();
    let count_logged = async |action: &str| {
        let log = ada.visitor.all(&format!("/v1/clients/{client}/activity")).await;
        log.iter().filter(|entry| entry["action"] == action).count()
    };
    assert_eq!(count_logged("payment_method.added").await, 1);
    assert_eq!(count_logged("payment_method.removed").await, 0);
    app.call_stripe(Method::POST, &format!("payment_methods/{card}/detach"), "").await.expect(200);
    app.set_webhook_delivery("duplicate").await;
    assert_eq!(count_logged("payment_method.added").await, 1);
    assert_eq!(count_logged("payment_method.removed").await, 1);
    app.assert_ledgers_consistent().await;
}

/// Saves a card of an organization, and returns its id.
async fn add_card(fixture: &BillingFixture, number: &str) -> String {
    let BillingFixture { app, ada, client } = fixture;
    let (success, cancel) = ada.return_urls();
    let body = json!({"success_url": success, "cancel_url": cancel});
    let path = format!("/v1/clients/{client}/payment-methods/setup");
    let setup = ada.post(&path, body).await.expect(200).json();
    app.pay_checkout(setup["session_id"].as_str().unwrap(), number).await.expect(200);
    cards(fixture).await[0]["id"].as_str().unwrap().to_owned()
}

/// Lists the cards of an organization, newest first.
async fn cards(fixture: &BillingFixture) -> Vec<Value> {
    let path = format!("/v1/clients/{}/payment-methods", fixture.client);
    let list = fixture.ada.get(&path).await.expect(200).json();
    list["data"].as_array().unwrap().clone()
}

/// Returns the path of a card.
fn card_path(fixture: &BillingFixture, card: &str) -> String {
    format!("/v1/clients/{}/payment-methods/{card}", fixture.client)
}

/// Removes a card.
async fn remove(fixture: &BillingFixture, card: &str) -> Reply {
    fixture.ada.delete(&card_path(fixture, card), json!({})).await
}

/// Makes a card the default.
async fn make_default(fixture: &BillingFixture, card: &str) -> Reply {
    let path = format!("{}/default", card_path(fixture, card));
    fixture.ada.post(&path, json!({})).await
}

#[tokio::test]
async fn a_card_is_removed_once_and_the_log_names_who_did_it() {
    let fixture = BillingFixture::start().await;
    let card = add_card(&fixture, CARD).await;
    // Without a subscription, the last card may go.
    assert_eq!(remove(&fixture, &card).await.expect(200).json(), json!({"deleted": true}));
    remove(&fixture, &card).await.expect_error(404, "NOT_FOUND");
    make_default(&fixture, &card).await.expect_error(404, "NOT_FOUND");
    assert_eq!(cards(&fixture).await.len(), 0);
    let log = fixture
        .ada
        .visitor
        .all(&format!("/v1/clients/{}/activity?kind=billing", fixture.client))
        .await;
    let requested = log.iter().find(|entry| entry["action"] == "payment_method.remove_requested");
    let requested = requested.expect("logged");
    assert_eq!(requested["user"]["email"], "ada@example.com");
    assert_eq!(requested["details"], json!({"type": "card", "last4": "4242"}));
    assert_eq!(requested["target"], json!(card));
}

#[tokio::test]
async fn a_subscription_keeps_its_default_and_its_last_card() {
    let mut fixture = BillingFixture::subscribed("basic", CARD).await;
    let first = cards(&fixture).await[0]["id"].as_str().unwrap().to_owned();
    remove(&fixture, &first).await.expect_error(409, "PAYMENT_METHOD_IN_USE");
    let second = add_card(&fixture, "5555555555554444").await;
    // The new card is not the default yet.
    remove(&fixture, &first).await.expect_error(409, "PAYMENT_METHOD_IN_USE");
    let chosen = make_default(&fixture, &second).await.expect(200).json();
    assert_eq!((&chosen["id"], &chosen["is_default"]), (&json!(second), &json!(true)));
    make_default(&fixture, &second).await.expect(200);
    let defaults: Vec<_> =
        cards(&fixture).await.iter().map(|card| card["is_default"].clone()).collect();
    assert_eq!(defaults, [true, false]);
    remove(&fixture, &first).await.expect(200);
    remove(&fixture, &second).await.expect_error(409, "PAYMENT_METHOD_IN_USE");
    // The next period is paid with the second card.
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    fixture.advance_to(end + 2 * 3_600).await;
    assert_eq!(fixture.plan().await, ("basic".to_owned(), "active".to_owned()));
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn two_removals_of_a_card_at_once_are_one() {
    let fixture = &BillingFixture::subscribed("basic", CARD).await;
    let second = &add_card(fixture, "5555555555554444").await;
    let first = &cards(fixture).await[1]["id"].as_str().unwrap().to_owned();
    let removals = race(2, |_| {
        let (visitor, path) = (fixture.ada.visitor.clone(), card_path(fixture, second));
        async move { visitor.send_json(Method::DELETE, &path, &json!({})).await }
    })
    .await;
    let mut statuses: Vec<_> = removals.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
    // The card that pays for the plan is still there.
    let left = cards(fixture).await;
    assert_eq!((left.len(), &left[0]["id"]), (1, &json!(first)));
    assert_eq!(left[0]["is_default"], true);
}

#[tokio::test]
async fn a_card_removed_while_it_becomes_the_default() {
    let fixture = &BillingFixture::subscribed("basic", CARD).await;
    for _ in 0..6 {
        let second = &add_card(fixture, "5555555555554444").await;
        // The order in which both begin differs from round to round.
        let replies = race(2, |number| {
            let (visitor, path) = (fixture.ada.visitor.clone(), card_path(fixture, second));
            async move {
                if number == 0 {
                    visitor.send_json(Method::DELETE, &path, &json!({})).await
                } else {
                    visitor.post(&format!("{path}/default"), json!({})).await
                }
            }
        })
        .await;
        let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
        assert!(
            statuses.iter().all(|status| [200, 404, 409, 503].contains(status)),
            "{statuses:?}"
        );
        let left = cards(fixture).await;
        let defaults = left.iter().filter(|card| card["is_default"] == true).count();
        assert_eq!(defaults, 1, "{statuses:?} {left:?}");
        // The next round begins with one card, which is the default.
        let first = left.last().unwrap()["id"].as_str().unwrap();
        make_default(fixture, first).await.expect(200);
        for card in left.iter().filter(|card| card["id"] != first) {
            remove(fixture, card["id"].as_str().unwrap()).await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_card_of_another_organization_is_not_found() {
    let fixture = BillingFixture::start().await;
    let card = add_card(&fixture, CARD).await;
    let other = fixture.ada.create_client("Other").await;
    let path = |call: &str| format!("/v1/clients/{other}/payment-methods/{card}{call}");
    // Without a customer at Stripe, and with one.
    for _ in 0..2 {
        fixture.ada.delete(&path(""), json!({})).await.expect_error(404, "NOT_FOUND");
        fixture.ada.post(&path("/default"), json!({})).await.expect_error(404, "NOT_FOUND");
        fixture.ada.top_up_session(&other, 500).await;
    }
    for bad in ["pm_unknown", "cus_1", "x"] {
        remove(&fixture, bad).await.expect_error(404, "NOT_FOUND");
    }
    assert_eq!(cards(&fixture).await.len(), 1);
}
