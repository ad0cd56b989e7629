use super::super::routes::Routes;
use super::*;
use axum::http::Request;
use serde_json::{Value, json};

use crate::template::Template;

/// Returns the event of a request to the service's own template.
fn event(request: Request<&[u8]>) -> Value {
    let (head, body) = request.into_parts();
    let routes = Routes::from_template(Template::load().unwrap()).unwrap();
    let path = decoded_path(head.uri.path());
    let target = routes.find(head.method.as_str(), &path).unwrap();
    let event = GatewayEvent {
        id: "JKJaXmPLvHcESHA=".to_owned(),
        now: Timestamp::from_seconds(1_773_342_238),
        peer: "127.0.0.7:50000".parse().unwrap(),
        target: &target,
        authority: &"localhost:8080".parse().unwrap(),
        path: &path,
        head: &head,
        body,
    };
    serde_json::from_str(&event.to_json()).unwrap()
}

fn with_body(content_type: &str, body: &[u8]) -> (Value, Value) {
    let request = Request::post("/v1/login").header("content-type", content_type);
    let event = event(request.body(body).unwrap());
    (event["body"].clone(), event["isBase64Encoded"].clone())
}

#[test]
fn an_event_has_the_fields_of_api_gateway() {
    let request = Request::post("/v1/login?a=1&b=x%20y&a=2")
        .header("Content-Type", "application/json")
        .header("User-Agent", "curl/8.5.0")
        .header("Cookie", "a=b; c=d")
        .header("Cookie", "e=f")
        .header("X-Twice", "1")
        .header("X-Twice", "2")
        .header("Connection", "keep-alive")
        .header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(
        event(request.body(&br#"{"email":"x"}"#[..]).unwrap()),
        json!({
            "version": "2.0",
            "routeKey": "ANY /v1/login",
            "rawPath": "/v1/login",
            "rawQueryString": "a=1&b=x%20y&a=2",
            "cookies": ["a=b", "c=d", "e=f"],
            "headers": {
                "content-type": "application/json",
                "host": "localhost:8080",
                "user-agent": "curl/8.5.0",
                "x-amzn-trace-id": "Root=1-69b30e1e-4a4b4a61586d504c76486345",
                "x-forwarded-for": "203.0.113.9, 127.0.0.7",
                "x-forwarded-port": "8080",
                "x-forwarded-proto": "http",
                "x-twice": "1,2",
            },
            "queryStringParameters": {"a": "1,2", "b": "x y"},
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": "localhost",
                "domainPrefix": "localhost",
                "http": {
                    "method": "POST",
                    "path": "/v1/login",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.7",
                    "userAgent": "curl/8.5.0",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "ANY /v1/login",
                "stage": "$default",
                "time": "12/Mar/2026:19:03:58 +0000",
                "timeEpoch": 1_773_342_238_000_i64,
            },
            "body": r#"{"email":"x"}"#,
            "isBase64Encoded": false,
        })
    );
}

#[test]
fn absent_fields_are_left_out() {
    let event = event(Request::get("/nowhere").body(&[][..]).unwrap());
    assert_eq!(event["routeKey"], "$default");
    for name in ["cookies", "queryStringParameters", "pathParameters", "body"] {
        assert!(event.get(name).is_none(), "{name}");
    }
}

#[test]
fn lambda_http_reads_every_event() {
    for path in ["/", "/v1/a%20b%23c%3Fd%00%ff", "/%2e%2e/%5c|^", "//x", "/%0a%7f%c3%a9"] {
        let event = event(Request::get(path).body(&[][..]).unwrap()).to_string();
        let read: lambda_http::request::LambdaRequest = serde_json::from_str(&event).unwrap();
        let request: lambda_http::Request = read.into();
        assert_eq!(request.method(), "GET", "{path}");
    }
}

#[test]
fn a_path_is_decoded_and_cut_at_an_encoded_question_mark() {
    assert_eq!(decoded_path("/v1/a%20b%2Fc%3Fd"), "/v1/a b/c");
    assert_eq!(decoded_path("/v1/%ff"), "/v1/\u{fffd}");
}

#[test]
fn only_text_is_sent_without_base64() {
    for content_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "text/csv",
        "application/xml",
        "application/javascript",
    ] {
        assert_eq!(with_body(content_type, b"ab"), (json!("ab"), json!(false)));
    }
    for content_type in ["application/octet-stream", "application/x-www-form-urlencoded", ""] {
        assert_eq!(with_body(content_type, b"ab"), (json!("YWI="), json!(true)));
    }
    assert_eq!(with_body("text/plain", b"\xff"), (json!("/w=="), json!(true)));
}
