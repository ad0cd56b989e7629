//! Sign-in with two factors.

use serde_json::json;

use crate::{Authenticator, Person, Reply, TestApp};

/// Signs in with the password from another browser and returns the challenge.
pub async fn start_challenge(app: &TestApp, person: &Person) -> String {
    let reply = app.visitor().post("/v1/login", person.credentials()).await.expect(200);
    reply.json()["challenge_token"].as_str().expect("a challenge").to_owned()
}

/// Answers a challenge with a code.
pub async fn answer_challenge(app: &TestApp, challenge: &str, code: &str) -> Reply {
    let body = json!({"challenge_token": challenge, "code": code});
    app.visitor().post("/v1/2fa/login", body).await
}

/// Signs in with both factors from another browser.
pub async fn sign_in_with_two_factors(
    app: &TestApp,
    person: &Person,
    authenticator: &Authenticator,
) -> Person {
    let challenge = start_challenge(app, person).await;
    let reply = answer_challenge(app, &challenge, &authenticator.code(app).await).await.expect(200);
    Person::from_session(&app.visitor(), &person.email, &reply)
}
