//! Tests of `/v1/clients/{client_id}/invitations` and `/v1/invitations`.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use shared::ids::OrganizationId;
use shared::organizations::Role;
use shared::organizations::invitations::InvitationToken;
use tests::{PASSWORD, Person, Reply, TestApp};

use crate::routes::members::{
    assert_consistent, assert_round_trips, create_key_visitor, create_team, list_log_entries,
    sign_up_member,
};

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Builds the path of an organization's invitations.
pub(crate) fn invitations_path(client: &str) -> String {
    format!("/v1/clients/{client}/invitations")
}

/// Invites an address as a member.
pub(crate) async fn invite(who: &Person, client: &str, email: &str) -> Reply {
    who.post(&invitations_path(client), json!({"email": email, "role": "member"})).await
}

/// Reads the token in the newest mail to an address.
async fn read_token(app: &TestApp, email: &str) -> String {
    let mails = app.mails(email).await;
    let text = mails.first().unwrap_or_else(|| panic!("no mail to {email}"))["text"].clone();
    let (_, rest) = text.as_str().unwrap().split_once("/api/v1/invitations/accept#").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// Invites an address and returns the mailed token.
pub(crate) async fn invite_and_read_token(
    app: &TestApp,
    who: &Person,
    client: &str,
    email: &str,
) -> String {
    invite(who, client, email).await.expect(200);
    read_token(app, email).await
}

/// Accepts an invitation.
pub(crate) async fn accept_invitation(who: &Person, token: &str) -> Reply {
    who.post("/v1/invitations/accept", json!({"token": token})).await
}

/// Declines an invitation.
pub(crate) async fn decline_invitation(who: &Person, token: &str) -> Reply {
    who.post("/v1/invitations/decline", json!({"token": token})).await
}

/// Asserts that accepting and declining with a token fail with the same error.
async fn assert_token_refused(who: &Person, token: &str, status: u16, code: &str) {
    accept_invitation(who, token).await.expect_error(status, code);
    decline_invitation(who, token).await.expect_error(status, code);
}

/// Counts the stored invitations and asserts that both sides of each are stored.
pub(crate) async fn count_invitations(app: &TestApp) -> usize {
    let (one, other) = (app.items("CLIENT#", "INVITATION#").await, app.items("INVITEE#", "").await);
    let ids = |items: &[Value], name: &str| -> BTreeSet<String> {
        items.iter().map(|item| item[name]["S"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&one, "id"), ids(&other, "invitation_id"));
    one.len()
}

#[tokio::test]
async fn an_invited_user_joins_with_the_mailed_link() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let body = json!({"email": "Bob@Example.com", "role": "admin"});
    let reply = ada.post(&invitations_path(&client), body).await.expect(200);
    // The trips are the authentication with the state of the address, the limits, and the
    // invitation with its mail.
    assert_round_trips(&reply, 3);
    assert_eq!(reply.keys(), ["email", "expires_at", "id", "role"]);
    let sent = reply.json();
    assert!(sent["id"].as_str().unwrap().starts_with("inv_"));
    assert_eq!((&sent["email"], &sent["role"]), (&json!("bob@example.com"), &json!("admin")));
    assert_eq!(sent["expires_at"], app.now().await + 7 * 24 * 60 * 60);

    let mail = &app.mails("bob@example.com").await[0];
    let said = mail["text"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["ada, ada@example.com,", "the organization \"Acme Corp\"", "as an admin."] {
        assert!(said.contains(part), "{said}");
    }
    let token = read_token(&app, "bob@example.com").await;
    let mine = bob.get("/v1/invitations").await.expect(200);
    assert_round_trips(&mine, 3);
    let expected = json!([{"id": sent["id"], "client": {"id": client, "name": "Acme Corp"},
        "role": "admin", "invited_by": {"name": "ada", "email": "ada@example.com"},
        "expires_at": sent["expires_at"]}]);
    assert_eq!(mine.json(), json!({"data": expected, "next_cursor": null}));
    let list = ada.get(&invitations_path(&client)).await.expect(200);
    assert_round_trips(&list, 2);
    let by = json!({"id": ada.id().await.as_str(), "email": "ada@example.com", "name": "ada"});
    let expected = json!([{"id": sent["id"], "email": "bob@example.com", "role": "admin",
        "invited_by": by, "created_at": app.now().await, "expires_at": sent["expires_at"]}]);
    assert_eq!(list.json(), json!({"data": expected, "next_cursor": null}));

    let reply = accept_invitation(&bob, &token).await.expect(200);
    assert_round_trips(&reply, 2);
    let expected = json!({"client": {"id": client, "name": "Acme Corp"}, "role": "admin"});
    assert_eq!(reply.json(), expected);
    assert_consistent(&app).await;
    assert_eq!(count_invitations(&app).await, 0);
    let seen = bob.get(&format!("/v1/clients/{client}")).await.expect(200).json();
    assert_eq!((&seen["role"], &seen["members"]), (&json!("admin"), &json!(2)));
    assert_token_refused(&bob, &token, 404, "NOT_FOUND").await;
    assert_eq!(bob.get("/v1/invitations").await.json()["data"], json!([]));

    let created = &list_log_entries(&app, &client, "invitation.created").await[0];
    assert_eq!(created["target"]["S"], sent["id"]);
    assert_eq!(created["details"], json!({"M": {"role": {"S": "admin"}}}));
    let joined = &list_log_entries(&app, &client, "member.joined").await[0];
    let details = json!({"M": {"role": {"S": "admin"}, "invitation": {"S": sent["id"]}}});
    assert_eq!((&joined["details"], &joined["target"]), (&details, &joined["user_id"]));
    // The log does not name invited users by their address.
    let log = app.items("ACTIVITY#CLIENT#", "").await;
    assert!(!json!(log).to_string().contains("example.com"));
}

#[tokio::test]
async fn a_declined_or_revoked_invitation_is_void() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let declined = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let reply = decline_invitation(&bob, &declined).await.expect(200);
    assert_round_trips(&reply, 2);
    assert_eq!(reply.json(), json!({"declined": true}));
    assert_token_refused(&bob, &declined, 404, "NOT_FOUND").await;
    assert_eq!(list_log_entries(&app, &client, "invitation.declined").await.len(), 1);

    let revoked = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let list = ada.get(&invitations_path(&client)).await.json();
    let path = format!("{}/{}", invitations_path(&client), list["data"][0]["id"].as_str().unwrap());
    // An invitation is revoked only through its own organization.
    let other = path.replace(&client, &ada.default_client().await);
    ada.delete(&other, json!({})).await.expect_error(404, "NOT_FOUND");
    bob.delete(&path, json!({})).await.expect_error(403, "NO_ACCESS");
    let reply = ada.visitor.send(Method::DELETE, &path, None).await.expect(200);
    assert_round_trips(&reply, 2);
    assert_eq!(reply.json(), json!({"deleted": true}));
    ada.delete(&path, json!({})).await.expect_error(404, "NOT_FOUND");
    assert_token_refused(&bob, &revoked, 404, "NOT_FOUND").await;
    assert_eq!(list_log_entries(&app, &client, "invitation.revoked").await.len(), 1);
    assert_eq!(count_invitations(&app).await, 0);
    assert_consistent(&app).await;
}

#[tokio::test]
async fn an_invitation_is_valid_only_for_its_verified_address() {
    let app = TestApp::start_without_email_verification().await;
    let ada = register_and_sign_in(&app, "ada").await;
    // An unverified user cannot invite either, because the mail names their address.
    let client = create_team(&app, &ada).await;
    invite(&ada, &client, "bob@example.com").await.expect_error(403, "EMAIL_NOT_VERIFIED");
    verify_address(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, "bob@example.com").await;
    let before = app.dump().await.len();
    assert_token_refused(&ada, &token, 403, "NO_ACCESS").await;
    let eve = register_and_sign_in(&app, "eve").await;
    assert_token_refused(&eve, &token, 403, "NO_ACCESS").await;
    verify_address(&app, &eve).await;
    assert_token_refused(&eve, &token, 403, "NO_ACCESS").await;
    let bob = register_and_sign_in(&app, "bob").await;
    assert_token_refused(&bob, &token, 403, "EMAIL_NOT_VERIFIED").await;
    bob.get("/v1/invitations").await.expect_error(403, "EMAIL_NOT_VERIFIED");
    assert!(app.dump().await.len() > before && count_invitations(&app).await == 1);
    verify_address(&app, &bob).await;
    // Neither an organization key nor a restricted token accepts an invitation.
    let id: OrganizationId = bob.default_client().await.parse().unwrap();
    let confined = app.token(&bob, |token| token.client_id = Some(id)).await;
    let confined = app.visitor().with_bearer(&confined);
    for bearer in [confined, create_key_visitor(&app, &client, &ada).await] {
        let body = json!({"token": token});
        for path in ["/v1/invitations/accept", "/v1/invitations/decline"] {
            bearer.post(path, body.clone()).await.expect_error(403, "NO_ACCESS");
        }
        bearer.get("/v1/invitations").await.expect_error(403, "NO_ACCESS");
    }
    let anonymous = app.visitor().post("/v1/invitations/accept", json!({"token": "x"})).await;
    anonymous.expect_error(401, "missing bearer token");
    let script = app.visitor().with_bearer(&app.token(&bob, |_| {}).await);
    script.post("/v1/invitations/accept", json!({"token": token})).await.expect(200);
    assert_consistent(&app).await;
}

/// Signs in a person whose address is not verified.
async fn register_and_sign_in(app: &TestApp, who: &str) -> Person {
    let email = format!("{who}@example.com");
    let body = json!({"email": email, "name": who, "password": PASSWORD});
    let visitor = app.visitor();
    let reply = visitor.post("/v1/register", body).await.expect(200);
    Person::from_session(&visitor, &email, &reply)
}

/// Verifies the address from the network of the registration, so that it is not contested.
async fn verify_address(app: &TestApp, person: &Person) {
    let address = json!({"email": person.email});
    person.post("/v1/verify-email/resend", address).await.expect(200);
    let code = json!({"email": person.email, "code": app.code(&person.email).await});
    person.post("/v1/verify-email", code).await.expect(200);
}

#[tokio::test]
async fn an_invalid_or_expired_invitation_is_not_found() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let first = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let replaced = ada.get(&invitations_path(&client)).await.json()["data"][0]["id"].clone();
    let token = invite_and_read_token(&app, &ada, &client, "BOB@example.com").await;
    assert_eq!(count_invitations(&app).await, 1);
    let created = list_log_entries(&app, &client, "invitation.created").await;
    let names_the_other = |entry: &&Value| entry["details"]["M"]["replaces"]["S"] == replaced;
    assert_eq!(created.iter().filter(names_the_other).count(), 1);
    assert_token_refused(&bob, &first, 404, "NOT_FOUND").await;
    // The token names an existing invitation with a wrong secret.
    let read = InvitationToken::parse(&token).unwrap();
    let ctx = app.stack().context();
    let forged = InvitationToken::generate(&*ctx.random, read.client_id(), read.invitation_id());
    // The token has the right secret with another organization.
    let elsewhere: OrganizationId = bob.default_client().await.parse().unwrap();
    let mixed = InvitationToken::generate(&*ctx.random, &elsewhere, read.invitation_id());
    let cut = &token[..token.len() - 1];
    for bad in [forged.reveal(), mixed.reveal(), cut, "x", "é", &"A".repeat(86)] {
        assert_token_refused(&bob, bad, 404, "NOT_FOUND").await;
    }
    for (body, code) in [
        (json!({}), "MISSING_TOKEN"),
        (json!({"token": " "}), "MISSING_TOKEN"),
        (json!({"token": 1}), "INVALID_FIELD"),
    ] {
        for path in ["/v1/invitations/accept", "/v1/invitations/decline"] {
            bob.post(path, body.clone()).await.expect_error(400, code);
        }
    }
    // An invitation expires after seven days, even if DynamoDB has not deleted it yet.
    app.advance_clock(7 * DAY - 1).await;
    let bob = bob.sign_in(&app).await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(bob.get("/v1/invitations").await.json()["data"].as_array().unwrap().len(), 1);
    app.advance_clock(1).await;
    assert_eq!(count_invitations(&app).await, 1);
    assert_token_refused(&bob, &token, 404, "NOT_FOUND").await;
    assert_eq!(bob.get("/v1/invitations").await.json()["data"], json!([]));
    assert_eq!(ada.get(&invitations_path(&client)).await.json()["data"], json!([]));
    let members = ada.get(&format!("/v1/clients/{client}/members")).await.json();
    assert_eq!(members["data"].as_array().unwrap().len(), 1);
    let old = app.items("CLIENT#", "INVITATION#").await[0]["id"]["S"].clone();
    let path = format!("{}/{}", invitations_path(&client), old.as_str().unwrap());
    ada.delete(&path, json!({})).await.expect_error(404, "NOT_FOUND");
    // A new invitation replaces an expired one.
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    assert_eq!(count_invitations(&app).await, 1);
    accept_invitation(&bob, &token).await.expect(200);
    assert_consistent(&app).await;
}

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
    assert_consistent(&app).await;
}

#[tokio::test]
async fn only_owners_and_admins_invite_with_valid_input() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
    let stranger = app.sign_up("stranger").await;
    let key = create_key_visitor(&app, &client, &ada).await;
    for who in [&eve.visitor, &stranger.visitor, &key] {
        let body = json!({"email": "x@example.com", "role": "member"});
        who.post(&invitations_path(&client), body).await.expect_error(403, "NO_ACCESS");
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
    // An admin can invite admins, also with a token.
    let script = app.visitor().with_bearer(&app.token(&bob, |_| {}).await);
    let body = json!({"email": "x@example.com", "role": "admin"});
    script.post(&invitations_path(&client), body).await.expect(200);
    let list = ada.get(&invitations_path(&client)).await.json();
    assert_eq!(list["data"][0]["invited_by"]["email"], bob.email);
}

#[tokio::test]
async fn members_and_invitations_share_the_seats_of_the_plan() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Small").await;
    let reply = invite(&ada, &client, "a@example.com").await.expect_error(402, "PLAN_LIMIT");
    assert!(reply.text.contains("free plan has a limit of 1 for members"), "{}", reply.text);
    app.set_plan(&client, "basic").await;
    invite(&ada, &client, "a@example.com").await.expect(200);
    let b = invite_and_read_token(&app, &ada, &client, "b@example.com").await;
    invite(&ada, &client, "c@example.com").await.expect_error(402, "PLAN_LIMIT");
    // A repeated invitation takes no further seat, and a revoked one frees its seat.
    invite(&ada, &client, "a@example.com").await.expect(200);
    let (a, b_) = (app.sign_up("a").await, app.sign_up("b").await);
    decline_invitation(&b_, &b).await.expect(200);
    let c = invite_and_read_token(&app, &ada, &client, "c@example.com").await;
    accept_invitation(&a, &read_invitation_token(&app, "a@example.com").await).await.expect(200);
    invite(&ada, &client, "b@example.com").await.expect_error(402, "PLAN_LIMIT");
    // Expired invitations take no seat, even while they are stored.
    app.advance_clock(7 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let b = invite_and_read_token(&app, &ada, &client, "b@example.com").await;
    let c_ = app.sign_up("c").await;
    accept_invitation(&c_, &c).await.expect_error(404, "NOT_FOUND");
    // The seat was free at the invitation and is not free at the acceptance.
    app.set_plan(&client, "free").await;
    let b_ = b_.sign_in(&app).await;
    accept_invitation(&b_, &b).await.expect_error(402, "PLAN_LIMIT");
    app.set_plan(&client, "basic").await;
    accept_invitation(&b_, &b).await.expect(200);
    assert_consistent(&app).await;
}

/// Reads the token in the newest invitation, ignoring later mails.
async fn read_invitation_token(app: &TestApp, email: &str) -> String {
    let mails = app.mails(email).await;
    let marker = "/api/v1/invitations/accept#";
    let mut texts = mails.iter().map(|mail| mail["text"].as_str().unwrap());
    let text = texts.find(|text| text.contains(marker)).unwrap();
    text.split_once(marker).unwrap().1.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn invitations_are_limited_per_organization_and_address() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let hour = u64::try_from(3600 - app.now().await % 3600).unwrap();
    app.advance_clock(hour).await;
    for _ in 0..5 {
        invite(&ada, &client, "a@example.com").await.expect(200);
    }
    let reply = invite(&ada, &client, "A@example.com").await.expect_error(429, "RATE_LIMITED");
    assert_eq!(reply.header("retry-after"), Some("3600"));
    assert_eq!(app.mails("a@example.com").await.len(), 5);
    // Another organization has a limit of its own.
    let other = create_team(&app, &ada).await;
    invite(&ada, &other, "a@example.com").await.expect(200);
    for number in 0..94 {
        invite(&ada, &client, &format!("b{number}@example.com")).await.expect(200);
    }
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    invite(&bob, &client, "c@example.com").await.expect_error(429, "RATE_LIMITED");
    // Refused requests do not use up the limit.
    let stranger = app.sign_up("stranger").await;
    invite(&stranger, &client, "c@example.com").await.expect_error(403, "NO_ACCESS");
    app.advance_clock(3600).await;
    invite(&ada, &client, "a@example.com").await.expect(200);
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
    let token = read_token(&app, &bob.email).await;
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
async fn scanner_burns_link_only_a_post_uses_an_invitation() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let before = app.durable_items().await;
    for visitor in [&app.visitor(), &bob.visitor] {
        for base in ["/api/v1", "/v1"] {
            for path in ["accept", "accept?token=x"] {
                let page = visitor.get(&format!("{base}/invitations/{path}")).await.expect(200);
                assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
                let policy = page.header("content-security-policy").unwrap();
                assert!(
                    policy.contains("default-src 'none'") && policy.contains("connect-src 'self'")
                );
                assert!(page.text.contains("Accept") && page.text.contains("Decline"));
            }
            // A scanner knows the link without the part after the `#` and tries other methods.
            for method in [Method::HEAD, Method::PUT, Method::DELETE] {
                let path = format!("{base}/invitations/accept");
                assert_ne!(visitor.send(method, &path, None).await.status, 500);
            }
            let decline = visitor.get(&format!("{base}/invitations/decline")).await;
            assert!([404, 405].contains(&decline.status), "{}", decline.text);
        }
    }
    assert_eq!(app.durable_items().await, before);
    accept_invitation(&bob, &token).await.expect(200);
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
        let token = read_token(&app, &email).await;
        let mail = &app.mails(&email).await[0];
        let link = format!("{}/api/v1/invitations/accept#{token}", app.url());
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

#[tokio::test]
async fn an_organization_of_a_deleted_owner_has_no_new_members() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let confirmed = json!({"password": PASSWORD, "confirm": "DELETE"});
    ada.delete("/v1/me", confirmed).await.expect(200);
    accept_invitation(&bob, &token).await.expect_error(404, "NOT_FOUND");
    assert_consistent(&app).await;
    // After the owner restores the account, the invitation is valid again.
    let visitor = app.visitor();
    let reply = visitor.post("/v1/login", ada.credentials()).await.expect(200);
    let ada = Person::from_session(&visitor, &ada.email, &reply);
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    accept_invitation(&bob, &token).await.expect(200);
    assert_consistent(&app).await;
}
