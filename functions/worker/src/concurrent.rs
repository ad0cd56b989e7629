//! Works on many items within the time of an invocation.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::error::{Error, Result};

/// Items that are worked on at the same time.
const CONCURRENCY: usize = 8;

/// Time within which work on an item may start. The function's `Timeout` in `template.yaml` is 60 seconds,
/// so work that has started can finish.
pub(crate) const START_TIMEOUT: Duration = Duration::from_secs(40);

/// Works on the items, [`CONCURRENCY`] at a time, and starts none after `start_timeout`. Finishes what it
/// has started, and returns one result per started item.
pub(crate) async fn run_within<T, R, F>(
    items: Vec<T>,
    start_timeout: Duration,
    work: impl FnMut(T) -> F,
) -> Vec<R>
where
    F: Future<Output = R>,
{
    let started = stream::iter(items).take_until(tokio::time::sleep(start_timeout));
    started.map(work).buffer_unordered(CONCURRENCY).collect().await
}

/// Does a piece of work within a time. `what` names it in the error.
///
/// # Errors
/// `Unavailable` if the work takes longer, and the errors of the work.
pub(crate) async fn run_in_time<T>(
    limit: Duration,
    what: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let late = || Error::Unavailable(format!("{what} timed out").into());
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finishes_what_started_in_time_and_leaves_the_rest() {
        let slow = async |number: usize| {
            tokio::time::sleep(Duration::from_millis(60)).await;
            number
        };
        let items: Vec<_> = (0..CONCURRENCY * 4).collect();
        let done = run_within(items.clone(), Duration::from_millis(30), slow).await;
        assert_eq!(done.len(), CONCURRENCY);
        assert_eq!(run_within(items, Duration::from_secs(60), slow).await.len(), CONCURRENCY * 4);
    }

    #[tokio::test]
    async fn an_item_that_never_ends_fails_and_holds_up_no_other() {
        let work = async |number: usize| {
            let endless = async {
                if number == 0 {
                    std::future::pending::<()>().await;
                }
                Ok(number)
            };
            run_in_time(Duration::from_millis(30), "an item", endless).await
        };
        let items: Vec<_> = (0..CONCURRENCY * 2).collect();
        let results = run_within(items, Duration::from_secs(60), work).await;
        let (done, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!((done.len(), failed.len()), (CONCURRENCY * 2 - 1, 1));
        assert!(matches!(failed[0], Err(Error::Unavailable(_))), "{failed:?}");
    }
}
