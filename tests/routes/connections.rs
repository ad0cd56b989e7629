//! Tests of `/v1/me/connections`: connecting and disconnecting a Google account.

use reqwest::Method;
use serde_json::json;
use tests::google_accounts::{get_user, list_actions, list_connections, start_google_session};
use tests::{GoogleSignIn, PASSWORD, Reply, TestApp, Visitor, race, session_cookie};

/// The address of the Google account.
const GRACE: &str = "grace@example.com";

/// Disconnects the Google account.
async fn disconnect(visitor: &Visitor) -> Reply {
    visitor.send(Method::DELETE, "/v1/me/connections/google", None).await
}

#[tokio::test]
async fn concurrent_connections_of_one_identity_have_one_winner() {
    let app = TestApp::start().await;
    app.create_google_account(GRACE, true).await;
    let mut flows = Vec::new();
    for who in ["ada", "bob"] {
        let person = app.sign_up(who).await;
        let session = person.session.clone();
        let query = format!("link=1&login_hint={GRACE}");
        let flow = GoogleSignIn::begin(&app.visitor(), session.as_deref(), &query).await;
        let path = flow.consent().await;
        flows.push((flow, path));
    }
    let replies = race(2, |number| {
        let (flow, path) = flows[number].clone();
        async move { flow.follow_callback(&path).await }
    })
    .await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 409]);
    assert_eq!(app.items("GOOGLE#", "").await.len(), 1);
}

#[tokio::test]
async fn a_google_account_is_connected_and_disconnected() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    assert_eq!(list_connections(&ada.visitor).await, json!({"data": [], "next_cursor": null}));
    disconnect(&ada.visitor).await.expect_error(404, "NOT_FOUND");
    // The addresses of the two accounts may differ.
    app.create_google_account(GRACE, false).await;
    let session = ada.session.clone().unwrap();
    let reply = app.link_google(&app.visitor(), &session, GRACE).await.expect(302);
    assert_eq!((reply.header("location"), session_cookie(&reply)), (Some("/account"), None));
    let now = app.now().await;
    let expected = json!({"provider": "google", "email": GRACE, "connected_at": now});
    assert_eq!(
        list_connections(&ada.visitor).await,
        json!({"data": [expected], "next_cursor": null})
    );
    let user = get_user(&ada.visitor).await;
    assert_eq!((&user["provider"], &user["email"]), (&json!("email"), &json!(ada.email)));
    let mail = app.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "A Google account was connected to your AIUS account");
    assert!(!mail["text"].as_str().unwrap().contains(GRACE), "masked");
    // Other sessions stay valid, and a second request changes nothing.
    elsewhere.get("/v1/me").await.expect(200);
    let mails = app.mails(&ada.email).await.len();
    app.link_google(&app.visitor(), &session, GRACE).await.expect(302);
    assert_eq!(app.mails(&ada.email).await.len(), mails);
    let graces = start_google_session(&app, GRACE).await;
    assert_eq!(get_user(&graces).await["id"], user["id"]);

    let reply = disconnect(&ada.visitor).await.expect(200);
    assert_eq!(reply.json(), json!({"deleted": true}));
    let mail = app.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "Your Google account was disconnected from AIUS");
    assert!(app.items("GOOGLE#", "").await.is_empty());
    elsewhere.get("/v1/me").await.expect(200);
    let logged_actions = list_actions(&ada.visitor).await;
    for action in ["account.google_connected", "account.google_disconnected"] {
        assert_eq!(logged_actions.iter().filter(|name| *name == action).count(), 1, "{action}");
    }
    disconnect(&ada.visitor).await.expect_error(404, "NOT_FOUND");
    // The identity belongs to no account any more.
    let reply = app.sign_in_with_google(&app.visitor(), GRACE).await;
    reply.expect_error(403, "EMAIL_NOT_VERIFIED");
}

#[tokio::test]
async fn connecting_requires_the_session_that_started_the_flow() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    app.create_google_account(GRACE, true).await;
    let anonymous = app.visitor().get("/v1/auth/google?link=1").await;
    anonymous.expect_error(401, "missing session");
    let forged = app.visitor().with_session("x").get("/v1/auth/google?link=1").await;
    forged.expect_error(401, "invalid session");
    let query = format!("link=1&login_hint={GRACE}");
    let begin = async || GoogleSignIn::begin(&app.visitor(), ada.session.as_deref(), &query).await;
    let refuse = async |flow: GoogleSignIn, code: &str| {
        let reply = flow.finish().await.expect_error(401, code);
        assert_eq!(session_cookie(&reply), None);
        assert!(app.items("GOOGLE#", "").await.is_empty());
    };
    refuse(GoogleSignIn { session: eve.session.clone(), ..begin().await }, "invalid session").await;
    refuse(GoogleSignIn { session: None, ..begin().await }, "missing session").await;
    let again = ada.sign_in(&app).await;
    refuse(GoogleSignIn { session: again.session, ..begin().await }, "invalid session").await;
    let flow = begin().await;
    ada.post("/v1/logout", json!({})).await.expect(200);
    refuse(flow, "invalid session").await;
}

#[tokio::test]
async fn an_identity_is_connected_to_one_account() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    app.create_google_account(GRACE, true).await;
    app.create_google_account("other@example.com", true).await;
    let link = async |session: &Option<String>, email: &str| {
        app.link_google(&app.visitor(), session.as_deref().unwrap(), email).await
    };
    link(&ada.session, GRACE).await.expect(302);
    let taken = link(&eve.session, GRACE).await;
    taken.expect_error(409, "GOOGLE_ALREADY_CONNECTED");
    let second = link(&ada.session, "other@example.com").await;
    second.expect_error(409, "GOOGLE_ALREADY_CONNECTED");
    assert_eq!(app.items("GOOGLE#", "").await.len(), 1);
    assert_eq!(list_connections(&eve.visitor).await["data"], json!([]));
}

#[tokio::test]
async fn the_only_sign_in_method_cannot_be_removed() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let ada = start_google_session(&app, "ada@example.com").await;
    disconnect(&ada).await.expect_error(409, "LAST_SIGN_IN_METHOD");
    assert_eq!(list_connections(&ada).await["data"][0]["provider"], "google");
    let first = json!({"new_password": PASSWORD});
    ada.post("/v1/me/password", first).await.expect(200);
    disconnect(&ada).await.expect(200);
    let user = get_user(&ada).await;
    assert_eq!(
        (&user["provider"], &user["provider_id"]),
        (&json!("email"), &json!("ada@example.com"))
    );
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    app.visitor().post("/v1/login", login).await.expect(200);
}
