//! Accounts that are connected with Google.

use serde_json::Value;

use crate::{TestApp, Visitor, session_cookie};

/// Signs in with Google and returns a visitor with the session.
pub async fn start_google_session(app: &TestApp, email: &str) -> Visitor {
    let reply = app.sign_in_with_google(&app.visitor(), email).await;
    let session = session_cookie(&reply.expect(302)).expect("a session");
    app.visitor().with_session(&session)
}

/// Gets the signed-in user.
pub async fn get_user(visitor: &Visitor) -> Value {
    visitor.get("/v1/me").await.expect(200).json()["user"].clone()
}

/// Lists the connected identities.
pub async fn list_connections(visitor: &Visitor) -> Value {
    visitor.get("/v1/me/connections").await.expect(200).json()
}

/// Lists the actions in a person's log.
pub async fn list_actions(visitor: &Visitor) -> Vec<String> {
    let list = visitor.get("/v1/me/activity").await.expect(200).json();
    let all = list["data"].as_array().unwrap().iter();
    all.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}
