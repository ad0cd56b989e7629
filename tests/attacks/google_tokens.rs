//! An ID token is accepted only if it was issued by Google, for this service and for this sign-in.

use local::{GoogleAccess, StackOptions};
use serde_json::json;
use tests::{GoogleSignIn, Reply, TestApp, session_cookie};

/// Asserts that a sign-in is refused and leaves no session and no rows.
async fn assert_refused(app: &TestApp, reply: Reply) {
    let reply = reply.expect_error(401, "INVALID_CREDENTIALS");
    assert_eq!(session_cookie(&reply), None);
    assert!(app.items("USER#", "").await.is_empty());
    assert!(app.items("GOOGLE#", "").await.is_empty());
}

#[tokio::test]
async fn wrong_issuer_and_other_invalid_claims_are_refused() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let now = app.now().await;
    let ours = app.stack().google().client_id.clone();
    let issuer = app.stack().google().issuer.clone();
    let mut believed = Vec::new();
    for changes in [
        json!({"iss": "https://evil.example"}),
        json!({"iss": format!("{issuer}/")}),
        json!({"drop": ["iss"]}),
        json!({"aud": "somebody-else"}),
        json!({"aud": ["somebody-else"]}),
        json!({"aud": [ours, "somebody-else"]}),
        json!({"aud": []}),
        json!({"drop": ["aud"]}),
        json!({"azp": "somebody-else"}),
        json!({"nonce": "another"}),
        json!({"nonce": ""}),
        json!({"drop": ["nonce"]}),
        json!({"exp": now}),
        json!({"exp": now - 1}),
        json!({"drop": ["exp"]}),
        json!({"drop": ["sub"]}),
        json!({"key": "other"}),
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
    ] {
        app.alter_next_google_token(changes.clone()).await;
        let reply = app.sign_in_with_google(&app.visitor(), "ada@example.com").await;
        let refused = (reply.status, session_cookie(&reply)) == (401, None);
        if !refused || reply.code() != "INVALID_CREDENTIALS" {
            believed.push(format!("{changes}: {}", reply.status));
        }
    }
    assert!(believed.is_empty(), "{believed:#?}");
    assert!(app.items("USER#", "").await.is_empty() && app.items("GOOGLE#", "").await.is_empty());
    for good in [json!({"exp": now + 1}), json!({"drop": ["azp"]}), json!({"aud": [ours]})] {
        app.alter_next_google_token(good.clone()).await;
        let reply = app.sign_in_with_google(&app.visitor(), "ada@example.com").await;
        session_cookie(&reply.expect(302)).expect("a session");
    }
}

/// The token of another sign-in is signed by Google, issued for this service and not expired.
#[tokio::test]
async fn an_id_token_is_valid_only_for_the_flow_with_its_nonce() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let other = GoogleSignIn::begin(&app.visitor(), None, "").await;
    app.alter_next_google_token(json!({"nonce": other.parameter("nonce").unwrap()})).await;
    assert_refused(&app, app.sign_in_with_google(&app.visitor(), "ada@example.com").await).await;
}

#[tokio::test]
async fn an_unreachable_provider_is_reported_as_unavailable() {
    let google = GoogleAccess {
        // Nothing listens on this port.
        issuer: "http://127.0.0.1:9".to_owned(),
        client_id: "us".to_owned(),
        client_secret: "secret".to_owned(),
    };
    let app = TestApp::start_with_options(StackOptions {
        google: Some(google),
        ..StackOptions::default()
    })
    .await;
    let reply = app.visitor().get("/v1/auth/google").await.expect_error(503, "UNAVAILABLE");
    assert!(reply.header("set-cookie").is_none());
    assert_eq!(reply.header("retry-after"), Some("1"));
}
