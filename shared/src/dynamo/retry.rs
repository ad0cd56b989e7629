//! Trying again when somebody else was first.

use std::future::Future;

use crate::context::Context;
use crate::error::{Error, Result};

/// How often an operation reads again and tries anew.
const ATTEMPTS: u32 = 9;

/// The longest wait before the second attempt, in milliseconds; doubles from there up to
/// [`LONGEST_WAIT`]. A transaction takes DynamoDB some twenty: whoever comes again at once meets the same
/// ones, and costs them time.
const FIRST_WAIT: u64 = 80;

/// The longest single wait, in milliseconds. Fifty who change one item get through one after the other;
/// nine attempts wait less than four seconds together on average and seven and a half at most, within the
/// time that a request may take. Measured with a thousand charges of `tests/billing/charges.rs`: 2.5 conflicts a
/// charge; with a first wait of 40 and a longest of 1,280 there were 3.7, from 10 on 6.8.
const LONGEST_WAIT: u64 = 1_600;

/// Runs `attempt` until it ends otherwise than in [`Error::Conflict`]. Each attempt has to read
/// what it decides on anew. Waits are random, so that those who met don't meet again.
pub async fn retry_conflicts<T, F>(ctx: &Context, mut attempt: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut longest = FIRST_WAIT;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(Error::Conflict) => {
                tokio::time::sleep(ctx.random.jitter(longest)).await;
                longest = (longest * 2).min(LONGEST_WAIT);
            }
            settled => return settled,
        }
    }
    attempt().await
}

/// The same where the first attempt decides on what is known already: `first`. Every other decides
/// on what `read` finds then.
pub async fn retry_from<S, R, T, F>(
    ctx: &Context,
    first: S,
    read: impl Fn() -> R,
    attempt: impl Fn(S) -> F,
) -> Result<T>
where
    R: Future<Output = Result<S>>,
    F: Future<Output = Result<T>>,
{
    let mut first = Some(first);
    retry_conflicts(ctx, || {
        let first = first.take();
        let (read, attempt) = (&read, &attempt);
        async move {
            let before = match first {
                Some(first) => first,
                None => read().await?,
            };
            attempt(before).await
        }
    })
    .await
}
