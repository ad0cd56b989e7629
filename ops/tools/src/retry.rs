//! Retries throttled and contended calls. A tool can wait longer than a request.

use std::time::Duration;

use shared::context::Context;
use shared::error::{Error, Result};

/// Maximum number of attempts. Within each, the SDK retries as well.
const MAX_ATTEMPTS: u32 = 8;

/// The longest wait before the second attempt. It doubles with each attempt.
const INITIAL_BACKOFF: Duration = Duration::from_millis(200);

/// Makes a call until it is neither throttled nor contended. With the waits, which are random, eight attempts take up
/// to half a minute.
///
/// # Errors
/// The error of the call, or of the last attempt.
pub(crate) async fn retry_unavailable<T>(
    ctx: &Context,
    call: impl AsyncFn() -> Result<T>,
) -> Result<T> {
    let mut backoff = INITIAL_BACKOFF;
    for _ in 1..MAX_ATTEMPTS {
        match call().await {
            Err(Error::Unavailable(_) | Error::Contention) => {
                tokio::time::sleep(ctx.random.jitter(backoff)).await;
                backoff *= 2;
            }
            done => return done,
        }
    }
    call().await
}
