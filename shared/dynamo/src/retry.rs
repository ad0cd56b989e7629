//! Retries operations that met another writer.

use std::future::Future;
use std::time::Duration;

use crate::attempt_error::AttemptError;
use crate::environment::Environment;
use crate::meter;

/// How often and how long an operation is retried after conflicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryLimits {
    max_attempts: u32,
    /// The longest wait before the second attempt. It doubles with each attempt.
    initial_backoff: Duration,
    max_backoff: Duration,
}

impl RetryLimits {
    /// Nine attempts, for operations that rarely meet a conflict and that people wait for. Fifty writers of one item
    /// succeed one after the other. The waits take less than 4 s in total on average and 7.5 s at most, within the
    /// time that a request may take.
    ///
    /// A transaction takes DynamoDB about 20 ms. An immediate retry would meet the same transactions and delay them.
    /// Measured with a thousand debits of `tests/billing/debits.rs`: 2.5 conflicts a debit. With an initial backoff
    /// of 40 ms and a maximum of 1,280 ms there were 3.7; with 10 ms there were 6.8.
    pub const DEFAULT: Self = Self {
        max_attempts: 9,
        initial_backoff: Duration::from_millis(80),
        max_backoff: Duration::from_millis(1_600),
    };

    /// Four attempts, for calls of programs that many make for one item at once. The waits take at most 0.56 s in
    /// total, because each waiting call holds a worker that others need. The program retries by itself.
    pub const BRIEF: Self = Self {
        max_attempts: 4,
        initial_backoff: Duration::from_millis(80),
        max_backoff: Duration::from_millis(320),
    };
}

/// Runs `attempt` until it ends without a conflict, within [`RetryLimits::DEFAULT`]. Each attempt must read again
/// what it decides on. The waits are random, so that the writers that met do not meet again.
///
/// # Errors
/// - The final error of an attempt.
/// - [`Error::Contention`](crate::Error::Contention) if all attempts met a conflict.
pub async fn retry_conflicts<T, F, C>(env: &C, attempt: impl FnMut() -> F) -> Result<T, C::Error>
where
    C: Environment,
    F: Future<Output = Result<T, AttemptError<C::Error>>>,
{
    retry_within(env, RetryLimits::DEFAULT, attempt).await
}

async fn retry_within<T, F, C>(
    env: &C,
    limits: RetryLimits,
    mut attempt: impl FnMut() -> F,
) -> Result<T, C::Error>
where
    C: Environment,
    F: Future<Output = Result<T, AttemptError<C::Error>>>,
{
    let mut backoff = limits.initial_backoff;
    for _ in 1..limits.max_attempts {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(AttemptError::Final(error)) => return Err(error),
            Err(AttemptError::Conflict) => {
                meter::count_conflict();
                tokio::time::sleep(env.jitter(backoff)).await;
                backoff = (backoff * 2).min(limits.max_backoff);
            }
        }
    }
    attempt().await.map_err(|error| {
        if matches!(error, AttemptError::Conflict) {
            meter::count_conflict();
        }
        error.give_up()
    })
}

/// Runs `attempt` within [`RetryLimits::DEFAULT`], with the state `first` that was read before. If it meets a
/// conflict, each further attempt gets the state that `read` returns then. A conflict in `read` counts as one of the
/// attempt.
///
/// # Errors
/// - The final error of an attempt, or the error of `read`.
/// - [`Error::Contention`](crate::Error::Contention) if all attempts met a conflict.
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
    retry_from_within(env, RetryLimits::DEFAULT, first, read, attempt).await
}

/// Does the same as [`retry_from`], within other limits.
///
/// # Errors
/// The errors of [`retry_from`].
pub async fn retry_from_within<S, X, R, T, F, C>(
    env: &C,
    limits: RetryLimits,
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
    retry_within(env, limits, || {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CursorCipher, Error, Table};

    /// An environment whose waits are short.
    struct NoWait;

    struct NoCipher;

    impl CursorCipher for NoCipher {
        fn seal(&self, _: &str, _: &[u8]) -> Result<String, Error> {
            Ok(String::new())
        }

        fn open(&self, _: &str, _: &str) -> Option<Vec<u8>> {
            None
        }
    }

    impl Environment for NoWait {
        type Error = Error;
        type Cipher = NoCipher;

        fn table(&self) -> &Table<Error> {
            unreachable!("retries use no table")
        }

        fn jitter(&self, _: Duration) -> Duration {
            Duration::ZERO
        }

        async fn cursor_cipher(&self) -> NoCipher {
            NoCipher
        }
    }

    /// Returns the number of attempts and of conflicts, if the first attempts meet conflicts.
    async fn count(conflicts: u32) -> (u32, u32) {
        let mut attempts = 0;
        let work = retry_conflicts(&NoWait, || {
            attempts += 1;
            let met = attempts <= conflicts;
            std::future::ready(if met { Err(AttemptError::Conflict) } else { Ok(()) })
        });
        let (_, usage) = meter::measure(work).await;
        (attempts, usage.conflicts)
    }

    #[tokio::test]
    async fn each_conflict_is_counted_also_the_last() {
        assert_eq!(count(0).await, (1, 0));
        assert_eq!(count(2).await, (3, 2));
        assert_eq!(count(100).await, (9, 9));
    }
}
