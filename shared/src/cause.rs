//! The request that causes background work. The rows of the outbox and of jobs keep its id, so that the worker's log
//! names it.

tokio::task_local! {
    static REQUEST_ID: Option<String>;
}

/// Runs `work` as caused by the request with this id, or by none. It takes precedence over an enclosing call.
pub fn caused_by<F: Future>(
    request_id: Option<String>,
    work: F,
) -> impl Future<Output = F::Output> {
    REQUEST_ID.scope(request_id, work)
}

/// Returns the id of the request that causes the present work; `None` outside of [`caused_by`].
pub fn request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_knows_the_request_that_causes_it() {
        assert_eq!(request_id(), None);
        let first = Some("first".to_owned());
        let work = async {
            assert_eq!(request_id(), Some("first".to_owned()));
            caused_by(None, async { assert_eq!(request_id(), None) }).await;
            assert_eq!(request_id(), Some("first".to_owned()));
        };
        caused_by(first, work).await;
        assert_eq!(request_id(), None);
    }
}
