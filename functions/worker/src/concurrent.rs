//! Works on many items within the time of an invocation.

use std::time::Duration;

use futures_util::{StreamExt, stream};

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
}
