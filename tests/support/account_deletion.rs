//! The deletion of an account, which schedules its erasure.

use serde_json::{Value, json};

use crate::{PASSWORD, Person, Reply, TestApp};

/// Builds the body of a deletion.
pub fn deletion_body() -> Value {
    json!({"password": PASSWORD, "confirm": "DELETE"})
}

/// Deletes the account of a person.
pub async fn delete_account(person: &Person) -> Reply {
    person.delete("/v1/me", deletion_body()).await.expect(200)
}

/// Signs in to an account that waits for its erasure.
pub async fn sign_in_to_deleted_account(app: &TestApp, person: &Person) -> Person {
    let visitor = app.visitor();
    let reply = visitor.post("/v1/login", person.credentials()).await.expect(200);
    assert_eq!(reply.json()["pending_deletion"], true);
    Person::from_session(&visitor, &person.email, &reply)
}

/// Asserts that a restored account has all its data.
pub async fn assert_account_intact(app: &TestApp, person: &Person) {
    person.get("/v1/me").await.expect(200);
    assert!(app.items("ERASURE", "").await.is_empty());
}
