//! The last way to sign in is protected.

use reqwest::Method;
use serde_json::json;
use tests::google_accounts::{get_user, start_google_session};
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, list_passkeys, reauthenticate_with_passkey, remove_passkey,
    sign_in_with_passkey,
};
use tests::{PASSWORD, Reply, TestApp, Visitor, race};

/// Disconnects the Google account.
async fn disconnect_google(visitor: &Visitor) -> Reply {
    visitor.send(Method::DELETE, "/v1/me/connections/google", None).await
}

/// Starts a session of a new account whose only way to sign in is Google.
async fn sign_up_with_google(app: &TestApp) -> Visitor {
    app.create_google_account("ada@example.com", true).await;
    start_google_session(app, "ada@example.com").await
}

#[tokio::test]
async fn the_only_passkey_cannot_be_removed_without_another_way() {
    let app = TestApp::start().await;
    let ada = sign_up_with_google(&app).await;
    disconnect_google(&ada).await.expect_error(409, "LAST_SIGN_IN_METHOD");
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada, &mut authenticator, "Laptop").await;
    // With a passkey left, Google can go.
    disconnect_google(&ada).await.expect(200);
    remove_passkey(&ada, &passkey).await.expect_error(409, "LAST_SIGN_IN_METHOD");
    assert_eq!(list_passkeys(&ada).await.len(), 1);
    let reply = sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    let session = reply.json()["session_token"].as_str().unwrap().to_owned();
    let ada = app.visitor().with_session(&session);
    assert_eq!(get_user(&ada).await["has_password"], false);
    // The passkey alone proves the identity.
    app.expire_proof().await;
    remove_passkey(&ada, &passkey).await.expect_error(401, "REAUTH_REQUIRED");
    reauthenticate_with_passkey(&ada, &mut authenticator).await.expect(200);
    // Of two passkeys one can go, and the last one after a password is set.
    let second = add_passkey(&ada, &mut PasskeyAuthenticator::new(&app), "Phone").await;
    remove_passkey(&ada, &passkey).await.expect(200);
    remove_passkey(&ada, &second).await.expect_error(409, "LAST_SIGN_IN_METHOD");
    ada.post("/v1/me/password", json!({"new_password": PASSWORD})).await.expect(200);
    remove_passkey(&ada, &second).await.expect(200);
}

#[tokio::test]
async fn google_and_passkey_removed_at_once_leave_one() {
    let app = TestApp::start().await;
    let ada = sign_up_with_google(&app).await;
    let passkey = add_passkey(&ada, &mut PasskeyAuthenticator::new(&app), "Laptop").await;
    let replies = race(2, |number| {
        let (ada, passkey) = (ada.clone(), passkey.clone());
        async move {
            if number == 0 {
                disconnect_google(&ada).await
            } else {
                remove_passkey(&ada, &passkey).await
            }
        }
    })
    .await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{replies:?}");
    let ways = app.items("GOOGLE#", "").await.len() + app.items("PASSKEY#", "").await.len();
    assert_eq!(ways, 1);
}
