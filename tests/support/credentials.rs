//! Sessions and bearer tokens as operations take them.

use serde_json::json;
use shared::dynamo::{Condition, Record};
use shared::requester::Requester;
use shared::sessions::{self, AuthenticatedSession};
use shared::tokens::{PlainToken, Token};

use crate::{Person, TestApp};

impl TestApp {
    /// Authenticates the session of a person, as the HTTP layer does.
    pub async fn session(&self, person: &Person) -> AuthenticatedSession {
        let ctx = self.stack().context();
        let token = person.session.as_ref().expect("somebody signed in");
        let named = sessions::verify_token(ctx, token).await.expect("a session of ours");
        let requester = Requester::new("203.0.113.9".parse().unwrap(), "a browser");
        sessions::authenticate(ctx, &requester, &named).await.expect("a live session")
    }

    /// Creates a personal token that was last used now, and applies `change` to its stored row.
    pub async fn token(&self, person: &Person, change: impl FnOnce(&mut Token)) -> String {
        let minted = person.token("ci").await;
        self.change_token(&minted, change).await;
        minted
    }

    /// Creates an API key that was last used now, and applies `change` to its stored row.
    pub async fn key(
        &self,
        person: &Person,
        client: &str,
        change: impl FnOnce(&mut Token),
    ) -> String {
        let (_, minted) = person.key(client, "ci").await;
        self.change_token(&minted, change).await;
        minted
    }

    async fn change_token(&self, minted: &str, change: impl FnOnce(&mut Token)) {
        let ctx = self.stack().context();
        let plain = PlainToken::parse(minted).expect("a token of ours");
        let key = shared::keys::token(plain.holder(), plain.number());
        let mut token: Token = ctx.table.get(&key).await.unwrap().expect("its row");
        token.last_used_at = Some(ctx.now());
        change(&mut token);
        assert_eq!(token.key(), key);
        assert!(ctx.table.put(&token, Condition::Exists).await.unwrap());
    }
}

impl Person {
    /// Creates a personal token and returns its secret.
    pub async fn token(&self, name: &str) -> String {
        let made = self.post("/v1/tokens", json!({"token_name": name})).await.expect(200).json();
        made["token"].as_str().expect("a token").to_owned()
    }

    /// Creates an API key of an organization and returns its id and secret.
    pub async fn key(&self, client: &str, name: &str) -> (u64, String) {
        let path = format!("/v1/clients/{client}/api-keys");
        let made = self.post(&path, json!({"name": name})).await.expect(200).json();
        (made["id"].as_u64().expect("an id"), made["key"].as_str().expect("a key").to_owned())
    }
}
