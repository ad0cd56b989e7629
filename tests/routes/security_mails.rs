//! Mails that report changes of access: tokens, API keys, members and ownership.

use serde_json::{Value, json};
use shared::organizations::Role;
use tests::api_keys::{change_key, create_key};
use tests::invitations::read_invitation_token;
use tests::tokens::create_token;
use tests::{PASSWORD, Person, TestApp};

/// Returns the newest mail to a person, which must have this subject, and say when, from where and what to do.
async fn newest(app: &TestApp, person: &Person, subject: &str) -> String {
    app.wait_for_worker().await;
    let mails = app.mails(&person.email).await;
    let mail = mails.first().expect("a mail");
    assert_eq!(mail["subject"], subject);
    let text = mail["text"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [" UTC IP address: 127.", " Device: ", "If ", "http", "/account"] {
        assert!(text.contains(part), "{text}");
    }
    text
}

/// Counts the mails to a person.
async fn count(app: &TestApp, person: &Person) -> usize {
    app.wait_for_worker().await;
    app.mails(&person.email).await.len()
}

#[tokio::test]
async fn a_new_token_is_reported_to_its_user() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    create_token(&ada, json!({"token_name": "my-cli"})).await.expect(200);
    let text = newest(&app, &ada, "A personal token was created for your AIUS account").await;
    assert!(text.contains("The personal token my-cli was created"), "{text}");
    let before = count(&app, &ada).await;
    create_token(&ada, json!({"token_name": "x", "client_id": "client_x"})).await.expect(404);
    assert_eq!(count(&app, &ada).await, before);
    // A repeated request sends no second mail.
    let keyed = ada.visitor.clone().with_header("idempotency-key", "once");
    for _ in 0..2 {
        keyed.post("/v1/tokens", json!({"token_name": "again"})).await.expect(200);
    }
    assert_eq!(count(&app, &ada).await, before + 1);
}

#[tokio::test]
async fn a_changed_key_is_reported_to_owner_and_admin() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let cleo = app.sign_up("cleo").await;
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Admin).await;
    app.add_member(&acme, &cleo, Role::Admin).await;
    let others = count(&app, &cleo).await;
    create_key(&bob, &acme, "production").await.expect(200);
    for person in [&ada, &bob] {
        let text = newest(&app, person, "New API key of Acme").await;
        let said = "bob@example.com created the API key production of Acme. ";
        assert!(text.contains(said), "{text}");
    }
    change_key(&bob, &acme, 1, "rotate").await.expect(200);
    for person in [&ada, &bob] {
        let text = newest(&app, person, "API key of Acme was rotated").await;
        assert!(text.contains("bob@example.com gave the API key production of Acme a new value"));
    }
    // The owner's own change is one mail.
    let before = count(&app, &ada).await;
    create_key(&ada, &acme, "second").await.expect(200);
    assert_eq!(count(&app, &ada).await, before + 1);
    assert_eq!(count(&app, &cleo).await, others);
}

/// The link secures the account that made the change, so only its own mail has it.
#[tokio::test]
async fn the_mail_about_a_key_secures_its_creators_account() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Admin).await;
    create_key(&bob, &acme, "production").await.expect(200);
    for subject in ["New API key of Acme", "API key of Acme was rotated"] {
        let [owners, own] = [newest(&app, &ada, subject).await, newest(&app, &bob, subject).await];
        assert!(!owners.contains("/account/not-me?token="), "{owners}");
        assert!(own.contains("/account/not-me?token="), "{own}");
        change_key(&bob, &acme, 1, "rotate").await.expect(200);
    }
    app.report_not_me(&app.not_me_token(&bob.email).await).await.expect(200);
    bob.get("/v1/me").await.expect_error(401, "invalid session");
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn changed_members_are_reported_to_them_and_the_owner() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (bob, cleo) = (app.sign_up("bob").await, app.sign_up("cleo").await);
    let acme = ada.create_client("Acme").await;
    app.set_plan(&acme, "enterprise").await;
    app.add_member(&acme, &bob, Role::Admin).await;
    // Cleo joins.
    let path = format!("/v1/clients/{acme}/invitations");
    bob.post(&path, json!({"email": cleo.email, "role": "member"})).await.expect(200);
    app.wait_for_worker().await;
    let token = read_invitation_token(&app, &cleo.email).await;
    cleo.post("/v1/invitations/accept", json!({"token": token})).await.expect(200);
    let text = newest(&app, &cleo, "You joined Acme").await;
    assert!(text.contains("You joined the organization Acme with the role member"), "{text}");
    let text = newest(&app, &ada, "New member of Acme").await;
    assert!(text.contains("cleo@example.com joined the organization Acme"), "{text}");
    // Bob makes her an admin.
    let member = format!("/v1/clients/{acme}/members/{}", cleo.id().await);
    bob.patch(&member, json!({"role": "admin"})).await.expect(200);
    let text = newest(&app, &cleo, "Your role in Acme was changed").await;
    let said = "bob@example.com changed your role in the organization Acme from member to admin";
    assert!(text.contains(said), "{text}");
    let text = newest(&app, &ada, "A role in Acme was changed").await;
    assert!(text.contains("changed the role of cleo@example.com"), "{text}");
    // Nothing changes, and nothing is reported.
    let before = [count(&app, &ada).await, count(&app, &cleo).await];
    bob.patch(&member, json!({"role": "admin"})).await.expect(200);
    assert_eq!([count(&app, &ada).await, count(&app, &cleo).await], before);
    // Ada removes her.
    ada.delete(&member, json!({})).await.expect(200);
    let text = newest(&app, &cleo, "You were removed from Acme").await;
    assert!(text.contains("ada@example.com removed you from the organization Acme"), "{text}");
    newest(&app, &ada, "A member of Acme was removed").await;
    // A member who leaves knows it, and is not removed by anybody.
    let before = [count(&app, &ada).await, count(&app, &bob).await];
    bob.post(&format!("/v1/clients/{acme}/leave"), json!({})).await.expect(200);
    assert_eq!([count(&app, &ada).await, count(&app, &bob).await], before);
}

#[tokio::test]
async fn a_transfer_is_reported_to_both_owners() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Member).await;
    let path = format!("/v1/clients/{acme}/transfer");
    let body = |password: &str, to: &str| -> Value { json!({"user_id": to, "password": password}) };
    let to = bob.id().await.to_string();
    let before = [count(&app, &ada).await, count(&app, &bob).await];
    ada.post(&path, body("wrong-horse-9", &to)).await.expect(401);
    assert_eq!([count(&app, &ada).await, count(&app, &bob).await], before);
    ada.post(&path, body(PASSWORD, &to)).await.expect(200);
    let text = newest(&app, &ada, "Acme has another owner").await;
    assert!(text.contains("You made bob@example.com the owner of the organization Acme"), "{text}");
    let text = newest(&app, &bob, "You own Acme now").await;
    assert!(text.contains("ada@example.com made you the owner"), "{text}");
}
