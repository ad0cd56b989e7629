//! Forged, foreign and stolen access tokens.

use local::StackOptions;
use reqwest::Method;
use serde_json::json;
use shared::clock::{Clock, SystemClock};
use tests::TestApp;
use tests::access_tokens::{
    AUDIENCE, access_token, exchange, forgeries, key_set, unsuitable_tokens, verify_as_service,
};
use tests::route_credentials::Resources;
use tests::route_table::{Needs, routes};
use tests::secrets::put_secret;
use tests::verifier::verify;

#[tokio::test]
async fn forged_access_tokens_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = access_token(&app, &ada.token("ci").await).await;
    let keys = key_set(&app).await;
    assert!(verify_as_service(&app, &keys, &token).is_some());
    let forgeries = forgeries(&keys, &token);
    assert!(forgeries.len() > 10);
    for (what, forged) in forgeries {
        assert_eq!(verify_as_service(&app, &keys, &forged), None, "{what}");
    }
}

/// An issuer may sign tokens of other kinds with the same keys one day.
#[test]
fn forged_access_tokens_are_not_other_signed_tokens() {
    let issuer = "https://issuer.example";
    let (keys, suitable, unsuitable) = unsuitable_tokens(issuer);
    assert!(verify(&keys, &suitable, issuer, AUDIENCE).is_some());
    for (what, token) in unsuitable {
        assert_eq!(verify(&keys, &token, issuer, AUDIENCE), None, "{what}");
    }
}

#[tokio::test]
async fn forged_access_tokens_of_another_issuer_are_refused() {
    let (app, other) = (TestApp::start().await, TestApp::start().await);
    let eve = other.sign_up("eve").await;
    let token = access_token(&other, &eve.token("ci").await).await;
    assert_eq!(verify_as_service(&app, &key_set(&app).await, &token), None);
    // Neither is it accepted where both sets of keys are known.
    assert_eq!(verify_as_service(&app, &key_set(&other).await, &token), None);
}

#[tokio::test]
async fn forged_access_tokens_are_not_made_of_sessions() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let session = ada.session.as_ref().unwrap();
    assert_eq!(verify_as_service(&app, &key_set(&app).await, session), None);
}

/// A service that an access token was sent to, or a thief of its logs, cannot use it here.
#[tokio::test]
async fn stolen_access_tokens_open_nothing_here() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let resources = Resources::create_in(&ada, &client, "Churn").await;
    let token = access_token(&app, &ada.token("ci").await).await;
    let bearer = app.visitor().with_bearer(&token);
    let cookie = app.visitor().with_session(&token);
    for (method, path, needs, body) in routes() {
        if needs == Needs::Nothing {
            continue;
        }
        let reply = resources.send(&bearer, method, path, body.as_ref()).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "invalid token"), "{path}");
        assert_eq!(reply.header("x-local-dynamodb"), Some("calls=0;trips=0;rcu=0;wcu=0"));
        let reply = resources.send(&cookie, method, path, body.as_ref()).await;
        assert_eq!(reply.status, 401, "{path}");
    }
    // It is not exchanged for a longer one.
    exchange(&bearer, json!({"audience": AUDIENCE})).await.expect_error(401, "invalid token");
    let page = cookie.send(Method::GET, "/account", None).await;
    assert!(page.status == 302 || page.status == 303, "{}", page.status);
}

#[tokio::test]
async fn stolen_access_tokens_end_after_five_minutes() {
    // The verifier's clock is that of the machine.
    let issued = |seconds: u64| {
        let start_at = Some(SystemClock.now().minus(std::time::Duration::from_secs(seconds)));
        TestApp::start_with_options(StackOptions { start_at, ..StackOptions::default() })
    };
    for (seconds, is_valid) in [(240, true), (340, false)] {
        let app = issued(seconds).await;
        let ada = app.sign_up("ada").await;
        let token = access_token(&app, &ada.token("ci").await).await;
        let verified = verify_as_service(&app, &key_set(&app).await, &token);
        assert_eq!(verified.is_some(), is_valid, "{seconds} seconds after it was issued");
    }
}

#[tokio::test]
async fn forged_access_tokens_of_a_leaked_key_end_with_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let bearer = ada.token("ci").await;
    let token = access_token(&app, &bearer).await;
    put_secret(
        &app,
        |ids| ids.signing.as_ref(),
        |secret| {
            let new = json!({"kid": "new", "secret": "fedcba9876543210fedcba9876543210"});
            secret["signing_keys"] = json!([new]);
        },
    )
    .await;
    assert_eq!(verify_as_service(&app, &key_set(&app).await, &token), None);
    // A new seed is a new key as well, although it has the same name in the secret.
    put_secret(
        &app,
        |ids| ids.signing.as_ref(),
        |secret| *secret = json!({"seed": "another seed, of at least 32 characters"}),
    )
    .await;
    assert_eq!(verify_as_service(&app, &key_set(&app).await, &token), None);
    let newer = access_token(&app, &bearer).await;
    assert!(verify_as_service(&app, &key_set(&app).await, &newer).is_some());
}
