//! The limits on invitations: the seats of the plan and the number of mails.

use shared::organizations::Role;
use tests::TestApp;
use tests::invitations::{
    accept_invitation, decline_invitation, find_invitation_token, invite, invite_and_read_token,
};
use tests::members::{assert_memberships_consistent, create_team, sign_up_member};
use tests::time::{DAY, HOUR};

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
    accept_invitation(&a, &find_invitation_token(&app, "a@example.com").await).await.expect(200);
    invite(&ada, &client, "b@example.com").await.expect_error(402, "PLAN_LIMIT");
    // Expired invitations take no seat, even while they are stored.
    app.advance_clock_only(7 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let b = invite_and_read_token(&app, &ada, &client, "b@example.com").await;
    let c_ = app.sign_up("c").await;
    accept_invitation(&c_, &c).await.expect_error(409, "INVITATION_EXPIRED");
    // The seat was free at the invitation and is not free at the acceptance.
    app.set_plan(&client, "free").await;
    let b_ = b_.sign_in(&app).await;
    accept_invitation(&b_, &b).await.expect_error(402, "PLAN_LIMIT");
    app.set_plan(&client, "basic").await;
    accept_invitation(&b_, &b).await.expect(200);
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn invitations_are_limited_per_organization_and_address() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    app.advance_to_next(HOUR).await;
    ada.reauthenticate().await;
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
    ada.reauthenticate().await;
    invite(&ada, &client, "a@example.com").await.expect(200);
}
