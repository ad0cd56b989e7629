//! Batch reads whose items are from before and from after a concurrent transaction.

use local::StackOptions;
use serde_json::json;
use tests::invitations::invite_and_read_token;
use tests::members::create_team;
use tests::{FaultProxy, GoogleSignIn, PASSWORD, TestApp, race, session_cookie};

/// Number of concurrent requests, so that each way of tearing a read happens twice.
const REQUESTS: usize = 16;

/// Starts a test app on a fault proxy.
async fn start() -> (FaultProxy, TestApp) {
    let proxy = FaultProxy::start().await;
    let app = TestApp::start_on(&proxy).await;
    (proxy, app)
}

/// Regression: sign-ins that saw the email guard of the new account but not its Google guard got
/// `GOOGLE_ALREADY_CONNECTED`.
#[tokio::test]
async fn torn_read_concurrent_google_sign_ins_are_not_refused() {
    let (proxy, app) = start().await;
    app.create_google_account("ada@example.com", true).await;
    let mut flows = Vec::new();
    for _ in 0..REQUESTS {
        let flow = GoogleSignIn::begin(&app.visitor(), None, "login_hint=ada@example.com").await;
        let path = flow.consent().await;
        flows.push((flow, path));
    }
    proxy.tear_batch_reads();
    let replies = race(flows.len(), |number| {
        let (flow, path) = flows[number].clone();
        async move { flow.follow_callback(&path).await }
    })
    .await;
    for reply in &replies {
        assert!(matches!(reply.status, 302 | 503), "{} {}", reply.status, reply.text);
        assert_eq!(session_cookie(reply).is_some(), reply.status == 302, "{:?}", reply.headers);
    }
    assert_eq!(app.items("USER#", "META").await.len(), 1);
    assert_eq!(app.items("GOOGLE#", "").await.len(), 1);
}

#[tokio::test]
async fn torn_read_a_registration_with_a_key_is_replayed() {
    let proxy = FaultProxy::start().await;
    let options = StackOptions { require_email_verification: false, ..StackOptions::default() };
    let app = TestApp::start_with_options_on(options, &proxy).await;
    let visitor = app.visitor().with_header("idempotency-key", "k1");
    proxy.tear_batch_reads();
    let replies = race(REQUESTS, |_| {
        let visitor = visitor.clone();
        let body = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
        async move { visitor.post("/v1/register", body).await }
    })
    .await;
    for reply in &replies {
        assert!(matches!(reply.status, 200 | 503), "{} {}", reply.status, reply.text);
    }
    assert_eq!(app.items("USER#", "META").await.len(), 1);
}

#[tokio::test]
async fn torn_read_accepting_an_invitation_with_a_key_is_replayed() {
    let (proxy, app) = start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let visitor = bob.visitor.clone().with_header("idempotency-key", "k1");
    proxy.tear_batch_reads();
    let replies = race(REQUESTS, |_| {
        let (visitor, body) = (visitor.clone(), json!({"token": token}));
        async move { visitor.post("/v1/invitations/accept", body).await }
    })
    .await;
    for reply in &replies {
        assert!(matches!(reply.status, 200 | 503), "{} {}", reply.status, reply.text);
    }
}

/// Changing the password keeps the session that changed it and gives it a new generation.
#[tokio::test]
async fn torn_read_the_session_that_ends_the_others_stays_signed_in() {
    let (proxy, app) = start().await;
    let ada = app.sign_up("ada").await;
    proxy.tear_batch_reads();
    let replies = race(REQUESTS, |number| {
        let ada = ada.clone();
        async move {
            if number == 0 {
                let body = json!({"current_password": PASSWORD, "new_password": "another-pass-1"});
                ada.post("/v1/me/password", body).await
            } else {
                ada.get("/v1/me").await
            }
        }
    })
    .await;
    for reply in &replies {
        assert!(matches!(reply.status, 200 | 503), "{} {}", reply.status, reply.text);
    }
}
