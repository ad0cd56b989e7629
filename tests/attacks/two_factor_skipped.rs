//! With a second factor, changing the address, the password or the owner needs its code besides the password.

use serde_json::json;
use shared::organizations::Role;
use tests::members::{create_team, sign_up_member};
use tests::{Authenticator, PASSWORD, TestApp};

#[tokio::test]
async fn two_factor_skipped_by_no_call_that_takes_a_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let bob = bob.id().await.to_string();
    let calls = [
        ("/v1/me/email".to_owned(), json!({"new_email": "ada@example.org", "password": PASSWORD})),
        (format!("/v1/clients/{client}/transfer"), json!({"user_id": bob, "password": PASSWORD})),
        (
            "/v1/me/password".to_owned(),
            json!({"current_password": PASSWORD, "new_password": "another-horse-9"}),
        ),
    ];
    let wrong = authenticator.wrong_code(&app).await;
    for (path, body) in &calls {
        ada.post(path, body.clone()).await.expect_error(400, "MISSING_CODE");
        let mut body = body.clone();
        body["code"] = json!(wrong);
        ada.post(path, body).await.expect_error(400, "INVALID_CODE");
    }
    for (path, mut body) in calls {
        app.advance_clock(30).await;
        body["code"] = json!(authenticator.code(&app).await);
        ada.post(&path, body.clone()).await.expect(200);
        // The code is used up.
        let again = ada.post(&path, body).await;
        assert!(again.status >= 400, "{path}");
    }
}
