//! Ten thousand concurrent debits of one organization by fifty tasks; on DynamoDB Local, which is
//! sequential, two hundred by sixteen.
//! Takes minutes, so it is a binary of its own, and prints how long the debits took.

use std::time::Duration;

use shared::clock::Stopwatch;
use tests::{Reply, TestApp, is_dynamodb_local, race, race_size};

/// Pause of a client before it repeats a debit that was answered 503: the time that `Retry-After` names.
const PAUSE: Duration = Duration::from_secs(1);

/// Measurements of one task.
#[derive(Default)]
struct TaskStats {
    /// Number of requests, including those answered 503.
    requests: usize,
    /// Number of debits that were repeated because of a concurrent one.
    conflicts: usize,
    /// Milliseconds of each debit, from the first request to the successful response.
    durations: Vec<f64>,
}

/// Counts the conflicts of a debit, which takes four round trips: to read, to store it as pending, to commit it and to
/// write its entry. Each conflict takes three more, and one debit in eight takes two to shorten the list of recent
/// debits.
fn count_conflicts(reply: &Reply) -> usize {
    (reply.cost().trips as usize).saturating_sub(4) / 3
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::print_stdout)] // prints the durations
async fn ten_thousand_concurrent_debits_are_exact() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    ada.buy_credits(&app, &client, 500).await;
    let key = ada.visitor_with_key(&app, &client).await;
    let (tasks, each) = (race_size(), if is_dynamodb_local() { 13 } else { 200 });
    let watch = Stopwatch::start();
    let stats = race(tasks, |task| {
        let (key, client) = (key.clone(), client.clone());
        async move {
            let mut stats = TaskStats::default();
            for number in 0..each {
                let watch = Stopwatch::start();
                loop {
                    let reply =
                        key.spend_credits(&client, &format!("{task}-{number}"), "0.125").await;
                    stats.requests += 1;
                    stats.conflicts += count_conflicts(&reply);
                    match reply.status {
                        200 => break,
                        503 => {
                            assert!(reply.header("retry-after").is_some());
                            tokio::time::sleep(PAUSE).await;
                        }
                        other => panic!("{other}: {}", reply.text),
                    }
                }
                stats.durations.push(watch.milliseconds());
            }
            stats
        }
    })
    .await;
    let seconds = watch.milliseconds() / 1_000.0;
    let debits = tasks * each;
    let requests: usize = stats.iter().map(|stats| stats.requests).sum();
    let conflicts: usize = stats.iter().map(|stats| stats.conflicts).sum();
    let mut durations: Vec<_> = stats.into_iter().flat_map(|stats| stats.durations).collect();
    durations.sort_by(f64::total_cmp);
    println!(
        "{debits} debits by {tasks} in {seconds:.0} s: {:.0} a second; {conflicts} conflicts, {:.1} a \
         debit; {} of {requests} requests were answered 503; half within {:.0} ms, 99 % within {:.0}",
        debits as f64 / seconds,
        conflicts as f64 / debits as f64,
        requests - debits,
        durations[debits / 2],
        durations[debits * 99 / 100],
    );
    let left = 1500.0 - debits as f64 * 0.125;
    assert_eq!(ada.credits(&client).await["balance"].as_f64(), Some(left));
    // One entry for the free credits and one for the top-up.
    assert_eq!(ada.transactions(&client).await.len(), debits + 2);
    app.assert_ledgers_consistent().await;
}
