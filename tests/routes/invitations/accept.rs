//! Tests of accepting and declining invitations.

use reqwest::Method;
use serde_json::{Value, json};
use shared::ids::OrganizationId;
use shared::organizations::invitations::InvitationToken;
use tests::activity::list_log_entries;
use tests::costs::assert_round_trips;
use tests::invitations::{
    accept_invitation, assert_token_refused, count_invitations, decline_invitation,
    invitations_path, invite, invite_and_read_token, list_statuses, read_invitation_token,
    register_and_sign_in, verify_address,
};
use tests::members::{assert_memberships_consistent, create_key_visitor, create_team};
use tests::time::DAY;
use tests::{PASSWORD, Person, TestApp};

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
    let token = read_invitation_token(&app, "bob@example.com").await;
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
        "status": "pending", "invited_by": by, "created_at": app.now().await,
        "expires_at": sent["expires_at"], "ended_at": null}]);
    assert_eq!(list.json(), json!({"data": expected, "next_cursor": null}));

    let reply = accept_invitation(&bob, &token).await.expect(200);
    assert_round_trips(&reply, 3);
    let expected = json!({"client": {"id": client, "name": "Acme Corp"}, "role": "admin"});
    assert_eq!(reply.json(), expected);
    assert_memberships_consistent(&app).await;
    assert_eq!(count_invitations(&app).await, 0);
    let seen = bob.get(&format!("/v1/clients/{client}")).await.expect(200).json();
    assert_eq!((&seen["role"], &seen["members"]), (&json!("admin"), &json!(2)));
    assert_token_refused(&bob, &token, 409, "INVITATION_USED").await;
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
    assert_token_refused(&bob, &declined, 409, "INVITATION_USED").await;
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
    assert_token_refused(&bob, &revoked, 409, "INVITATION_REVOKED").await;
    assert_eq!(list_log_entries(&app, &client, "invitation.revoked").await.len(), 1);
    assert_eq!(count_invitations(&app).await, 0);
    assert_memberships_consistent(&app).await;
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
    // The refusal says which address to sign in with, and hides it from others.
    let refused = accept_invitation(&eve, &token).await.json()["detail"]["message"].clone();
    assert_eq!(
        refused,
        "This invitation is for b•••@example.com; sign in with that address to answer it"
    );
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
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn an_invalid_or_expired_invitation_is_refused() {
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
    app.advance_clock_only(7 * DAY - 1).await;
    let bob = bob.sign_in(&app).await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(bob.get("/v1/invitations").await.json()["data"].as_array().unwrap().len(), 1);
    app.advance_clock(1).await;
    assert_eq!(count_invitations(&app).await, 1);
    assert_token_refused(&bob, &token, 409, "INVITATION_EXPIRED").await;
    assert_eq!(bob.get("/v1/invitations").await.json()["data"], json!([]));
    assert_eq!(list_statuses(&ada, &client, "").await, ["expired"]);
    let members = ada.get(&format!("/v1/clients/{client}/members")).await.json();
    assert_eq!(members["data"].as_array().unwrap().len(), 1);
    let old = app.items("CLIENT#", "INVITATION#").await[0]["id"]["S"].clone();
    let path = format!("{}/{}", invitations_path(&client), old.as_str().unwrap());
    ada.delete(&path, json!({})).await.expect_error(404, "NOT_FOUND");
    // A new invitation replaces an expired one.
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    assert_eq!(count_invitations(&app).await, 1);
    accept_invitation(&bob, &token).await.expect(200);
    assert_memberships_consistent(&app).await;
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
                // Links of older mails lead to the page.
                let moved = visitor.get(&format!("{base}/invitations/{path}")).await.expect(303);
                let page = format!("/account/invitations/{path}");
                assert_eq!(moved.header("location"), Some(page.as_str()));
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
async fn an_organization_of_a_deleted_owner_has_no_new_members() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let confirmed = json!({"password": PASSWORD, "confirm": "DELETE"});
    ada.delete("/v1/me", confirmed).await.expect(200);
    accept_invitation(&bob, &token).await.expect_error(404, "NOT_FOUND");
    assert_memberships_consistent(&app).await;
    // After the owner restores the account, the invitation is valid again.
    let visitor = app.visitor();
    let reply = visitor.post("/v1/login", ada.credentials()).await.expect(200);
    let ada = Person::from_session(&visitor, &ada.email, &reply);
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    accept_invitation(&bob, &token).await.expect(200);
    assert_memberships_consistent(&app).await;
}
