//! Ten thousand charges of one organization by fifty who don't wait for one another; on DynamoDB Local, which
//! does one thing at a time, two hundred by sixteen. Takes minutes, so it is a binary of its own, and says how
//! quickly it went.

use shared::clock::Stopwatch;
use tests::{Reply, TestApp, is_dynamodb_local, race, race_size};

/// What one of them saw.
#[derive(Default)]
struct Seen {
    /// Requests, those that were told to come again included.
    requests: usize,
    /// How often a charge was decided anew because another one was first.
    conflicts: usize,
    /// Milliseconds of each charge, from the first request to the answer.
    took: Vec<f64>,
}

/// A charge takes two trips to the table, one to read and one to write, and as many again for each conflict.
fn conflicts(reply: &Reply) -> usize {
    (reply.cost().trips.div_ceil(2) as usize).saturating_sub(1)
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::print_stdout)] // how quickly, for whoever asks
async fn ten_thousand_charges_by_fifty_are_exact() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    ada.buy_credits(&app, &client, 500).await;
    let key = ada.visitor_with_key(&app, &client).await;
    let (tasks, each) = (race_size(), if is_dynamodb_local() { 13 } else { 200 });
    let watch = Stopwatch::start();
    let seen = race(tasks, |task| {
        let (key, client) = (key.clone(), client.clone());
        async move {
            let mut seen = Seen::default();
            for number in 0..each {
                let watch = Stopwatch::start();
                loop {
                    let reply =
                        key.spend_credits(&client, &format!("{task}-{number}"), "0.125").await;
                    seen.requests += 1;
                    seen.conflicts += conflicts(&reply);
                    match reply.status {
                        200 => break,
                        503 => assert!(reply.header("retry-after").is_some()),
                        other => panic!("{other}: {}", reply.text),
                    }
                }
                seen.took.push(watch.milliseconds());
            }
            seen
        }
    })
    .await;
    let seconds = watch.milliseconds() / 1_000.0;
    let charges = tasks * each;
    let requests: usize = seen.iter().map(|seen| seen.requests).sum();
    let conflicts: usize = seen.iter().map(|seen| seen.conflicts).sum();
    let mut took: Vec<_> = seen.into_iter().flat_map(|seen| seen.took).collect();
    took.sort_by(f64::total_cmp);
    println!(
        "{charges} charges by {tasks} in {seconds:.0} s: {:.0} a second; {conflicts} conflicts, {:.1} a \
         charge; {} of {requests} requests were told to come again; half within {:.0} ms, 99 % within {:.0}",
        charges as f64 / seconds,
        conflicts as f64 / charges as f64,
        requests - charges,
        took[charges / 2],
        took[charges * 99 / 100],
    );
    let left = 1500.0 - charges as f64 * 0.125;
    assert_eq!(ada.credits(&client).await["balance"].as_f64(), Some(left));
    // One entry for what came with the account, one for what was bought.
    assert_eq!(ada.transactions(&client).await.len(), charges + 2);
    app.assert_ledgers_consistent().await;
}
