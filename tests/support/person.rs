//! A user of the service in a test.

use serde_json::{Value, json};
use shared::ids::UserId;

use crate::{Reply, TestApp, Visitor};

/// The password of every [`Person`] unless a test sets another.
pub const PASSWORD: &str = "correct-horse-9";

/// A registered user with an HTTP client, signed in once the email address is verified.
#[derive(Clone, Debug)]
pub struct Person {
    /// The email address.
    pub email: String,
    /// The HTTP client, which sends the session cookie after sign-in.
    pub visitor: Visitor,
    /// The session token, if signed in.
    pub session: Option<String>,
}

impl Person {
    pub(crate) async fn register(visitor: Visitor, who: &str) -> Self {
        let email = format!("{who}@example.com");
        let body = json!({"email": email, "name": who, "password": PASSWORD});
        visitor.post("/v1/register", body).await.expect(200);
        Self { email, visitor, session: None }
    }

    /// Creates a person from the session that a sign-in response set.
    pub fn from_session(visitor: &Visitor, email: &str, reply: &Reply) -> Self {
        Self { email: email.to_owned(), visitor: visitor.clone(), session: None }.signed_in(reply)
    }

    /// Verifies the email address with the mailed code, which signs in.
    pub async fn verify(self, app: &TestApp) -> Self {
        let code = app.code(&self.email).await;
        let reply =
            self.visitor.post("/v1/verify-email", json!({"email": self.email, "code": code}));
        let reply = reply.await.expect(200);
        app.settle_sign_in().await;
        self.clone().signed_in(&reply)
    }

    /// Signs in with the password from another browser.
    pub async fn sign_in(&self, app: &TestApp) -> Self {
        let reply = app.visitor().post("/v1/login", self.credentials()).await.expect(200);
        app.settle_sign_in().await;
        Self { visitor: app.visitor(), ..self.clone() }.signed_in(&reply)
    }

    /// Proves the identity again with the password, in the present session.
    pub async fn reauthenticate(&self) {
        let proof = json!({"password": PASSWORD});
        self.post("/v1/me/reauthenticate", proof).await.expect(200);
    }

    /// Returns the body of `POST /v1/login`.
    pub fn credentials(&self) -> Value {
        json!({"email": self.email, "password": PASSWORD})
    }

    /// Sends a `GET` request.
    pub async fn get(&self, path: &str) -> Reply {
        self.visitor.get(path).await
    }

    /// Sends a `POST` request with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.visitor.post(path, body).await
    }

    /// Sends a `DELETE` request with a JSON body.
    pub async fn delete(&self, path: &str, body: Value) -> Reply {
        self.visitor.send_json(reqwest::Method::DELETE, path, &body).await
    }

    /// Reads the user id.
    pub async fn id(&self) -> UserId {
        let me = self.get("/v1/me").await.expect(200).json();
        UserId::parse(me["user"]["id"].as_str().expect("an id")).expect("an id")
    }

    /// Reads the id of the organization that was created with the account.
    pub async fn default_client(&self) -> String {
        let list = self.get("/v1/clients?limit=1").await.expect(200).json();
        list["data"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// Creates an organization and returns its id.
    pub async fn create_client(&self, name: &str) -> String {
        let reply = self.post("/v1/clients", json!({"name": name})).await.expect(200);
        reply.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Sends a `PATCH` request with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.visitor.send_json(reqwest::Method::PATCH, path, &body).await
    }

    fn signed_in(self, reply: &Reply) -> Self {
        let token = reply.json()["session_token"].as_str().expect("a session").to_owned();
        Self { visitor: self.visitor.with_session(&token), session: Some(token), ..self }
    }
}
