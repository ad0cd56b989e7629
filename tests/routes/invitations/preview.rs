//! Tests of `POST /v1/invitations/preview`.

use serde_json::{Value, json};
use shared::organizations::invitations::InvitationToken;
use tests::costs::assert_round_trips;
use tests::invitations::{
    accept_invitation, decline_invitation, invitations_path, invite_and_read_token,
    read_invitation_token, resend_invitation,
};
use tests::members::create_team;
use tests::time::DAY;
use tests::{PASSWORD, Reply, TestApp, Visitor};

/// Shows the invitation of a token.
async fn show(visitor: &Visitor, token: &str) -> Reply {
    visitor.post("/v1/invitations/preview", json!({"token": token})).await
}

/// Shows the invitation of a token and returns its status.
async fn status(visitor: &Visitor, token: &str) -> Value {
    show(visitor, token).await.expect(200).json()["status"].clone()
}

#[tokio::test]
async fn the_holder_of_a_link_sees_what_the_invitation_is_for() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let before = app.durable_items().await;
    let reply = show(&app.visitor(), &token).await.expect(200);
    assert_round_trips(&reply, 2);
    let mut expected = json!({
        "client": {"id": client, "name": "Acme Corp"}, "inviter_name": "ada", "role": "member",
        "email": "b•••@example.com", "is_for_caller": false, "status": "pending",
        "expires_at": app.now().await + i64::try_from(7 * DAY).unwrap(),
    });
    assert_eq!(reply.json(), expected);
    assert_eq!(show(&eve.visitor, &token).await.expect(200).json(), expected);
    expected["email"] = json!(bob.email);
    expected["is_for_caller"] = json!(true);
    let own = show(&bob.visitor, &token).await.expect(200);
    assert_round_trips(&own, 2);
    assert_eq!(own.json(), expected);
    assert_eq!(app.durable_items().await, before, "showing it changes nothing");
    // An ended session counts as none.
    let ended = bob.visitor.clone();
    bob.post("/v1/logout", json!({})).await.expect(200);
    assert_eq!(show(&ended, &token).await.expect(200).json()["is_for_caller"], false);
}

#[tokio::test]
async fn an_ended_invitation_says_how_it_ended() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let visitor = app.visitor();
    let declined = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    decline_invitation(&bob, &declined).await.expect(200);
    assert_eq!(status(&visitor, &declined).await, "declined");
    let revoked = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let list = ada.get(&invitations_path(&client)).await.json();
    let id = list["data"][0]["id"].as_str().unwrap().to_owned();
    ada.delete(&format!("{}/{id}", invitations_path(&client)), json!({})).await.expect(200);
    assert_eq!(status(&visitor, &revoked).await, "revoked");
    let expired = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    app.advance_clock_only(7 * DAY).await;
    let (ada, bob) = (ada.sign_in(&app).await, bob.sign_in(&app).await);
    assert_eq!(status(&visitor, &expired).await, "expired");
    let list = ada.get(&invitations_path(&client)).await.json();
    let id = list["data"][0]["id"].as_str().unwrap().to_owned();
    resend_invitation(&ada, &client, &id).await.expect(200);
    show(&visitor, &expired).await.expect_error(404, "NOT_FOUND");
    let accepted = read_invitation_token(&app, &bob.email).await;
    assert_eq!(status(&visitor, &accepted).await, "pending");
    accept_invitation(&bob, &accepted).await.expect(200);
    assert_eq!(status(&visitor, &accepted).await, "accepted");
    // The ids of an ended invitation do not show it without the secret.
    let read = InvitationToken::parse(&accepted).unwrap();
    let ctx = app.stack().context();
    let forged = InvitationToken::generate(&*ctx.random, read.client_id(), read.invitation_id());
    for unknown in [forged.reveal(), "x", &"A".repeat(86)] {
        show(&visitor, unknown).await.expect_error(404, "NOT_FOUND");
    }
    show(&visitor, " ").await.expect_error(400, "MISSING_TOKEN");
}

#[tokio::test]
async fn an_invitation_of_a_deleted_organization_is_not_shown() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    let token = invite_and_read_token(&app, &ada, &client, &bob.email).await;
    let path = format!("/v1/clients/{client}");
    ada.delete(&path, json!({"confirm": "Acme Corp", "password": PASSWORD})).await.expect(200);
    show(&app.visitor(), &token).await.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn previews_are_limited_per_network() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for _ in 0..30 {
        show(&visitor, &"A".repeat(86)).await.expect_error(404, "NOT_FOUND");
    }
    show(&visitor, &"A".repeat(86)).await.expect_error(429, "RATE_LIMITED");
    // Visitors of other networks are not affected.
    show(&app.visitor(), &"A".repeat(86)).await.expect_error(404, "NOT_FOUND");
}
