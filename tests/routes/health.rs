//! Tests of health, the documentation page and unknown paths.

use reqwest::Method;
use serde_json::json;
use tests::TestApp;

#[tokio::test]
async fn health_is_ok_on_every_path_without_database_calls() {
    let app = TestApp::start().await;
    for path in ["/health", "/v1/health", "/api/v1/health"] {
        let reply = app.visitor().get(path).await.expect(200);
        assert_eq!(reply.text, r#"{"status":"ok"}"#);
        assert_eq!(reply.header("x-local-dynamodb"), Some("calls=0;trips=0;rcu=0;wcu=0"));
    }
}

#[tokio::test]
async fn the_page_has_a_content_security_policy() {
    let app = TestApp::start().await;
    for path in ["/docs", "/v1/docs", "/api/v1/docs"] {
        let reply = app.visitor().get(path).await.expect(200);
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
        assert!(reply.text.contains("openapi.json"));
        for foreign in ["src=\"http", "href=\"http", "url(http", "//cdn", "import("] {
            assert!(!reply.text.contains(foreign), "{foreign}");
        }
    }
}

#[tokio::test]
async fn unknown_paths_get_404_and_other_methods_405() {
    let app = TestApp::start().await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/api/v1/nothing",
        "/v2/me",
        "/v1/me/",
        "//v1/me",
        "/V1/me",
        "/v1/me/more",
        "/v1/billing",
        "/wp-login.php",
        "/v1/%2e%2e/me",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let reply = app.visitor().send(method, path, None).await;
            reply.expect_error(404, "NOT_FOUND");
        }
    }
    for (path, allowed) in [
        ("/v1/register", "POST"),
        ("/api/v1/login", "POST"),
        ("/v1/me", "GET,HEAD,PATCH,DELETE"),
        ("/v1/health", "GET,HEAD"),
        ("/v1/clients", "GET,HEAD,POST"),
        ("/v1/email/undo", "GET,HEAD,POST"),
        ("/v1/account/not-me", "GET,HEAD,POST"),
    ] {
        let others = [Method::PUT, Method::DELETE, Method::OPTIONS].into_iter();
        for method in others.filter(|method| !allowed.split(',').any(|own| own == method.as_str()))
        {
            let reply = app.visitor().send(method, path, None).await;
            let reply = reply.expect_error(405, "METHOD_NOT_ALLOWED");
            assert_eq!(reply.header("allow"), Some(allowed), "{path}");
        }
    }
}

#[tokio::test]
async fn a_get_body_and_a_post_query_are_ignored() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let body = Some(("application/json", b"{}".to_vec()));
    ada.visitor.send(Method::GET, "/v1/me", body).await.expect(200);
    ada.post("/v1/logout?next=https://evil.example", json!({})).await.expect(200);
}
