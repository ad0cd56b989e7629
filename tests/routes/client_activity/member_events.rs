//! Events of members in the log of an organization: sign-ins, failed sign-ins, password and factor changes, and the use
//! of personal tokens.

use serde_json::{Value, json};
use shared::keys;
use shared::organizations::Role;
use tests::members::sign_up_member;
use tests::notifications::{corrupt_row, count_dead_letters};
use tests::organizations::{begin_sweep_now, delete_organization};
use tests::passkeys::{PasskeyAuthenticator, add_passkey, remove_passkey};
use tests::sign_in::login_body;
use tests::time::{DAY, HOUR};
use tests::tokens::{bearer_visitor, create_token};
use tests::two_factor::answer_challenge;
use tests::{Authenticator, PASSWORD, Person, TestApp, race};

/// An organization of `ada` with the member `bob`, who joined a second ago.
struct MemberFixture {
    app: TestApp,
    ada: Person,
    bob: Person,
    acme: String,
}

impl MemberFixture {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let ada = app.sign_up("ada").await;
        let acme = ada.create_client("Acme").await;
        let bob = sign_up_member(&app, &acme, "bob", Role::Member).await;
        app.advance_clock(1).await;
        Self { app, ada, bob, acme }
    }
}

/// Fails to sign in with a wrong password.
async fn fail_to_sign_in(app: &TestApp, person: &Person) {
    app.visitor().post("/v1/login", login_body(&person.email, "wrong-horse-9")).await.expect(401);
}

/// Lists the copied events with an action in the log of an organization, once the worker has copied all.
async fn entries(app: &TestApp, client: &str, action: &str) -> Vec<Value> {
    app.wait_for_worker().await;
    let mut copies = app.copied_events().await;
    let partition = format!("ACTIVITY#CLIENT#{client}#");
    copies.retain(|event| event["pk"]["S"].as_str().unwrap().starts_with(&partition));
    copies.retain(|event| event["action"]["S"] == action);
    copies
}

#[tokio::test]
async fn a_copy_names_the_request_that_caused_it() {
    let MemberFixture { app, bob, acme, .. } = MemberFixture::start().await;
    let login = login_body(&bob.email, "wrong-horse-9");
    let failed = app.visitor().post("/v1/login", login).await.expect(401);
    let copies = entries(&app, &acme, "session.failed").await;
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0]["request_id"]["S"], failed.header("x-request-id").unwrap());
}

#[tokio::test]
async fn a_members_sign_ins_are_in_the_log() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let eve = app.sign_up("eve").await;
    let acme = ada.create_client("Acme").await;
    let foreign = eve.create_client("Foreign").await;
    bob.sign_in(&app).await;
    assert!(entries(&app, &acme, "session.started").await.is_empty(), "not a member yet");
    app.advance_clock(1).await;
    app.add_member(&acme, &bob, Role::Member).await;
    app.advance_clock(1).await;
    let bobs_id = bob.id().await;
    let again = bob.sign_in(&app).await;
    fail_to_sign_in(&app, &bob).await;
    let new = "another-horse-9";
    let change = json!({"current_password": PASSWORD, "new_password": new});
    again.post("/v1/me/password", change).await.expect(200);
    Authenticator::set_up(&app, &again.visitor).await;
    app.wait_for_worker().await;
    let log = ada.get(&format!("/v1/clients/{acme}/activity")).await.expect(200).json();
    let log = log["data"].as_array().unwrap();
    let actions: Vec<_> = log.iter().map(|event| event["action"].as_str().unwrap()).collect();
    let expected = [
        "account.two_factor_enabled",
        "account.password_changed",
        "session.failed",
        "session.started",
        "client.created",
    ];
    assert_eq!(actions, expected);
    for event in &log[..4] {
        let user = json!({"id": bobs_id.as_str(), "email": "bob@example.com"});
        assert_eq!((&event["user"], &event["target"]), (&user, &json!(bobs_id.as_str())));
        assert_eq!((&event["details"], &event["timestamp"]), (&json!({}), &json!(app.now().await)));
        assert!(event["ip"].as_str().unwrap().starts_with("127."));
    }
    assert!(entries(&app, &foreign, "session.failed").await.is_empty());
    // A wrong second factor is a failed sign-in, too.
    app.advance_clock(1).await;
    let first =
        app.visitor().post("/v1/login", login_body(&bob.email, new)).await.expect(200).json();
    let challenge = first["challenge_token"].as_str().unwrap();
    answer_challenge(&app, challenge, "wrong").await.expect_error(401, "INVALID_CODE");
    assert_eq!(entries(&app, &acme, "session.failed").await.len(), 2);
    // After the membership has ended, nothing is added.
    ada.delete(&format!("/v1/clients/{acme}/members/{bobs_id}"), json!({})).await.expect(200);
    fail_to_sign_in(&app, &bob).await;
    assert_eq!(entries(&app, &acme, "session.failed").await.len(), 2);
    // The person sees it in their own log.
    let own = again.get("/v1/me/activity").await.expect(200).json();
    assert_eq!(own["data"][0]["action"], "session.failed");
    assert_eq!(own["data"][0]["details"], json!({"method": "pwd"}));
}

#[tokio::test]
async fn the_daily_first_use_of_a_token_is_in_the_logs() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (acme, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    for client in [&acme, &other] {
        app.add_member(client, &bob, Role::Member).await;
    }
    let everywhere = create_token(&bob, json!({"token_name": "all"})).await.expect(200).json();
    let body = json!({"token_name": "one", "client_id": other});
    let one = create_token(&bob, body).await.expect(200).json();
    app.advance_to_next(DAY).await;
    for (hours_later, uses) in [(1, 1), (1, 1), (20, 1), (3, 2)] {
        app.advance_clock(hours_later * HOUR).await;
        for made in [&everywhere, &one] {
            bearer_visitor(&app, made).get("/v1/token").await.expect(200);
        }
        assert_eq!(entries(&app, &acme, "token.used").await.len(), uses, "{hours_later}");
        assert_eq!(entries(&app, &other, "token.used").await.len(), 2 * uses, "{hours_later}");
    }
    let own = app.items(&format!("ACTIVITY#USER#{}", bob.id().await), "").await;
    let used = own.iter().filter(|event| event["action"]["S"] == "token.used").count();
    assert_eq!(used, 4);
}

#[tokio::test]
async fn a_copied_event_is_written_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    app.advance_clock(1).await;
    ada.sign_in(&app).await;
    assert_eq!(entries(&app, &acme, "session.started").await.len(), 1);
    let ctx = app.stack().context().clone();
    let id = ada.id().await;
    let rows = app.items(&format!("ACTIVITY#USER#{id}"), "").await;
    let now = app.now().await.to_string();
    let is_last = |row: &&Value| row["action"]["S"] == "session.started" && row["at"]["N"] == now;
    let row = rows.iter().find(is_last).unwrap();
    let key = |name: &str| row[name]["S"].as_str().unwrap().to_owned();
    let key = shared::dynamo::Key::new(key("pk"), key("sk"));
    let event: shared::activity::AuditEvent = ctx.table.get(&key).await.unwrap().unwrap();
    let results = race(8, |_| {
        let (ctx, event) = (ctx.clone(), event.clone());
        async move { shared::activity::copy_to_organizations(&ctx, &event).await }
    })
    .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let all = entries(&app, &acme, "session.started").await;
    assert!(all.len() == 1 && all[0]["id"] == row["id"], "{all:?}");
    // Once a deleted organization is swept, it has no members, and a late copy adds nothing.
    delete_organization(&ada, &acme, "Acme").await.expect(200);
    begin_sweep_now(&ctx, &acme).await;
    app.wait_for_worker().await;
    let before = entries(&app, &acme, "session.started").await.len();
    ada.sign_in(&app).await;
    assert_eq!(entries(&app, &acme, "session.started").await.len(), before);
}

#[tokio::test]
async fn an_event_just_before_a_removal_is_not_copied_after_it() {
    let MemberFixture { app, bob, acme, .. } = MemberFixture::start().await;
    // The worker has read the membership listing, and the member is removed before it writes the copy.
    let member = keys::member(&acme.parse().unwrap(), &bob.id().await);
    app.stack().context().table.delete(&member).await.unwrap();
    bob.sign_in(&app).await;
    assert!(entries(&app, &acme, "session.started").await.is_empty());
}

/// A record that no retry can help must not hold up the mail behind it.
#[tokio::test]
async fn an_event_of_an_unreadable_membership_becomes_a_dead_letter() {
    let MemberFixture { app, ada, bob, acme } = MemberFixture::start().await;
    let user = keys::user(&bob.id().await).pk;
    for listing in app.items(&user, keys::LISTED_ORGANIZATIONS).await {
        corrupt_row(&app, &user, listing["sk"]["S"].as_str().unwrap(), "since", json!("x")).await;
    }
    app.wait_for_worker().await;
    assert_eq!(count_dead_letters(&app).await, 0);
    fail_to_sign_in(&app, &bob).await;
    app.wait_for_worker().await;
    assert_eq!(count_dead_letters(&app).await, 1);
    // The sign-ins of others are copied.
    ada.sign_in(&app).await;
    assert_eq!(entries(&app, &acme, "session.started").await.len(), 1);
    assert_eq!(count_dead_letters(&app).await, 1);
}

#[tokio::test]
async fn recovery_and_lost_factors_are_in_the_log() {
    let MemberFixture { app, bob, acme, .. } = MemberFixture::start().await;
    let passkey = add_passkey(&bob.visitor, &mut PasskeyAuthenticator::new(&app), "Laptop").await;
    remove_passkey(&bob.visitor, &passkey).await.expect(200);
    Authenticator::set_up(&app, &bob.visitor).await;
    app.report_not_me(&app.not_me_token(&bob.email).await).await.expect(200);
    app.reset_with_link(&app.reset_token(&bob.email).await, PASSWORD).await.expect(200);
    for action in [
        "account.passkey_added",
        "account.passkey_removed",
        "account.two_factor_enabled",
        "account.secured",
        "account.password_reset",
    ] {
        assert_eq!(entries(&app, &acme, action).await.len(), 1, "{action}");
    }
}
