//! Retries operations that met another writer.

use std::future::Future;
use std::time::Duration;

use crate::attempt_error::AttemptError;
use crate::environment::Environment;

/// How often an operation is tried in total.
const MAX_ATTEMPTS: u32 = 9;

/// The longest wait before the second attempt. It doubles with each attempt up to [`MAX_BACKOFF`].
/// A transaction takes DynamoDB about 20 ms. An immediate retry would meet the same transactions and
/// delay them.
const INITIAL_BACKOFF: Duration = Duration::from_millis(80);

/// The longest single wait. Fifty writers of one item succeed one after the other. Nine attempts wait
/// less than 4 s in total on average and 7.5 s at most, within the time that a request may take.
/// Measured with a thousand charges of `tests/billing/charges.rs`: 2.5 conflicts a charge. With an initial
/// backoff of 40 ms and a maximum of 1,280 ms there were 3.7; with 10 ms there were 6.8.
const MAX_BACKOFF: Duration = Duration::from_millis(1_600);

/// Runs `attempt` until it ends without a conflict, at most nine times. Each attempt must read again
/// what it decides on. The waits are random, so that the writers that met do not meet again.
///
/// # Errors
/// - The final error of an attempt.
/// - [`Error::Contention`](crate::Error::Contention) if all nine attempts met a conflict.
pub async fn retry_conflicts<T, F, C>(
    env: &C,
    mut attempt: impl FnMut() -> F,
) -> Result<T, C::Error>
where
    C: Environment,
    F: Future<Output = Result<T, AttemptError<C::Error>>>,
{
    let mut backoff = INITIAL_BACKOFF;
    for _ in 1..MAX_ATTEMPTS {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(AttemptError::Final(error)) => return Err(error),
            Err(AttemptError::Conflict) => {
                tokio::time::sleep(env.jitter(backoff)).await;
                backoff = (backoff * 2).min(MAX_BACKOFF);
            }
        }
    }
    attempt().await.map_err(AttemptError::give_up)
}

/// Runs `attempt` with the state `first` that was read before. If it meets a conflict, each further
/// attempt gets the state that `read` returns then. A conflict in `read` counts as one of the attempt.
///
/// # Errors
/// - The final error of an attempt, or the error of `read`.
/// - [`Error::Contention`](crate::Error::Contention) if all nine attempts met a conflict.
pub async fn retry_from<S, X, R, T, F, C>(
    env: &C,
    first: S,
    read: impl Fn() -> R,
    attempt: impl Fn(S) -> F,
) -> Result<T, C::Error>
where
    C: Environment,
    X: Into<AttemptError<C::Error>>,
    R: Future<Output = Result<S, X>>,
    F: Future<Output = Result<T, AttemptError<C::Error>>>,
{
    let mut first = Some(first);
    retry_conflicts(env, || {
        let first = first.take();
        let (read, attempt) = (&read, &attempt);
        async move {
            let state = match first {
                Some(first) => first,
                None => read().await.map_err(X::into)?,
            };
            attempt(state).await
        }
    })
    .await
}
