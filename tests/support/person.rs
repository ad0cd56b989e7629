//! Somebody with an account.

use serde_json::{Value, json};
use shared::ids::UserId;

use crate::{Reply, Visitor, World};

/// The password that people have unless a test says otherwise.
pub const PASSWORD: &str = "correct-horse-9";

/// Somebody who registered, and is signed in once their address is proven.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their address.
    pub email: String,
    /// Their HTTP client, with the session once there is one.
    pub at: Visitor,
    /// Their session's token.
    pub session: Option<String>,
}

impl Person {
    pub(crate) async fn register(visitor: Visitor, who: &str) -> Self {
        let email = format!("{who}@example.com");
        let body = json!({"email": email, "name": who, "password": PASSWORD});
        visitor.post("/v1/register", body).await.expect(200);
        Self { email, at: visitor, session: None }
    }

    /// Somebody whom `reply` signed in.
    pub fn from_session(visitor: &Visitor, email: &str, reply: &Reply) -> Self {
        Self { email: email.to_owned(), at: visitor.clone(), session: None }.signed_in(reply)
    }

    /// Proves the address with the mailed code, which signs in.
    pub async fn verify(self, world: &World) -> Self {
        let code = world.code(&self.email).await;
        let reply = self.at.post("/v1/verify-email", json!({"email": self.email, "code": code}));
        self.clone().signed_in(&reply.await.expect(200))
    }

    /// Signs in with the password, as another browser would.
    pub async fn sign_in(&self, world: &World) -> Self {
        let reply = world.visitor().post("/v1/login", self.credentials()).await.expect(200);
        Self { at: world.visitor(), ..self.clone() }.signed_in(&reply)
    }

    /// Address and password, as `/login` takes them.
    pub fn credentials(&self) -> Value {
        json!({"email": self.email, "password": PASSWORD})
    }

    /// `GET`, signed in.
    pub async fn get(&self, path: &str) -> Reply {
        self.at.get(path).await
    }

    /// `POST`, signed in.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.at.post(path, body).await
    }

    /// `DELETE` with a body, signed in.
    pub async fn delete(&self, path: &str, body: Value) -> Reply {
        let body = ("application/json", body.to_string().into_bytes());
        self.at.send(reqwest::Method::DELETE, path, Some(body)).await
    }

    /// Their id.
    pub async fn id(&self) -> UserId {
        let me = self.get("/v1/me").await.expect(200).json();
        UserId::parse(me["user"]["id"].as_str().expect("an id")).expect("an id")
    }

    /// The client that came with their account.
    pub async fn default_client(&self) -> String {
        let list = self.get("/v1/clients?limit=1").await.expect(200).json();
        list["data"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// A new client of theirs; its id.
    pub async fn create_client(&self, name: &str) -> String {
        let reply = self.post("/v1/clients", json!({"name": name})).await.expect(200);
        reply.json()["id"].as_str().expect("an id").to_owned()
    }

    /// `PATCH`, signed in.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        let body = ("application/json", body.to_string().into_bytes());
        self.at.send(reqwest::Method::PATCH, path, Some(body)).await
    }

    fn signed_in(self, reply: &Reply) -> Self {
        let token = reply.json()["session_token"].as_str().expect("a session").to_owned();
        Self { at: self.at.with_session(&token), session: Some(token), ..self }
    }
}
