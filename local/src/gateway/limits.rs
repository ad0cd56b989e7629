//! The quotas of HTTP APIs and Lambda that a client can exceed.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use futures_util::StreamExt;

/// "Total combined size of request line and header values", in bytes.
const MAX_HEAD_LEN: usize = 10_240;

/// The maximum length of a request body in bytes.
const MAX_BODY_LEN: usize = 10 * 1024 * 1024;

/// The maximum length of an event, and of a response of a function, in bytes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_PAYLOAD_LEN: usize = 6 * 1024 * 1024;

/// The length up to which a body that is too long is read to its end, so that the client reads the response.
const MAX_REFUSED_BODY_LEN: usize = 10 * MAX_BODY_LEN;

pub(super) fn is_head_too_long(head: &Parts) -> bool {
    // `GET /path?query HTTP/1.1`
    let line = head.method.as_str().len() + head.uri.to_string().len() + " HTTP/1.1 ".len();
    let values: usize = head.headers.values().map(|value| value.len()).sum();
    line + values > MAX_HEAD_LEN
}

pub(super) fn is_too_long_for_lambda(payload: &str) -> bool {
    payload.len() > MAX_PAYLOAD_LEN
}

/// Reads the body. Returns `None` if it is too long or incomplete.
pub(super) async fn read_body(body: Body) -> Option<Bytes> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        length += chunk.len();
        if length <= MAX_BODY_LEN {
            whole.extend_from_slice(&chunk);
        } else if length > MAX_REFUSED_BODY_LEN {
            break;
        }
    }
    (length <= MAX_BODY_LEN).then(|| whole.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[test]
    fn the_head_counts_its_line_and_its_values() {
        let too_long = |value: usize| {
            let request = Request::get("/v1/me").header("x-long-name", "a".repeat(value));
            is_head_too_long(&request.body(()).unwrap().into_parts().0)
        };
        let line = "GET /v1/me HTTP/1.1".len();
        assert!(!too_long(MAX_HEAD_LEN - line));
        assert!(too_long(MAX_HEAD_LEN - line + 1));
    }

    #[tokio::test]
    async fn a_body_may_be_as_long_as_the_limit() {
        let fits = read_body(Body::from(vec![0; MAX_BODY_LEN])).await;
        assert_eq!(fits.map(|body| body.len()), Some(MAX_BODY_LEN));
        assert!(read_body(Body::from(vec![0; MAX_BODY_LEN + 1])).await.is_none());
    }
}
