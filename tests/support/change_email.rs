//! Requests that change the email address of an account.

use serde_json::{Value, json};
use shared::mail::LinkedPage;

use crate::mailed_links::token_in;
use crate::{PASSWORD, Person, Reply, TestApp};

/// Builds the body of a request for an address change.
pub fn email_change_body(new: &str) -> Value {
    json!({"new_email": new, "password": PASSWORD})
}

/// Confirms an address change with a code.
pub async fn confirm_change(person: &Person, code: &str) -> Reply {
    person.post("/v1/me/email/confirm", json!({"code": code})).await
}

/// Changes a person's address and returns the undo token mailed to the old address.
pub async fn change_address(app: &TestApp, person: &Person, new: &str) -> String {
    let old = person.get("/v1/me").await.json()["user"]["email"].as_str().unwrap().to_owned();
    person.post("/v1/me/email", email_change_body(new)).await.expect(200);
    confirm_change(person, &app.code(new).await).await.expect(200);
    parse_undo_token(&app.mails(&old).await[0])
}

/// Parses the undo token in a mail.
pub fn parse_undo_token(mail: &Value) -> String {
    token_in(mail, LinkedPage::UndoEmail).expect("a link")
}

/// Undoes an address change.
pub async fn undo_change(app: &TestApp, token: &str) -> Reply {
    app.visitor().post("/v1/email/undo", json!({"token": token})).await
}

/// Signs in with the password.
pub async fn log_in(app: &TestApp, email: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD});
    app.visitor().post("/v1/login", body).await
}
