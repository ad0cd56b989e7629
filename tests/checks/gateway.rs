//! The gateway's own behavior before a function receives a request, as in API Gateway.

use reqwest::Method;
use tests::route_credentials::Resources;
use tests::route_table::routes;
use tests::{Reply, TestApp};

#[tokio::test]
async fn requests_above_the_gateway_limits_are_rejected() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html: 10 MB.
    let big = visitor.post_raw("/v1/login", "application/json", vec![b' '; 10_000_001]).await;
    assert_eq!(big.status, 413, "{}", big.text);
    // The same page limits all headers together to 10,240 bytes.
    let many = visitor.with_header("x-long", &"x".repeat(10_240)).get("/v1/me").await;
    assert_eq!(many.status, 431, "{}", many.text);
}

#[tokio::test]
async fn a_large_body_below_the_gateway_limit_gets_our_error() {
    let app = TestApp::start().await;
    let body = format!("{{\"email\":\"{}\"}}", "x".repeat(1 << 20));
    let reply = app.visitor().post_raw("/v1/login", "application/json", body).await;
    reply.expect_error(413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn cookies_and_queries_arrive_as_sent() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = ada.session.clone().unwrap();
    let cookies = format!("a=1; __Host-aius_session={token}; b=\"2\"");
    app.visitor().with_header("cookie", &cookies).get("/v1/me").await.expect(200);
    let page = ada.get("/v1/clients?limit=%31").await.expect(200).json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    ada.get("/v1/clients?lim%69t=0").await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn every_request_has_its_own_id() {
    let app = TestApp::start().await;
    let visitor = app.visitor().with_header("x-request-id", "mine");
    let first = visitor.get("/v1/health").await;
    let second = visitor.get("/v1/health").await;
    let ids = [&first, &second].map(|reply| reply.header("x-request-id").unwrap().to_owned());
    assert_ne!(ids[0], ids[1]);
    assert!(!ids.contains(&"mine".to_owned()));
}

#[tokio::test]
async fn head_answers_as_get_does_on_every_route() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    let resources = Resources::create_in(&ada, &client, "Churn").await;
    let token = app.token(&ada, |_| {}).await;
    let bearer = app.visitor().with_bearer(&token);
    let check = |get: &Reply, head: &Reply, what: &str| {
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{what}");
        for name in ["content-type", "cache-control", "x-content-type-options"] {
            assert_eq!(head.header(name), get.header(name), "{what}: {name}");
        }
    };
    let mut checked = 0;
    for (number, (method, path, ..)) in routes().into_iter().enumerate() {
        if method != "get" {
            continue;
        }
        let visitor = if path == "/v1/token" { &bearer } else { &ada.visitor };
        let path = format!("{}{path}", ["", "/api"][number % 2]);
        let get = resources.send(visitor, "get", &path, None).await;
        let head = resources.send(visitor, "head", &path, None).await;
        check(&get, &head, &path);
        checked += 1;
    }
    assert!(checked > 35, "{checked}");
    // Routes that only the root has, and paths without a route.
    for path in ["/health", "/docs", "/openapi.json", "/account/reset-password", "/nothing", "/"] {
        let get = app.visitor().get(path).await;
        check(&get, &app.visitor().send(Method::HEAD, path, None).await, path);
    }
    let head = app.visitor().send(Method::HEAD, "/v1/login", None).await.expect(405);
    assert_eq!(head.header("allow"), Some("POST"));
}
