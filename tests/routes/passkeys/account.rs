//! Passkeys when their account changes hands or ends.

use local::StackOptions;
use serde_json::json;
use tests::account_deletion::delete_account;
use tests::passkeys::{PasskeyAuthenticator, add_passkey, sign_in_with_passkey};
use tests::time::DAY;
use tests::{PASSWORD, Person, TestApp};

#[tokio::test]
async fn an_erased_account_leaves_no_passkey() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let mut authenticators = Vec::new();
    for person in [&ada, &ada, &eve] {
        let mut authenticator = PasskeyAuthenticator::new(&app);
        add_passkey(&person.visitor, &mut authenticator, "Laptop").await;
        authenticators.push(authenticator);
    }
    delete_account(&ada).await;
    app.advance_clock_with_last_runs(31 * DAY).await;
    app.wait_for_worker().await;
    assert_eq!(app.items("PASSKEY#", "").await.len(), 1, "only Eve's");
    assert_eq!(app.items("USER#", "PASSKEY#").await.len(), 1);
    for authenticator in &mut authenticators[..2] {
        sign_in_with_passkey(&app, authenticator).await.expect_error(401, "INVALID_PASSKEY");
    }
    sign_in_with_passkey(&app, &mut authenticators[2]).await.expect(200);
    // The authenticator can be used for another account.
    let eve = eve.sign_in(&app).await;
    add_passkey(&eve.visitor, &mut authenticators[0], "Second").await;
}

/// A squatter may have registered the address and added a passkey.
#[tokio::test]
async fn an_unverified_account_that_is_reset_loses_its_passkeys() {
    let options = StackOptions { require_email_verification: false, ..StackOptions::default() };
    let app = TestApp::start_with_options(options).await;
    let squatter = app.visitor();
    let register =
        json!({"email": "ada@example.com", "name": "ada", "password": "squatters-pass-1"});
    let reply = squatter.post("/v1/register", register).await.expect(200);
    let reply = match reply.json()["session_token"].as_str() {
        Some(_) => reply,
        None => {
            let login = json!({"email": "ada@example.com", "password": "squatters-pass-1"});
            squatter.post("/v1/login", login).await.expect(200)
        }
    };
    let squatter = Person::from_session(&squatter, "ada@example.com", &reply);
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&squatter.visitor, &mut authenticator, "Trap").await;
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);

    // The owner of the address proves it with a new password.
    app.visitor()
        .post("/v1/password/forgot", json!({"email": "ada@example.com"}))
        .await
        .expect(200);
    app.reset_with_link(&app.reset_token("ada@example.com").await, PASSWORD).await.expect(200);
    sign_in_with_passkey(&app, &mut authenticator).await.expect_error(401, "INVALID_PASSKEY");
    assert!(app.items("PASSKEY#", "").await.is_empty());
    assert!(app.items("USER#", "PASSKEY#").await.is_empty());
    assert!(app.items("USER#", "META").await[0].get("passkeys").is_none(), "no entries");
}
