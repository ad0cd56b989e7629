//! Concurrent charges of one organization do not hold workers: they meet few conflicts, and give up early.

use tests::{TestApp, race, race_size};

/// Round trips of one charge: at most four attempts, which each read, look at the guard and commit; one to write the
/// entry, and two to shorten the list of recent debits.
const MAX_TRIPS: u32 = 4 * 3 + 1 + 2;

#[tokio::test(flavor = "multi_thread")]
async fn contention_holds_few_workers_and_not_for_long() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    let charges = 4 * race_size();
    let replies = race(charges, |number| {
        let (key, client) = (key.clone(), client.clone());
        async move { key.spend_credits(&client, &format!("run {number}"), "1").await }
    })
    .await;
    let (mut charged, mut refused) = (0, Vec::new());
    for (number, reply) in replies.iter().enumerate() {
        match reply.status {
            200 => charged += 1,
            503 => {
                refused.push(number);
                assert!(reply.header("retry-after").is_some(), "{}", reply.text);
            }
            other => panic!("{other}: {}", reply.text),
        }
        assert!(reply.cost().trips <= MAX_TRIPS, "{} round trips", reply.cost().trips);
    }
    assert!(charged > 0, "{} refused", refused.len());
    // On a slow machine, a charge may be committed after its call has run into the timeout. Its repetition is no
    // second charge.
    for number in refused {
        key.spend_credits(&client, &format!("run {number}"), "1").await.expect(200);
    }
    assert_eq!(ada.credits(&client).await["balance"], 1000 - charges);
    app.assert_ledgers_consistent().await;
    // A sign-in works as ever.
    ada.sign_in(&app).await;
}
