//! Keys of every organization that a squatter made end when the owner of the address takes the account over.

use serde_json::json;
use tests::{PASSWORD, Reply, TestApp, Visitor, session_cookie};

/// The address that a squatter registers.
const ADA: &str = "ada@example.com";

/// Creates a key of an organization, and returns a visitor with it.
async fn create_key(app: &TestApp, session: &Visitor, client: &str) -> Visitor {
    let path = format!("/v1/clients/{client}/api-keys");
    let made = session.post(&path, json!({"name": "x"})).await.expect(200).json();
    let key = app.visitor().with_bearer(made["key"].as_str().unwrap());
    key.get("/v1/token").await.expect(200);
    key
}

/// Registers the address of another person, and makes keys of three organizations.
async fn squat(app: &TestApp) -> (Visitor, Vec<(String, Visitor)>) {
    let body = json!({"email": ADA, "name": "Mallory", "password": PASSWORD});
    let reply = app.visitor().post("/v1/register", body).await.expect(200).json();
    let session = app.visitor().with_session(reply["session_token"].as_str().unwrap());
    for name in ["Second", "Third"] {
        session.post("/v1/clients", json!({"name": name})).await.expect(200);
    }
    let clients = session.get("/v1/clients").await.expect(200).json();
    let mut keys = Vec::new();
    for client in clients["data"].as_array().unwrap() {
        let client = client["id"].as_str().unwrap().to_owned();
        keys.push((client.clone(), create_key(app, &session, &client).await));
    }
    assert_eq!(keys.len(), 3);
    (session, keys)
}

/// Asserts that no credential of the squatter works, and that new keys of the owner do.
async fn assert_keys_ended(
    app: &TestApp,
    ada: &Visitor,
    squatted: &(Visitor, Vec<(String, Visitor)>),
) {
    app.wait_for_worker().await;
    let (session, keys) = squatted;
    session.get("/v1/me").await.expect_error(401, "invalid session");
    for (client, key) in keys {
        key.get("/v1/token").await.expect_error(401, "invalid token");
        let own = create_key(app, ada, client).await;
        app.wait_for_worker().await;
        own.get("/v1/token").await.expect(200);
    }
    assert!(app.items("WORK", "").await.is_empty());
}

fn session_of(app: &TestApp, reply: &Reply) -> Visitor {
    app.visitor().with_session(reply.json()["session_token"].as_str().unwrap())
}

#[tokio::test]
async fn squatter_organizations_lose_their_keys_to_google() {
    let app = TestApp::start_without_email_verification().await;
    let squatted = squat(&app).await;
    app.create_google_account(ADA, true).await;
    let reply = app.sign_in_with_google(&app.visitor(), ADA).await.expect(302);
    let ada = app.visitor().with_session(&session_cookie(&reply).expect("a session"));
    assert_keys_ended(&app, &ada, &squatted).await;
}

#[tokio::test]
async fn squatter_organizations_lose_their_keys_to_a_reset() {
    let app = TestApp::start_without_email_verification().await;
    let squatted = squat(&app).await;
    let visitor = app.visitor();
    visitor.post("/v1/password/forgot", json!({"email": ADA})).await.expect(200);
    let new = "another-horse-7";
    let reset = json!({"email": ADA, "code": app.code(ADA).await, "new_password": new});
    visitor.post("/v1/password/reset", reset).await.expect(200);
    let login = visitor.post("/v1/login", json!({"email": ADA, "password": new})).await.expect(200);
    assert_keys_ended(&app, &session_of(&app, &login), &squatted).await;
}

#[tokio::test]
async fn squatter_organizations_lose_their_keys_to_a_code() {
    let app = TestApp::start_without_email_verification().await;
    let squatted = squat(&app).await;
    let visitor = app.visitor();
    visitor.post("/v1/verify-email/resend", json!({"email": ADA})).await.expect(200);
    let verify = json!({"email": ADA, "code": app.code(ADA).await});
    let verified = visitor.post("/v1/verify-email", verify).await.expect(200);
    assert_keys_ended(&app, &session_of(&app, &verified), &squatted).await;
}
