//! What the suites are written with: a [`World`] (a whole stack of its own for each test), visitors
//! and people who act in it, and their replies.
//!
//! Time is moved, never slept through. The engine is the embedded one, or DynamoDB Local when
//! `DYNAMODB_LOCAL_URL` names one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

mod authenticator;
mod books;
mod bulk;
mod credentials;
mod engine;
mod files;
mod google;
mod moto;
mod person;
mod race;
mod reply;
mod stripe;
mod visitor;
mod way;
mod world;

pub use authenticator::Authenticator;
pub use bulk::{Bulk, row};
pub use engine::{Engine, Fault, Held};
pub use files::file;
pub use google::{AtGoogle, cookie, session_of};
pub use moto::{Moto, Taken};
pub use person::{PASSWORD, Person};
pub use race::{done, on_dynamodb_local, was_done_once};
pub use reply::{Cost, Reply, keys};
pub use stripe::{CARD, price};
pub use visitor::Visitor;
pub use world::{World, code_in};

/// Where a service answers that `tests/run` starts, and names in an environment variable.
pub fn service_url(variable: &str) -> String {
    let named = std::env::vars().find(|(name, _)| name == variable);
    let (_, url) = named.unwrap_or_else(|| panic!("{variable} is not set: use ./tests/run"));
    url.trim_end_matches('/').to_owned()
}

/// How many come at once where it is about many: fifty. DynamoDB Local does one thing at a time, and of
/// fifty most would be told that it takes too long, so there it is sixteen.
pub fn crowd() -> usize {
    if on_dynamodb_local() { 16 } else { 50 }
}

/// Runs `task` `count` times at the same moment, and gathers what they return.
pub async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, work) = (barrier.clone(), task(number));
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
