//! Tests of `GET /v1/auth/google` and its callback: the flow between this service and Google.

use serde_json::json;
use tests::{GoogleSignIn, Reply, TestApp, cookie, session_cookie};

#[tokio::test]
async fn the_authorization_request_follows_openid_connect() {
    let app = TestApp::start().await;
    let sign_in = GoogleSignIn::begin(&app.visitor(), None, "login_hint=ada%2B1@example.com").await;
    let parameter = |name| sign_in.parameter(name).unwrap_or_default();
    let ours = app.stack().google();
    assert!(sign_in.url.as_str().starts_with(&format!("{}/authorize?", ours.issuer)));
    assert_eq!(parameter("client_id"), ours.client_id);
    assert_eq!(parameter("redirect_uri"), format!("{}/api/v1/auth/google/callback", app.url()));
    assert_eq!(parameter("response_type"), "code");
    assert_eq!(parameter("scope"), "openid email profile");
    assert_eq!(parameter("prompt"), "select_account");
    assert_eq!(parameter("login_hint"), "ada+1@example.com");
    assert_eq!(parameter("code_challenge_method"), "S256");
    // The values have 32 random bytes each and differ in each flow.
    let other = GoogleSignIn::begin(&app.visitor(), None, "").await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(parameter(name).len(), 43, "{name}");
        assert_ne!(Some(parameter(name)), other.parameter(name), "{name}");
    }
    assert_eq!(other.parameter("login_hint"), None);
    // The cookie does not reveal the values that it carries.
    assert!(!sign_in.flow.contains(&parameter("state")) && sign_in.flow.len() < 2048);
    let query = format!("/v1/auth/google?login_hint={}", "x".repeat(256));
    app.visitor().get(&query).await.expect_error(400, "INVALID_FIELD");
    let twice = app.visitor().get("/v1/auth/google?link=1&link=0").await;
    twice.expect_error(400, "INVALID_FIELD");
    app.visitor().get("/v1/auth/google?link=yes").await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn the_flow_cookie_is_encrypted_and_protected() {
    let app = TestApp::start().await;
    let reply = app.visitor().get("/v1/auth/google").await.expect(302);
    let cookie = reply.header("set-cookie").unwrap();
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("__Host-aius_google=seed."));
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn open_redirect_only_own_pages_are_redirect_targets() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let visitor = app.visitor();
    for evil in [
        "//evil.example",
        "/%5Cevil.example",
        "%5Cevil.example",
        "https://evil.example",
        "https:%2F%2Fevil.example",
        "/%252fevil.example",
        "/%255cevil.example",
        "/..//evil.example",
        "/%09/evil.example",
        "/%0d%0alocation:https://evil.example",
        "https://localhost@evil.example",
        "javascript:alert(1)",
        "",
        "account",
        "/account%23x",
    ] {
        let reply = visitor.get(&format!("/v1/auth/google?redirect={evil}")).await;
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("redirect") && reply.header("location").is_none(), "{evil}");
        assert!(reply.header("set-cookie").is_none(), "{evil}");
    }
    let query = "login_hint=ada@example.com&redirect=/projects%3Ftab%3D1%26x%3D%C3%A4";
    let sign_in = GoogleSignIn::begin(&app.visitor(), None, query).await;
    let back = sign_in.finish().await.expect(302);
    assert_eq!(back.header("location"), Some("/projects?tab=1&x=%C3%A4"));
}

#[tokio::test]
async fn a_cancelled_sign_in_redirects_with_an_error() {
    let app = TestApp::start().await;
    let sign_in = GoogleSignIn::begin(&app.visitor(), None, "redirect=/account%3Fx").await;
    let state = sign_in.parameter("state").unwrap();
    let path = format!("/api/v1/auth/google/callback?error=access_denied&state={state}");
    let back = sign_in.follow_callback(&path).await.expect(302);
    assert_eq!(back.header("location"), Some("/account?x&error=access_denied"));
    assert_eq!((session_cookie(&back), cookie(&back, "__Host-aius_google")), (None, None));
    let path = format!("/v1/auth/google/callback?error=server_error&state={state}");
    let broken = sign_in.follow_callback(&path).await.expect_error(503, "UNAVAILABLE");
    assert!(broken.header("set-cookie").is_none(), "a reload may go well");
    let path = format!("/v1/auth/google/callback?error=invalid_scope&state={state}");
    sign_in.follow_callback(&path).await.expect_error(401, "INVALID_CREDENTIALS");
    let path = format!("/v1/auth/google/callback?state={state}");
    sign_in.follow_callback(&path).await.expect_error(400, "MISSING_CODE");
    // Another browser gets no redirect.
    let path = "/v1/auth/google/callback?error=access_denied&state=x";
    sign_in.follow_callback(path).await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_code_is_valid_only_in_the_browser_of_its_flow() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    app.create_google_account("eve@example.com", true).await;
    let begin = async |email: &str| {
        GoogleSignIn::begin(&app.visitor(), None, &format!("login_hint={email}")).await
    };
    let (ada, eve) = (begin("ada@example.com").await, begin("eve@example.com").await);
    let refuse = |reply: Reply| {
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("state") && reply.header("set-cookie").is_none());
    };
    // Eve's link in Ada's browser would sign Ada in as Eve. It is refused with and without a flow
    // of Ada's.
    let eves = eve.consent().await;
    refuse(ada.follow_callback(&eves).await);
    refuse(app.visitor().get(&eves).await);
    // The state is missing, wrong or too long.
    let adas = ada.consent().await;
    let state = ada.parameter("state").unwrap();
    for wrong in ["", "x", &eve.parameter("state").unwrap(), &format!("{state}x"), &state[..42]] {
        refuse(ada.follow_callback(&adas.replace(&state, wrong)).await);
    }
    refuse(ada.follow_callback(&adas.replace("state=", "other=")).await);
    ada.follow_callback(&format!("{adas}&state={state}")).await.expect_error(400, "INVALID_FIELD");
    // The cookie was not issued by this service.
    for forged in ["", "x", "seed.", "seed.AAAA", &ada.flow[..ada.flow.len() - 2]] {
        refuse(
            GoogleSignIn { flow: forged.to_owned(), ..ada.clone() }.follow_callback(&adas).await,
        );
    }
    assert!(app.items("USER#", "").await.is_empty());
    session_cookie(&ada.follow_callback(&adas).await.expect(302)).unwrap();
}

/// A value that was encrypted for another purpose is refused.
#[tokio::test]
async fn another_encrypted_value_is_refused_as_flow() {
    let app = TestApp::start().await;
    let ctx = app.stack().context();
    let sign_in = GoogleSignIn::begin(&app.visitor(), None, "").await;
    let keyring = ctx.secrets.keyring().await;
    let json = json!({"state": "x", "nonce": "x", "verifier": "x".repeat(43), "redirect": "/",
        "purpose": "SignIn", "issued_at": app.now().await});
    let path = "/v1/auth/google/callback?code=x&state=x";
    for (place, status) in [("google sign-in", 401), ("cursor USER#usr_x SESSION#", 400)] {
        let sealed = keyring.seal(&*ctx.random, place, json.to_string().as_bytes()).unwrap();
        let forged = GoogleSignIn { flow: sealed.as_str().to_owned(), ..sign_in.clone() };
        forged.follow_callback(path).await.expect(status);
    }
}

#[tokio::test]
async fn a_flow_expires_after_ten_minutes() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let sign_in = GoogleSignIn::begin(&app.visitor(), None, "login_hint=ada@example.com").await;
    let late = GoogleSignIn::begin(&app.visitor(), None, "login_hint=ada@example.com").await;
    app.advance_clock(599).await;
    session_cookie(&sign_in.finish().await.expect(302)).unwrap();
    app.advance_clock(1).await;
    late.finish().await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let sign_in = GoogleSignIn::begin(&app.visitor(), None, "login_hint=ada@example.com").await;
    let path = sign_in.consent().await;
    session_cookie(&sign_in.follow_callback(&path).await.expect(302)).unwrap();
    let replayed = sign_in.follow_callback(&path).await.expect_error(401, "INVALID_CREDENTIALS");
    assert_eq!(session_cookie(&replayed), None);
    assert_eq!(app.items("USER#", "SESSION#").await.len(), 1);
}

/// An attacker has intercepted the code and uses it in a flow of their own.
#[tokio::test]
async fn a_stolen_code_is_useless_without_its_pkce_verifier() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let ada = GoogleSignIn::begin(&app.visitor(), None, "login_hint=ada@example.com").await;
    let eve = GoogleSignIn::begin(&app.visitor(), None, "").await;
    let state = |flow: &GoogleSignIn| flow.parameter("state").unwrap();
    let path = ada.consent().await.replace(&state(&ada), &state(&eve));
    eve.follow_callback(&path).await.expect_error(401, "INVALID_CREDENTIALS");
    assert!(app.items("USER#", "").await.is_empty());
}

#[tokio::test]
async fn a_network_makes_thirty_calls_a_minute() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for number in 0..30 {
        let path = if number % 2 == 0 { "" } else { "/callback" };
        let reply = visitor.get(&format!("/v1/auth/google{path}")).await;
        assert_eq!(reply.status, if number % 2 == 0 { 302 } else { 400 });
    }
    for path in ["/v1/auth/google", "/api/v1/auth/google/callback"] {
        visitor.get(path).await.expect_error(429, "RATE_LIMITED");
    }
    app.visitor().get("/v1/auth/google").await.expect(302);
}
