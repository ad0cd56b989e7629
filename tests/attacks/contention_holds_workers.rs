//! Concurrent debits of one organization do not hold workers: they meet few conflicts, and give up early.

use tests::{TestApp, race, race_size};

/// Round trips of one debit: at most four attempts, which each read, look at the guard and commit; one to write the
/// entry, and two to shorten the list of recent debits.
const MAX_TRIPS: u32 = 4 * 3 + 1 + 2;

#[tokio::test(flavor = "multi_thread")]
async fn contention_holds_few_workers_and_not_for_long() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    let debits = 4 * race_size();
    let replies = race(debits, |number| {
        let (key, client) = (key.clone(), client.clone());
        async move { key.spend_credits(&client, &format!("run {number}"), "1").await }
    })
    .await;
    let (mut accepted, mut refused) = (0, Vec::new());
    for (number, reply) in replies.iter().enumerate() {
        match reply.status {
            200 => accepted += 1,
            503 => {
                refused.push(number);
                assert!(reply.header("retry-after").is_some(), "{}", reply.text);
            }
            other => panic!("{other}: {}", reply.text),
        }
        assert!(reply.cost().trips <= MAX_TRIPS, "{} round trips", reply.cost().trips);
    }
    assert!(accepted > 0, "{} refused", refused.len());
    // On a slow machine, a debit may be committed after its call has run into the timeout. Its repetition is no
    // second debit.
    for number in refused {
        key.spend_credits(&client, &format!("run {number}"), "1").await.expect(200);
    }
    assert_eq!(ada.credits(&client).await["balance"], 1000 - debits);
    app.assert_ledgers_consistent().await;
    // A sign-in works as ever.
    ada.sign_in(&app).await;
}
