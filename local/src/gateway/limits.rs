//! The quotas of HTTP APIs and Lambda that a client can run into.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use futures_util::StreamExt;

/// "Total combined size of request line and header values", in bytes.
const LONGEST_HEAD: usize = 10_240;

/// Longest body, in bytes.
const LONGEST_BODY: usize = 10 * 1024 * 1024;

/// Longest event and longest answer of a function, in bytes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LONGEST_PAYLOAD: usize = 6 * 1024 * 1024;

/// How much of a body that is too long is read to its end, so that the client gets to see why.
const LONGEST_REFUSED_BODY: usize = 10 * LONGEST_BODY;

pub(super) fn head_is_too_long(head: &Parts) -> bool {
    // `GET /path?query HTTP/1.1`
    let line = head.method.as_str().len() + head.uri.to_string().len() + " HTTP/1.1 ".len();
    let values: usize = head.headers.values().map(|value| value.len()).sum();
    line + values > LONGEST_HEAD
}

pub(super) fn is_too_long_for_lambda(payload: &str) -> bool {
    payload.len() > LONGEST_PAYLOAD
}

/// The body, unless it is too long or breaks off.
pub(super) async fn read(body: Body) -> Option<Bytes> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        length += chunk.len();
        if length <= LONGEST_BODY {
            whole.extend_from_slice(&chunk);
        } else if length > LONGEST_REFUSED_BODY {
            break;
        }
    }
    (length <= LONGEST_BODY).then(|| whole.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[test]
    fn the_head_counts_its_line_and_its_values() {
        let too_long = |value: usize| {
            let request = Request::get("/v1/me").header("x-long-name", "a".repeat(value));
            head_is_too_long(&request.body(()).unwrap().into_parts().0)
        };
        let line = "GET /v1/me HTTP/1.1".len();
        assert!(!too_long(LONGEST_HEAD - line));
        assert!(too_long(LONGEST_HEAD - line + 1));
    }

    #[tokio::test]
    async fn a_body_may_be_as_long_as_the_limit() {
        let fits = read(Body::from(vec![0; LONGEST_BODY])).await;
        assert_eq!(fits.map(|body| body.len()), Some(LONGEST_BODY));
        assert!(read(Body::from(vec![0; LONGEST_BODY + 1])).await.is_none());
    }
}
