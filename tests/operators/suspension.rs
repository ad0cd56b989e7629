//! Suspending accounts and organizations: calls are refused, data stays, and payments still count.

use reqwest::Method;
use serde_json::json;
use shared::operators::suspend_account::{suspend_account, unsuspend_account};
use shared::operators::suspend_organization::{suspend_organization, unsuspend_organization};
use shared::support_case::SupportCase;
use tests::billing::BillingFixture;
use tests::invitations::{accept_invitation, invite_and_read_token};
use tests::organizations::organization_id;
use tests::two_factor::{answer_challenge, start_challenge};
use tests::{Authenticator, CARD, PageVisitor, Person, Team, TestApp, race};

fn case() -> SupportCase {
    SupportCase::parse("grace@operator.example", "T-1", "spam from the account").unwrap()
}

async fn suspend(app: &TestApp, person: &Person) {
    let id = person.id().await;
    suspend_account(app.stack().context(), &id, &case()).await.unwrap();
}

#[tokio::test]
async fn calls_of_a_suspended_account_are_refused_and_its_data_stays() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    let bearer = app.visitor().with_bearer(&app.token(&ada, |_| ()).await);
    let before = ada.get("/v1/me").await.expect(200);
    suspend(&app, &ada).await;
    for path in ["/v1/me", "/v1/me/sessions", "/v1/clients", "/v1/me/export"] {
        ada.get(path).await.expect_error(403, "SUSPENDED");
    }
    let refused = bearer.get("/v1/clients").await.expect_error(403, "SUSPENDED");
    assert_eq!(refused.json()["detail"]["message"], "This account is suspended; write to support");
    // The check needs no read of its own.
    let refused = ada.get("/v1/me").await;
    assert_eq!(refused.calls_and_trips(), before.calls_and_trips());
    // Suspending again changes nothing.
    suspend_account(app.stack().context(), &id, &case()).await.unwrap();
    unsuspend_account(app.stack().context(), &id, &case()).await.unwrap();
    assert_eq!(ada.get("/v1/me").await.expect(200).json(), before.json());
    bearer.get("/v1/clients").await.expect(200);
    let log = ada.get("/v1/me/activity").await.expect(200);
    let events = log.json()["data"].as_array().unwrap().clone();
    let by_support: Vec<_> = events.iter().filter(|event| event["support"] == true).collect();
    let actions: Vec<_> = by_support.iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["account.unsuspended", "account.suspended"]);
    assert!(!log.text.contains("grace") && !log.text.contains("T-1") && !log.text.contains("spam"));
    let stored = app.items("ACTIVITY#USER#", "").await;
    let stored = stored.iter().find(|item| item["action"]["S"] == "account.suspended").unwrap();
    assert_eq!(stored["support"]["M"]["operator"]["S"], "grace@operator.example");
    assert_eq!(stored["support"]["M"]["ticket"]["S"], "T-1");
    assert_eq!(stored["support"]["M"]["reason"]["S"], "spam from the account");
    let page = PageVisitor::signed_in(&app, &ada).open("/account/activity").await.expect(200);
    page.expect_text("Support suspended the account");
}

#[tokio::test]
async fn only_the_right_password_learns_that_an_account_is_suspended() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    suspend(&app, &ada).await;
    let wrong = json!({"email": ada.email, "password": "another-horse-9"});
    let nobody = json!({"email": "nobody@example.com", "password": "another-horse-9"});
    for body in [wrong, nobody] {
        app.visitor().post("/v1/login", body).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    // Right passwords do not count as failures, so they are never delayed.
    for _ in 0..6 {
        app.visitor().post("/v1/login", ada.credentials()).await.expect_error(403, "SUSPENDED");
    }
    let sessions = app.items("USER#", "SESSION#").await;
    assert_eq!(sessions.len(), 1, "{sessions:?}");
}

#[tokio::test]
async fn a_second_factor_starts_no_session_of_a_suspended_account() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    app.advance_clock(60).await;
    let challenge = start_challenge(&app, &ada).await;
    suspend(&app, &ada).await;
    let code = authenticator.code(&app).await;
    answer_challenge(&app, &challenge, &code).await.expect_error(403, "SUSPENDED");
    app.visitor().post("/v1/login", ada.credentials()).await.expect_error(403, "SUSPENDED");
}

#[tokio::test]
async fn a_suspended_account_can_sign_out_and_not_be_restored() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    suspend(&app, &ada).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    for path in ["/account/profile", "/account/security"] {
        let page = browser.open(path).await.expect(403).expect_text("Account suspended");
        assert_eq!(page.attributes("form", "action"), ["/account/sign-out"]);
    }
    ada.post("/v1/me/restore", json!({})).await.expect_error(403, "SUSPENDED");
    let page = browser.open("/account/profile").await;
    let fields = page.form_fields("/account/sign-out");
    browser.post("/account/sign-out", &fields).await.expect_path("/account/sign-in");
    ada.get("/v1/me").await.expect_error(401, "invalid session");
}

#[tokio::test]
async fn calls_on_a_suspended_organization_are_refused_for_everybody() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    let ctx = app.stack().context();
    let key = app.visitor().with_bearer(&app.key(&ada, &client, |_| ()).await);
    let bearer = app.visitor().with_bearer(&app.token(&ada, |_| ()).await);
    let other = ada.create_client("Other").await;
    suspend_organization(ctx, &organization_id(&client), &case()).await.unwrap();
    let path = format!("/v1/clients/{client}");
    for visitor in [&ada.visitor, &bob.visitor, &eve.visitor, &bearer, &key] {
        visitor.get(&path).await.expect_error(403, "SUSPENDED");
    }
    key.spend_credits(&client, "first", "1").await.expect_error(403, "SUSPENDED");
    // Strangers learn nothing.
    stranger.get(&path).await.expect_error(403, "NO_ACCESS");
    ada.get(&format!("/v1/clients/{other}")).await.expect(200);
    ada.get("/v1/me").await.expect(200);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    for page in ["", "/team", "/projects", "/billing", "/activity", "/usage", "/settings"] {
        let page = format!("/account/organizations/{client}{page}");
        browser.open(&page).await.expect(403).expect_text("Organization suspended");
    }
    browser.open("/account/profile").await.expect(200);
    // A member can still leave.
    eve.post(&format!("{path}/leave"), json!({})).await.expect(200);
    unsuspend_organization(ctx, &organization_id(&client), &case()).await.unwrap();
    key.get(&path).await.expect(200);
    let log = ada.get(&format!("{path}/activity?action=client.suspended")).await.expect(200);
    let event = &log.json()["data"][0];
    assert_eq!(
        (&event["support"], &event["user"], &event["key"]),
        (&json!(true), &json!(null), &json!(null))
    );
    assert!(!log.text.contains("grace"));
    let csv =
        ada.visitor.send(Method::GET, &format!("{path}/activity.csv"), None).await.expect(200);
    assert!(csv.text.contains("\"support\"") && !csv.text.contains("grace"), "{}", csv.text);
}

#[tokio::test]
async fn nobody_joins_a_suspended_organization() {
    let app = TestApp::start().await;
    let Team { owner: ada, stranger, client, .. } = Team::create(&app).await;
    let token = invite_and_read_token(&app, &ada, &client, &stranger.email).await;
    suspend_organization(app.stack().context(), &organization_id(&client), &case()).await.unwrap();
    accept_invitation(&stranger, &token).await.expect_error(403, "SUSPENDED");
}

#[tokio::test]
async fn payments_of_a_suspended_organization_still_count() {
    let fixture = BillingFixture::start().await;
    let (app, client) = (&fixture.app, organization_id(&fixture.client));
    let ctx = app.stack().context();
    let session = fixture.ada.top_up_session(&fixture.client, 2_000).await;
    suspend_organization(ctx, &client, &case()).await.unwrap();
    app.pay_checkout(&session, CARD).await;
    unsuspend_organization(ctx, &client, &case()).await.unwrap();
    assert_eq!(fixture.ada.credits(&fixture.client).await["topup_balance"], 2_000);
    app.assert_ledgers_consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_at_once_suspend_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    let results = race(4, |_| {
        let (ctx, id) = (app.stack().context().clone(), id.clone());
        async move { suspend_account(&ctx, &id, &case()).await }
    })
    .await;
    assert!(results.iter().all(Result::is_ok));
    let log = app.items("ACTIVITY#USER#", "").await;
    let count = log.iter().filter(|item| item["action"]["S"] == "account.suspended").count();
    assert_eq!(count, 1);
}
