//! Tests of sending an invitation again, and of the states in the list.

use serde_json::json;
use shared::organizations::Role;
use tests::activity::list_log_entries;
use tests::costs::assert_round_trips;
use tests::invitations::{
    accept_invitation, assert_token_refused, count_invitations, decline_invitation,
    find_invitation_token, invitations_path, invite, invite_and_read_token, list_statuses,
    read_invitation_token, resend_invitation,
};
use tests::members::{assert_memberships_consistent, create_team, sign_up_member};
use tests::time::{DAY, HOUR};
use tests::{Person, TestApp};

/// Returns the id of the only open invitation.
async fn pending_id(who: &Person, client: &str) -> String {
    let path = format!("{}?status=pending", invitations_path(client));
    let list = who.get(&path).await.expect(200).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    list["data"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_link_replaces_the_old_one() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let admin = sign_up_member(&app, &client, "admin", Role::Admin).await;
    let member = sign_up_member(&app, &client, "member", Role::Member).await;
    let first = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let id = pending_id(&ada, &client).await;
    app.advance_clock_only(DAY).await;
    let (ada, admin) = (ada.sign_in(&app).await, admin.sign_in(&app).await);
    let (member, bob) = (member.sign_in(&app).await, bob.sign_in(&app).await);
    let reply = resend_invitation(&admin, &client, &id).await.expect(200);
    assert_round_trips(&reply, 3);
    let expected = json!({"id": id, "email": bob.email, "role": "member",
        "expires_at": app.now().await + 7 * 24 * 60 * 60});
    assert_eq!(reply.json(), expected);
    let second = read_invitation_token(&app, &bob.email).await;
    assert_ne!(first, second);
    assert_token_refused(&bob, &first, 404, "NOT_FOUND").await;
    assert_eq!(count_invitations(&app).await, 1);
    let log = list_log_entries(&app, &client, "invitation.resent").await;
    assert_eq!((log.len(), &log[0]["target"]["S"]), (1, &json!(id)));
    // Only sessions of owner and admins send it again, and only in its own organization.
    resend_invitation(&member, &client, &id).await.expect_error(403, "NO_ACCESS");
    resend_invitation(&bob, &client, &id).await.expect_error(403, "NO_ACCESS");
    let token = app.visitor().with_bearer(&app.token(&ada, |_| {}).await);
    let path = format!("{}/{id}/resend", invitations_path(&client));
    token.post(&path, json!({})).await.expect_error(403, "SESSION_REQUIRED");
    let elsewhere = ada.default_client().await;
    resend_invitation(&ada, &elsewhere, &id).await.expect_error(404, "NOT_FOUND");
    resend_invitation(&ada, &client, "inv_x").await.expect_error(404, "NOT_FOUND");
    // A repeated request sends one mail.
    let keyed = ada.visitor.clone().with_header("idempotency-key", "k1");
    let sent = keyed.post(&path, json!({})).await.expect(200);
    let again = keyed.post(&path, json!({})).await.expect(200);
    assert_eq!((again.header("idempotent-replayed"), &again.text), (Some("true"), &sent.text));
    assert_eq!(list_log_entries(&app, &client, "invitation.resent").await.len(), 2);
    let third = read_invitation_token(&app, &bob.email).await;
    accept_invitation(&bob, &third).await.expect(200);
    resend_invitation(&ada, &client, &id).await.expect_error(404, "NOT_FOUND");
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn resending_counts_as_inviting() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    app.advance_to_next(HOUR).await;
    ada.reauthenticate().await;
    invite(&ada, &client, "bob@example.com").await.expect(200);
    let id = pending_id(&ada, &client).await;
    for _ in 0..4 {
        resend_invitation(&ada, &client, &id).await.expect(200);
    }
    let reply = resend_invitation(&ada, &client, &id).await.expect_error(429, "RATE_LIMITED");
    assert_eq!(reply.header("retry-after"), Some("3600"));
    invite(&ada, &client, "bob@example.com").await.expect_error(429, "RATE_LIMITED");
    assert_eq!(app.mails("bob@example.com").await.len(), 5);
}

#[tokio::test]
async fn an_expired_invitation_takes_a_seat_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Small").await;
    app.set_plan(&client, "basic").await;
    invite(&ada, &client, "a@example.com").await.expect(200);
    let id = pending_id(&ada, &client).await;
    app.advance_clock_only(7 * DAY).await;
    let ada = ada.sign_in(&app).await;
    for other in ["b@example.com", "c@example.com"] {
        invite(&ada, &client, other).await.expect(200);
    }
    resend_invitation(&ada, &client, &id).await.expect_error(402, "PLAN_LIMIT");
    app.set_plan(&client, "pro").await;
    resend_invitation(&ada, &client, &id).await.expect(200);
    assert_eq!(list_statuses(&ada, &client, "").await, ["pending"; 3]);
    let (a, token) = (app.sign_up("a").await, find_invitation_token(&app, "a@example.com").await);
    accept_invitation(&a, &token).await.expect(200);
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn the_list_shows_each_state_and_filters_by_it() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let declined = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    decline_invitation(&bob, &declined).await.expect(200);
    let accepted = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    accept_invitation(&bob, &accepted).await.expect(200);
    invite(&ada, &client, "revoked@example.com").await.expect(200);
    let id = pending_id(&ada, &client).await;
    let path = format!("{}/{id}", invitations_path(&client));
    ada.delete(&path, json!({})).await.expect(200);
    invite(&ada, &client, "expired@example.com").await.expect(200);
    app.advance_clock_only(7 * DAY).await;
    let ada = ada.sign_in(&app).await;
    invite(&ada, &client, "pending@example.com").await.expect(200);
    let mut all = list_statuses(&ada, &client, "").await;
    all.sort();
    assert_eq!(all, ["accepted", "declined", "expired", "pending", "revoked"]);
    for status in all {
        assert_eq!(list_statuses(&ada, &client, &format!("?status={status}")).await, [status]);
    }
    let list = ada.get(&format!("{}?status=revoked", invitations_path(&client))).await.json();
    assert_eq!(list["data"][0]["email"], "revoked@example.com");
    assert_eq!(list["data"][0]["ended_at"], app.now().await - 7 * 24 * 60 * 60);
    let unknown = ada.get(&format!("{}?status=open", invitations_path(&client))).await;
    unknown.expect_error(400, "INVALID_FIELD");
    // Members are listed with open invitations only.
    let members = ada.get(&format!("/v1/clients/{client}/members")).await.json();
    assert_eq!(members["data"].as_array().unwrap().len(), 3);
    // Thirty days after its expiry an invitation is not listed, even if it is still stored.
    app.advance_clock_only(30 * DAY).await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(list_statuses(&ada, &client, "").await, ["expired"]);
    assert_memberships_consistent(&app).await;
}

/// Filters by each state without waiting for an invitation to expire.
#[tokio::test]
async fn open_and_revoked_invitations_have_one_state_each() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    invite(&ada, &client, "revoked@example.com").await.expect(200);
    let id = pending_id(&ada, &client).await;
    let path = format!("{}/{id}", invitations_path(&client));
    ada.delete(&path, json!({})).await.expect(200);
    invite(&ada, &client, "pending@example.com").await.expect(200);
    for status in ["accepted", "declined", "expired", "pending", "revoked"] {
        let listed = list_statuses(&ada, &client, &format!("?status={status}")).await;
        let expected = if ["pending", "revoked"].contains(&status) { vec![status] } else { vec![] };
        assert_eq!(listed, expected, "{status}");
    }
}
