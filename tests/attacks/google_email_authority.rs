//! Google's `email_verified` proves an address only where Google hosts it: in Gmail, or in the Workspace organization
//! of the address's domain.

use serde_json::{Value, json};
use tests::google_accounts::{get_user, list_connections};
use tests::{PASSWORD, TestApp, session_cookie};

/// The address that the thief once had.
const ADA: &str = "ada@example.com";

/// Creates a Google account whose address Google has verified but does not host.
async fn create_unhosted_account(app: &TestApp, hd: Option<&str>) {
    let mut account =
        json!({"sub": "thief", "email": ADA, "email_verified": true, "name": "Thief"});
    if let Some(hd) = hd {
        account["hd"] = hd.into();
    }
    app.create_google_account_from(account).await;
}

#[tokio::test]
async fn google_email_authority_does_not_link_by_address() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for hd in [None, Some("evil.example"), Some("sub.example.com")] {
        create_unhosted_account(&app, hd).await;
        let refused = app.sign_in_with_google(&app.visitor(), "thief").await;
        assert_eq!(session_cookie(&refused), None);
        let refused = refused.expect_error(409, "EMAIL_ALREADY_EXISTS").json();
        let message = refused["detail"]["message"].as_str().unwrap();
        assert!(message.contains("Sign in to it with your password"), "{message}");
    }
    assert_eq!(list_connections(&ada.visitor).await["data"], json!([]));
    assert!(app.items("GOOGLE#", "").await.is_empty());
    // Its owner connects the identity after signing in, and signs in with it from then on.
    let session = ada.session.clone().unwrap();
    app.link_google(&app.visitor(), &session, "thief").await.expect(302);
    let reply = app.sign_in_with_google(&app.visitor(), "thief").await.expect(302);
    let again = app.visitor().with_session(&session_cookie(&reply).expect("a session"));
    assert_eq!(get_user(&again).await["id"], get_user(&ada.visitor).await["id"]);
}

#[tokio::test]
async fn google_email_authority_creates_no_account() {
    let app = TestApp::start().await;
    create_unhosted_account(&app, None).await;
    let refused = app.sign_in_with_google(&app.visitor(), "thief").await;
    let refused = refused.expect_error(403, "EMAIL_NOT_VERIFIED").json();
    let message = refused["detail"]["message"].as_str().unwrap();
    assert!(message.contains("Sign up with it and a password"), "{message}");
    assert!(app.items("USER#", "").await.is_empty() && app.items("GOOGLE#", "").await.is_empty());
}

#[tokio::test]
async fn google_email_authority_claims_no_unverified_account() {
    for is_verification_required in [true, false] {
        let app = if is_verification_required {
            TestApp::start().await
        } else {
            TestApp::start_without_email_verification().await
        };
        let body = json!({"email": ADA, "name": "Ada", "password": PASSWORD});
        app.visitor().post("/v1/register", body).await.expect(200);
        let before: Vec<Value> = app.items("USER#", "META").await;
        create_unhosted_account(&app, None).await;
        let refused = app.sign_in_with_google(&app.visitor(), "thief").await;
        match is_verification_required {
            true => refused.expect_error(403, "EMAIL_NOT_VERIFIED"),
            false => refused.expect_error(409, "EMAIL_ALREADY_EXISTS"),
        };
        assert_eq!(app.items("USER#", "META").await, before);
    }
}

#[tokio::test]
async fn google_email_authority_of_gmail_and_workspace() {
    let app = TestApp::start().await;
    for (sub, email, hd) in
        [("1", "grace@gmail.com", None), ("2", "grace@navy.example", Some("navy.example"))]
    {
        let mut account =
            json!({"sub": sub, "email": email, "email_verified": true, "name": "Grace"});
        if let Some(hd) = hd {
            account["hd"] = hd.into();
        }
        app.create_google_account_from(account).await;
        let reply = app.sign_in_with_google(&app.visitor(), sub).await.expect(302);
        let grace = app.visitor().with_session(&session_cookie(&reply).expect("a session"));
        let user = get_user(&grace).await;
        assert_eq!((&user["email"], &user["email_verified"]), (&json!(email), &json!(true)));
    }
}
