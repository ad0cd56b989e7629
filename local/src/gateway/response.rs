//! Converts the response of a function to an HTTP response, and builds those of the gateway itself.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::json;

use super::environment_line::with_environment_line;

/// Headers that the gateway sets itself and ignores in responses of functions.
const GATEWAY_HEADERS: [HeaderName; 4] = [
    CONTENT_LENGTH,
    HeaderName::from_static("connection"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("transfer-encoding"),
];

/// The response of a function, in payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Converts the response of a function, which is JSON. Returns `None` if API Gateway would refuse it.
pub(super) fn to_http_response(payload: &str) -> Option<Response> {
    let function_response: FunctionResponse = serde_json::from_str(payload).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in function_response.headers {
        let name: HeaderName = name.parse().ok()?;
        if !GATEWAY_HEADERS.contains(&name) {
            headers.insert(name, HeaderValue::try_from(value).ok()?);
        }
    }
    for cookie in function_response.cookies {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    // The default of API Gateway.
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain; charset=utf-8"));
    let body = function_response.body.unwrap_or_default();
    let body = if function_response.is_base64_encoded {
        BASE64.decode(body.as_bytes()).ok()?
    } else {
        with_environment_line(&headers, body).into_bytes()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(function_response.status_code).ok()?;
    *response.headers_mut() = headers;
    Some(response)
}

/// Returns a response of the gateway itself.
pub(super) fn gateway_error(status: StatusCode) -> Response {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        other => other.canonical_reason().unwrap_or_default(),
    };
    let mut response = Response::new(Body::from(json!({"message": message}).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response) -> Vec<u8> {
        let bytes = axum::body::to_bytes(response.into_body(), 1000).await;
        bytes.unwrap().into()
    }

    #[tokio::test]
    async fn cookies_headers_and_body_are_converted() {
        let payload = json!({
            "statusCode": 201,
            "headers": {"content-type": "image/png", "x-a": "1, 2", "content-length": "99"},
            "multiValueHeaders": {},
            "cookies": ["a=b; Path=/", "c=d"],
            "body": "AP8=",
            "isBase64Encoded": true,
        });
        let response = to_http_response(&payload.to_string()).unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["x-a"], "1, 2");
        assert_eq!(response.headers()["content-type"], "image/png");
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(response.headers().get_all(SET_COOKIE).iter().count(), 2);
        assert_eq!(body(response).await, [0, 255]);
    }

    #[test]
    fn an_invalid_response_is_none() {
        for payload in [
            json!({}),
            json!({"statusCode": 9}),
            json!({"statusCode": 200, "headers": {"x": "a\nb"}}),
            json!({"statusCode": 200, "body": "not base64!", "isBase64Encoded": true}),
        ] {
            assert!(to_http_response(&payload.to_string()).is_none(), "{payload}");
        }
    }

    #[tokio::test]
    async fn errors_have_the_format_of_api_gateway() {
        let response = gateway_error(StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(response.status(), 413);
        assert_eq!(body(response).await, br#"{"message":"Request Entity Too Large"}"#);
    }
}
