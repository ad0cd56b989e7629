//! Working on many things within the time that an invocation has.

use std::time::Duration;

use futures_util::{StreamExt, stream};

/// Things that are worked on side by side.
const AT_ONCE: usize = 8;

/// Nothing begins later than this: the function's `Timeout` in `template.yaml` is 60 seconds, and what
/// begins is to be finished. What isn't begun is made up for by the next run.
pub(crate) const BEGIN_WITHIN: Duration = Duration::from_secs(40);

/// Works on [`AT_ONCE`] things at a time until all are done, and begins with none after `within`; what
/// has begun by then is finished.
pub(crate) async fn in_time<T, R, F>(
    things: Vec<T>,
    within: Duration,
    work: impl FnMut(T) -> F,
) -> Vec<R>
where
    F: Future<Output = R>,
{
    let begun = stream::iter(things).take_until(tokio::time::sleep(within));
    begun.map(work).buffer_unordered(AT_ONCE).collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_begun_in_time_is_finished_and_the_rest_is_left() {
        let slow = async |number: usize| {
            tokio::time::sleep(Duration::from_millis(60)).await;
            number
        };
        let things: Vec<_> = (0..AT_ONCE * 4).collect();
        let done = in_time(things.clone(), Duration::from_millis(30), slow).await;
        assert_eq!(done.len(), AT_ONCE);
        assert_eq!(in_time(things, Duration::from_secs(60), slow).await.len(), AT_ONCE * 4);
    }
}
