//! Tests of sessions: the cookie, the end of a session and the origin of its requests.

use reqwest::Method;
use serde_json::json;
use tests::time::DAY;
use tests::{Reply, TestApp, assert_done_once, count_successes, race, race_size};

#[tokio::test]
async fn cookie_and_headers_match_the_contract() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let reply = app.visitor().post("/v1/login", ada.credentials()).await.expect(200);
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    assert_eq!(
        reply.header("set-cookie").unwrap(),
        format!(
            "__Host-aius_session={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000"
        )
    );
    let claims = token.split('.').nth(1).unwrap();
    let claims = String::from_utf8(decode_base64(claims)).unwrap();
    let claims: serde_json::Value = serde_json::from_str(&claims).unwrap();
    assert_eq!(tests::keys(&claims), ["amr", "auth_time", "exp", "iat", "sid", "sub"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 30 * 24 * 3600);
    let header: serde_json::Value =
        serde_json::from_slice(&decode_base64(token.split('.').next().unwrap())).unwrap();
    assert_eq!(header, json!({"typ": "JWT", "alg": "HS256", "kid": "seed"}));

    let logout = app.visitor().with_session(&token).post("/v1/logout", json!({})).await.expect(200);
    assert_eq!(
        logout.header("set-cookie").unwrap(),
        "__Host-aius_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    );
    assert_eq!(logout.json(), json!({"logged_out": true}));

    for reply in [
        reply,
        logout,
        ada.get("/v1/me").await.expect(200),
        app.visitor().get("/v1/me").await.expect(401),
        app.visitor().get("/nowhere").await.expect(404),
        app.visitor().post("/v1/login", json!({})).await.expect(400),
    ] {
        assert_common_headers(&reply);
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
}

/// Asserts the headers that each response has.
fn assert_common_headers(reply: &Reply) {
    assert!(reply.header("x-request-id").is_some_and(|id| !id.is_empty()));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("referrer-policy"), Some("strict-origin"));
    assert_eq!(reply.header("strict-transport-security"), Some("max-age=63072000"));
    assert_eq!(
        reply.header("content-security-policy"),
        Some("default-src 'none'; frame-ancestors 'none'")
    );
}

/// Decodes base64.
fn decode_base64(text: &str) -> Vec<u8> {
    data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

#[tokio::test]
async fn stale_sessions_are_refused_after_logout() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    ada.post("/v1/logout", json!({})).await.expect(200);
    ada.get("/v1/me").await.expect_error(401, "invalid session");
    ada.post("/v1/logout", json!({})).await.expect_error(401, "invalid session");
    elsewhere.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn stale_sessions_of_a_taken_over_account_are_refused() {
    let app = TestApp::start().await;
    let squatter = app.sign_up("ada").await;
    squatter.get("/v1/me").await.expect(200);
    // The row is changed as by a takeover, which requires a deployment that enables email
    // verification later.
    let user = &app.items("USER#", "META").await[0];
    let id = shared::ids::UserId::parse(user["id"]["S"].as_str().unwrap()).unwrap();
    let update = shared::dynamo::Update::new(shared::keys::user(&id)).add("session_generation", 1);
    let _: Option<shared::accounts::User> =
        app.stack().context().table.update(update).await.unwrap();
    squatter.get("/v1/me").await.expect_error(401, "invalid session");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_sign_outs_end_the_session_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let replies = race(race_size().min(20), |_| {
        let ada = ada.clone();
        async move { ada.post("/v1/logout", json!({})).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1));
    let is_right =
        |r: &Reply| r.status == 200 || r.code() == "invalid session" || r.has_timed_out();
    assert!(replies.iter().all(is_right));
    app.wait_until_idle(&replies).await;
    let ended = app.items("ACTIVITY#USER#", "").await;
    let ended = ended.iter().filter(|entry| entry["action"]["S"] == "session.ended").count();
    assert_done_once(&replies, ended);
}

#[tokio::test]
async fn a_session_expires_after_a_week_without_use() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.advance_clock_only(7 * DAY - 1).await;
    ada.get("/v1/me").await.expect(200);
    app.advance_clock_only(7 * DAY - 1).await;
    ada.get("/v1/me").await.expect(200);
    app.advance_clock_only(7 * DAY).await;
    ada.get("/v1/me").await.expect_error(401, "invalid session");
}

#[tokio::test]
async fn a_session_expires_after_thirty_days_of_use() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for _ in 0..29 {
        app.advance_clock_only(DAY).await;
        ada.get("/v1/me").await.expect(200);
    }
    app.advance_clock_only(DAY - 1).await;
    ada.get("/v1/me").await.expect(200);
    app.advance_clock(1).await;
    ada.get("/v1/me").await.expect_error(401, "invalid session");
}

#[tokio::test]
async fn verify_writes_session_use_is_stored_once_an_hour() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let units = async || ada.get("/v1/me").await.expect(200).cost().wcu;
    app.advance_clock(3599).await;
    assert_eq!(units().await, 0.0);
    app.advance_clock(1).await;
    assert_ne!(units().await, 0.0, "noted");
    assert_eq!(units().await, 0.0);
}

#[tokio::test]
async fn an_invalid_session_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = ada.session.clone().unwrap();
    let logout = async |cookie: &str| {
        app.visitor().with_header("cookie", cookie).post("/v1/logout", json!({})).await
    };
    logout("other=1").await.expect_error(401, "missing session");
    logout(&format!("aius_session={token}")).await.expect_error(401, "missing session");
    for bad in ["", "x", "eyJ.eyJ.x", "a.b.c.d", &token[..token.len() - 1], &"x".repeat(5000)] {
        let reply = logout(&format!("__Host-aius_session={bad}")).await;
        reply.expect_error(401, "invalid session");
    }
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn an_invalid_bearer_token_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let me = async |authorization: &str| {
        ada.visitor.clone().with_header("authorization", authorization).get("/v1/me").await
    };
    // The `Authorization` header takes precedence over a valid cookie.
    me("Basic YTpi").await.expect_error(401, "invalid authorization header");
    me("aius_x").await.expect_error(401, "invalid authorization header");
    me("Bearer").await.expect_error(401, "invalid bearer token");
    me("Bearer ").await.expect_error(401, "invalid bearer token");
    me("Bearer x").await.expect_error(401, "invalid token");
    me(&format!("Bearer aius_{}", "A".repeat(48))).await.expect_error(401, "invalid token");
    me(&format!("Bearer {}", ada.session.as_ref().unwrap()))
        .await
        .expect_error(401, "invalid token");
    app.visitor().get("/v1/me").await.expect_error(401, "missing bearer token");
}

#[tokio::test]
async fn bad_origin_requests_from_other_sites_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let logout = async |headers: &[(&str, &str)]| {
        let ada = ada.sign_in(&app).await;
        let mut visitor = ada.visitor.clone();
        for (name, value) in headers {
            visitor = visitor.with_header(name, value);
        }
        let reply = visitor.post("/v1/logout", json!({})).await;
        if reply.status != 200 {
            ada.get("/v1/me").await.expect(200);
        }
        reply
    };
    let own = app.url().to_owned();
    for foreign in [
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "",
        &format!("{own}.evil.example"),
        &own.replace("http://", "https://"),
        &format!("{own}/"),
    ] {
        logout(&[("origin", foreign)]).await.expect_error(403, "BAD_ORIGIN");
        logout(&[("origin", foreign), ("sec-fetch-site", "cross-site")]).await.expect(403);
        logout(&[("origin", foreign), ("sec-fetch-site", "same-site")]).await.expect(403);
    }
    logout(&[("sec-fetch-site", "cross-site")]).await.expect_error(403, "BAD_ORIGIN");
    logout(&[("origin", &own), ("sec-fetch-site", "cross-site")]).await.expect(403);
    logout(&[]).await.expect(200);
    logout(&[("origin", &own)]).await.expect(200);
    logout(&[("origin", &own), ("sec-fetch-site", "same-origin")]).await.expect(200);
    // Reads are allowed because links from other sites lead to them.
    let read = ada.visitor.clone().with_header("sec-fetch-site", "cross-site");
    read.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_get_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for path in ["/v1/logout", "/v1/login", "/v1/register", "/v1/verify-email"] {
        let reply = ada.visitor.send(Method::GET, path, None).await.expect(405);
        assert_eq!(reply.header("allow"), Some("POST"), "{path}");
    }
    ada.get("/v1/me").await.expect(200);
}
