//! Concurrent requests and what their responses say about the outcome.
//!
//! A response of 503 leaves the outcome open: the request met too many conflicts or timed out. DynamoDB Local
//! is slow and may have committed by then, or commit a moment later.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use crate::test_app::dynamodb_local_url;
use crate::{Reply, TestApp};

/// Returns whether the tests run on DynamoDB Local.
pub fn is_dynamodb_local() -> bool {
    dynamodb_local_url().is_some()
}

/// Returns the number of concurrent requests in a race: fifty, and sixteen on DynamoDB Local.
///
/// DynamoDB Local serves one request at a time, so most of fifty would time out.
pub fn race_size() -> usize {
    if is_dynamodb_local() { 16 } else { 50 }
}

/// Runs `operation` `count` times concurrently and returns the results in order.
///
/// The operations start together, after the last task is spawned.
pub async fn race<T, F>(count: usize, operation: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, work) = (barrier.clone(), operation(number));
            tokio::spawn(async move {
                barrier.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.expect("a task panicked"));
    }
    results
}

/// Returns the possible number of requests that succeeded, given their responses.
pub fn count_successes<'r>(replies: impl IntoIterator<Item = &'r Reply>) -> RangeInclusive<usize> {
    let (mut answered, mut unknown) = (0, 0);
    for reply in replies {
        answered += usize::from(reply.status < 400);
        unknown += usize::from(reply.status == 503);
    }
    answered..=answered + unknown
}

/// Asserts that concurrent creations have numbered their objects from 1 on, without gaps: `replies` are the
/// responses and `stored` is the list of all objects. Returns the objects of the successful responses.
pub fn assert_numbered_without_gaps(replies: &[Reply], stored: &[Value]) -> Vec<Value> {
    let number = |object: &Value| object["id"].as_u64().unwrap();
    let numbers: Vec<_> = stored.iter().map(number).collect();
    assert_eq!(numbers, (1..=u64::try_from(stored.len()).unwrap()).collect::<Vec<_>>());
    assert!(count_successes(replies).contains(&stored.len()));
    let made: Vec<_> =
        replies.iter().filter(|reply| reply.status == 200).map(Reply::json).collect();
    let distinct: BTreeSet<_> = made.iter().map(number).collect();
    assert_eq!(distinct.len(), made.len());
    assert!(distinct.is_subset(&numbers.into_iter().collect()));
    made
}

/// Asserts that an operation took effect once; `seen` is how often it did according to the stored items.
///
/// No effect is accepted only if all responses are 503.
#[track_caller]
pub fn assert_done_once<'r>(replies: impl IntoIterator<Item = &'r Reply>, seen: usize) {
    let mut replies = replies.into_iter();
    assert!(seen == 1 || seen == 0 && replies.all(|reply| reply.status == 503), "{seen} times");
}

/// Asserts that each request that neither succeeded nor was answered 503 was refused with this error.
#[track_caller]
pub fn assert_others_refused(replies: &[Reply], status: u16, code: &str) {
    for reply in replies.iter().filter(|reply| !matches!(reply.status, 200 | 503)) {
        reply.clone().expect_error(status, code);
    }
}

impl Reply {
    /// Returns whether the request timed out because DynamoDB Local is slow.
    pub fn has_timed_out(&self) -> bool {
        self.status == 503 && is_dynamodb_local()
    }
}

impl TestApp {
    /// Waits until no request that was answered with 503 can still change the table.
    ///
    /// On DynamoDB Local that is when the table has not changed for a second.
    pub async fn wait_until_idle<'r>(&self, replies: impl IntoIterator<Item = &'r Reply>) {
        let statuses: Vec<_> = replies.into_iter().map(|reply| reply.status).collect();
        let late = statuses.iter().filter(|status| **status == 503).count();
        if !is_dynamodb_local() {
            assert!(late < statuses.len(), "at least one request succeeds in time");
            return;
        }
        if late == 0 {
            return;
        }
        self.wait_for_worker().await;
        let mut before = self.dump().await;
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = self.dump().await;
            if now == before {
                return;
            }
            before = now;
        }
        panic!("DynamoDB Local is still busy");
    }
}
