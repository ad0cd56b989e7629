//! Requests about invitations, and their mails and rows.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::mail::LinkedPage;

use crate::mailed_links::token_in;
use crate::{PASSWORD, Person, Reply, TestApp};

/// Builds the path of an organization's invitations.
pub fn invitations_path(client: &str) -> String {
    format!("/v1/clients/{client}/invitations")
}

/// Invites an address as a member.
pub async fn invite(who: &Person, client: &str, email: &str) -> Reply {
    who.post(&invitations_path(client), json!({"email": email, "role": "member"})).await
}

/// Lists the states of an organization's invitations. `query` is empty or starts with `?`.
pub async fn list_statuses(who: &Person, client: &str, query: &str) -> Vec<String> {
    let path = format!("{}{query}", invitations_path(client));
    let list = who.get(&path).await.expect(200).json();
    let status = |entry: &Value| entry["status"].as_str().unwrap().to_owned();
    list["data"].as_array().unwrap().iter().map(status).collect()
}

/// Sends an invitation again.
pub async fn resend_invitation(who: &Person, client: &str, id: &str) -> Reply {
    who.post(&format!("{}/{id}/resend", invitations_path(client)), json!({})).await
}

/// Reads the token in the newest mail to an address.
pub async fn read_invitation_token(app: &TestApp, email: &str) -> String {
    let mails = app.mails(email).await;
    let newest = mails.first().unwrap_or_else(|| panic!("no mail to {email}"));
    token_in(newest, LinkedPage::Invitation).expect("an invitation")
}

/// Invites an address and returns the mailed token.
pub async fn invite_and_read_token(
    app: &TestApp,
    who: &Person,
    client: &str,
    email: &str,
) -> String {
    invite(who, client, email).await.expect(200);
    read_invitation_token(app, email).await
}

/// Accepts an invitation.
pub async fn accept_invitation(who: &Person, token: &str) -> Reply {
    who.post("/v1/invitations/accept", json!({"token": token})).await
}

/// Declines an invitation.
pub async fn decline_invitation(who: &Person, token: &str) -> Reply {
    who.post("/v1/invitations/decline", json!({"token": token})).await
}

/// Asserts that accepting and declining with a token fail with the same error.
pub async fn assert_token_refused(who: &Person, token: &str, status: u16, code: &str) {
    accept_invitation(who, token).await.expect_error(status, code);
    decline_invitation(who, token).await.expect_error(status, code);
}

/// Counts the stored invitations and asserts that both sides of each are stored.
pub async fn count_invitations(app: &TestApp) -> usize {
    let (one, other) = (app.items("CLIENT#", "INVITATION#").await, app.items("INVITEE#", "").await);
    let ids = |items: &[Value], name: &str| -> BTreeSet<String> {
        items.iter().map(|item| item[name]["S"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&one, "id"), ids(&other, "invitation_id"));
    one.len()
}

/// Signs in a person whose address is not verified.
pub async fn register_and_sign_in(app: &TestApp, who: &str) -> Person {
    let email = format!("{who}@example.com");
    let body = json!({"email": email, "name": who, "password": PASSWORD});
    let visitor = app.visitor();
    let reply = visitor.post("/v1/register", body).await.expect(200);
    Person::from_session(&visitor, &email, &reply)
}

/// Verifies the address from the network of the registration, so that it is not contested.
pub async fn verify_address(app: &TestApp, person: &Person) {
    let address = json!({"email": person.email});
    person.post("/v1/verify-email/resend", address).await.expect(200);
    let code = json!({"email": person.email, "code": app.code(&person.email).await});
    person.post("/v1/verify-email", code).await.expect(200);
}

/// Reads the token in the newest invitation, ignoring later mails.
pub async fn find_invitation_token(app: &TestApp, email: &str) -> String {
    app.mailed_token(email, LinkedPage::Invitation).await
}
