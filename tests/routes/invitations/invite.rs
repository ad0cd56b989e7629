//! Tests of `POST /v1/clients/{client_id}/invitations`.

use serde_json::json;
use shared::ids::OrganizationId;
use shared::organizations::Role;
use tests::invitations::{
    accept_invitation, count_invitations, decline_invitation, invitations_path, invite,
    invite_and_read_token, read_invitation_token,
};
use tests::members::{
    assert_memberships_consistent, create_key_visitor, create_team, sign_up_member,
};
use tests::{PASSWORD, Team, TestApp};

#[tokio::test]
async fn inviting_a_member_fails_and_reveals_no_other_accounts() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    for member in ["ada@example.com", "bob@example.com", " BOB@Example.COM "] {
        invite(&ada, &client, member).await.expect_error(409, "ALREADY_MEMBER");
    }
    app.sign_up("known").await;
    let known = invite(&ada, &client, "known@example.com").await.expect(200);
    let unknown = invite(&ada, &client, "unknown@example.com").await.expect(200);
    assert_eq!(known.keys(), unknown.keys());
    // The number of calls does not reveal an account either.
    assert_eq!((known.cost().calls, unknown.cost().calls), (5, 5));
    // The user was invited earlier under another address and has joined meanwhile.
    let token = invite_and_read_token(&app, &ada, &client, "new@example.com").await;
    let change = json!({"new_email": "new@example.com", "password": PASSWORD});
    bob.post("/v1/me/email", change).await.expect(200);
    let code = json!({"code": app.code("new@example.com").await});
    bob.post("/v1/me/email/confirm", code).await.expect(200);
    accept_invitation(&bob, &token).await.expect_error(409, "ALREADY_MEMBER");
    invite(&ada, &client, "new@example.com").await.expect_error(409, "ALREADY_MEMBER");
    // An address that is reserved for an undo belongs to no member.
    invite(&ada, &client, "bob@example.com").await.expect(200);
    decline_invitation(&bob, &token).await.expect(200);
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn only_owners_and_admins_invite_with_valid_input() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    let key = create_key_visitor(&app, &client, &ada).await;
    for (who, code) in
        [(&eve.visitor, "NO_ACCESS"), (&stranger.visitor, "NO_ACCESS"), (&key, "SESSION_REQUIRED")]
    {
        let body = json!({"email": "x@example.com", "role": "member"});
        who.post(&invitations_path(&client), body).await.expect_error(403, code);
        who.get(&invitations_path(&client)).await.expect_error(403, "NO_ACCESS");
    }
    let nobodys = OrganizationId::generate(&*app.stack().context().random);
    invite(&ada, nobodys.as_str(), "x@example.com").await.expect_error(404, "NOT_FOUND");
    for (body, code) in [
        (json!({"role": "member"}), "MISSING_EMAIL"),
        (json!({"email": "", "role": "member"}), "MISSING_EMAIL"),
        (json!({"email": "x", "role": "member"}), "INVALID_EMAIL"),
        (json!({"email": "x@example.com"}), "MISSING_ROLE"),
        (json!({"email": "x@example.com", "role": "owner"}), "INVALID_FIELD"),
    ] {
        ada.post(&invitations_path(&client), body).await.expect_error(400, code);
    }
    assert_eq!(count_invitations(&app).await, 0);
    // An admin can invite admins, but not with a token.
    let script = app.visitor().with_bearer(&app.token(&bob, |_| {}).await);
    let body = json!({"email": "x@example.com", "role": "admin"});
    let refused = script.post(&invitations_path(&client), body.clone()).await;
    refused.expect_error(403, "SESSION_REQUIRED");
    bob.post(&invitations_path(&client), body).await.expect(200);
    let list = ada.get(&invitations_path(&client)).await.json();
    assert_eq!(list["data"][0]["invited_by"]["email"], bob.email);
}

#[tokio::test]
async fn an_idempotency_key_sends_one_invitation() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "k1");
    let body = json!({"email": bob.email, "role": "member"});
    let first = keyed.post(&invitations_path(&client), body.clone()).await.expect(200);
    for _ in 0..7 {
        // A recorded response does not count as an invitation.
        let again = keyed.post(&invitations_path(&client), body.clone()).await.expect(200);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.text, first.text);
    }
    let other = json!({"email": bob.email, "role": "admin"});
    let other = keyed.post(&invitations_path(&client), other).await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let token = read_invitation_token(&app, &bob.email).await;
    let keyed = bob.visitor.clone().with_header("idempotency-key", "k1");
    let body = json!({"token": token});
    let joined = keyed.post("/v1/invitations/accept", body.clone()).await.expect(200);
    let again = keyed.post("/v1/invitations/accept", body.clone()).await.expect(200);
    assert_eq!((again.header("idempotent-replayed"), &again.text), (Some("true"), &joined.text));
    // An invalid credential does not get the recorded response.
    bob.post("/v1/logout", json!({})).await.expect(200);
    let over = keyed.post("/v1/invitations/accept", body).await;
    over.expect_error(401, "invalid session");
}

#[tokio::test]
async fn host_header_does_not_change_invitation_mails() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let mut mails = Vec::new();
    for (number, (name, value)) in [
        ("x-nothing", "x"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("user-agent", "evil.example"),
        ("referer", "https://evil.example/"),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("x{number}@example.com");
        let who = ada.visitor.clone().with_header(name, value);
        let body = json!({"email": email, "role": "member"});
        who.post(&invitations_path(&client), body).await.expect(200);
        let token = read_invitation_token(&app, &email).await;
        let mail = &app.mails(&email).await[0];
        let link = format!("{}/account/invitations/accept?token={token}", app.url());
        let parts = ["from", "subject", "text", "html"].map(|part| {
            let text = mail[part].as_str().unwrap();
            if part == "text" || part == "html" {
                assert!(text.contains(&link), "{text}");
            }
            text.replace(&token, "TOKEN").replace(&email, "EMAIL")
        });
        assert!(!parts.concat().contains("evil"), "{name}");
        mails.push(parts);
    }
    assert!(mails.iter().all(|mail| *mail == mails[0]));
}

#[tokio::test]
async fn plain_secrets_invitations_are_stored_hashed() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let dump = json!(app.dump().await).to_string();
    assert!(dump.contains("INVITATION#"));
    // The second half of the token is its secret.
    assert!(!dump.contains(&token[44..]));
}
