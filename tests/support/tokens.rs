//! Requests about personal tokens.

use serde_json::{Value, json};

use crate::{Person, Reply, TestApp, Visitor};

/// Sends the creation of a token.
pub async fn create_token(person: &Person, body: Value) -> Reply {
    person.post("/v1/tokens", body).await
}

/// Sends the creation of a token named `ci`, which needs a recent proof of identity.
pub async fn create_ci_token(person: &Person) -> Reply {
    create_token(person, json!({"token_name": "ci"})).await
}

/// Revokes a token.
pub async fn revoke_token(person: &Person, id: &Value) -> Reply {
    person.post("/v1/tokens/revoke", json!({"id": id})).await
}

/// Lists the tokens of a person.
pub async fn list_tokens(person: &Person) -> Vec<Value> {
    let list = person.get("/v1/tokens?limit=200").await.expect(200).json();
    list["data"].as_array().unwrap().clone()
}

/// Creates a visitor that uses a new token.
pub fn bearer_visitor(app: &TestApp, made: &Value) -> Visitor {
    app.visitor().with_bearer(made["token"].as_str().unwrap())
}
