//! Requests about the API keys of an organization, and the row of a key.

use serde_json::{Value, json};
use shared::context::Context;
use shared::ids::{OrganizationId, UserId};
use shared::tokens::{AllowedIps, PlainToken, Scopes, Token};
use shared::values::{Name, TokenHolder};

use crate::{Person, Reply, TestApp};

/// Builds the row of a key that a stranger has just created, and the key's value.
pub fn build_key(
    ctx: &Context,
    client: &OrganizationId,
    number: u32,
    name: &str,
) -> (Token, PlainToken) {
    let holder = TokenHolder::Organization(client.clone());
    let plain = PlainToken::generate(&*ctx.random, holder.clone(), number);
    let key = Token {
        holder,
        number,
        name: Name::parse(name).unwrap(),
        hash: plain.hash(),
        previous_value: None,
        ending: plain.ending(),
        client_id: None,
        scopes: Scopes::default(),
        allowed_ips: AllowedIps::default(),
        generation: 0,
        created_by: UserId::generate(&*ctx.random),
        created_at: ctx.now(),
        rotated_at: None,
        last_used_at: None,
        expires_at: None,
        revoked_at: None,
    };
    (key, plain)
}

/// Creates a key with a request.
pub async fn create_key(person: &Person, client: &str, name: &str) -> Reply {
    person.post(&format!("/v1/clients/{client}/api-keys"), json!({"name": name})).await
}

/// Sends a change of a key; `what` is the last segment of the path.
pub async fn change_key(person: &Person, client: &str, id: u64, what: &str) -> Reply {
    let path = format!("/v1/clients/{client}/api-keys/{id}/{what}");
    person.visitor.send(reqwest::Method::POST, &path, None).await
}

/// Lists the keys of an organization.
pub async fn list_keys(person: &Person, client: &str) -> Vec<Value> {
    let path = format!("/v1/clients/{client}/api-keys?limit=200");
    person.get(&path).await.expect(200).json()["data"].as_array().unwrap().clone()
}

/// Returns the status that a request with a key gets.
pub async fn check_key(app: &TestApp, key: &str) -> u16 {
    let reply = app.visitor().with_bearer(key).get("/v1/token").await;
    if reply.status != 200 {
        reply.clone().expect_error(401, "invalid token");
    }
    reply.status
}
