//! Mails that warn before personal tokens and API keys expire.

use std::time::Duration;

use serde_json::json;
use shared::dynamo::Condition;
use shared::keys::token as token_key;
use shared::organizations::Role;
use shared::tokens::Token;
use shared::tokens::expiry_reminder::{ExpiryReminder, list_due_reminders, process_reminder};
use shared::values::TokenHolder;
use tests::api_keys::change_key;
use tests::time::{DAY, HOUR};
use tests::{Person, TestApp, race};

/// Lists the subjects of the warnings to a person, the newest first.
async fn warnings(app: &TestApp, person: &Person) -> Vec<String> {
    app.wait_for_worker().await;
    let subjects = app.subjects(&person.email).await;
    subjects.into_iter().filter(|subject| subject.contains(" expires in ")).collect()
}

async fn create_key(person: &Person, client: &str, name: &str, days: u64) -> u64 {
    let path = format!("/v1/clients/{client}/api-keys");
    let body = json!({"name": name, "expires_in_days": days});
    person.post(&path, body).await.expect(200).json()["id"].as_u64().unwrap()
}

async fn create_token(person: &Person, name: &str, days: u64) {
    let body = json!({"token_name": name, "expires_in_days": days});
    person.post("/v1/tokens", body).await.expect(200);
}

/// Moves the expiry of all tokens to `left` from now, with their first warnings. Returns how many there are.
async fn move_expiry(app: &TestApp, left: Duration) -> usize {
    let ctx = app.stack().context();
    let expires_at = ctx.now().plus(left);
    let rows = app.items("EXPIRY", "").await;
    for row in &rows {
        let holder: TokenHolder =
            row["holder"]["S"].as_str().unwrap().to_owned().try_into().unwrap();
        let number: u32 = row["number"]["N"].as_str().unwrap().parse().unwrap();
        let mut token: Token = ctx.table.get(&token_key(&holder, number)).await.unwrap().unwrap();
        token.expires_at = Some(expires_at);
        assert!(ctx.table.put(&token, Condition::Exists).await.unwrap());
        let reminder = ExpiryReminder { holder, number, expires_at, days_left: 7 };
        assert!(ctx.table.put(&reminder, Condition::Absent).await.unwrap());
    }
    rows.len()
}

#[tokio::test]
async fn owner_and_admins_are_warned_twice_before_a_key_expires() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (bob, cleo) = (app.sign_up("bob").await, app.sign_up("cleo").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Admin).await;
    app.add_member(&acme, &cleo, Role::Member).await;
    create_key(&ada, &acme, "production", 30).await;
    let expires_at = app.now().await + 30 * i64::try_from(DAY).unwrap();
    app.advance_clock(23 * DAY - 1).await;
    assert!(warnings(&app, &ada).await.is_empty());
    app.advance_clock(HOUR).await;
    let first = "The API key production expires in 7 days";
    for person in [&ada, &bob] {
        assert_eq!(warnings(&app, person).await, [first]);
        let mail = &app.mails(&person.email).await[0];
        let text = mail["text"].as_str().unwrap();
        for part in
            ["The API key production (aius_…", "of Acme", "requests with it are", "/account"]
        {
            assert!(text.contains(part), "{text}");
        }
    }
    app.advance_clock(6 * DAY - 2 * HOUR).await;
    assert_eq!(warnings(&app, &ada).await, [first]);
    app.advance_clock(2 * HOUR).await;
    let second = "The API key production expires in 1 day";
    assert_eq!(warnings(&app, &bob).await, [second, first]);
    app.advance_clock(2 * DAY).await;
    assert_eq!(warnings(&app, &ada).await, [second, first]);
    assert!(warnings(&app, &cleo).await.is_empty());
    assert!(app.now().await > expires_at);
    assert!(app.items("EXPIRY", "").await.is_empty());
}

#[tokio::test]
async fn a_user_is_warned_before_a_personal_token_expires() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    create_token(&ada, "my-cli", 8).await;
    app.advance_clock(DAY + HOUR).await;
    assert_eq!(warnings(&app, &ada).await, ["The token my-cli expires in 7 days"]);
    let text = app.mails(&ada.email).await[0]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("Your personal token my-cli (aius_…"), "{text}");
    app.advance_clock(6 * DAY).await;
    let both = ["The token my-cli expires in 1 day", "The token my-cli expires in 7 days"];
    assert_eq!(warnings(&app, &ada).await, both);
}

#[tokio::test]
async fn a_short_life_gets_only_the_warnings_that_are_ahead() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    create_key(&ada, &acme, "week", 7).await;
    create_key(&ada, &acme, "day", 1).await;
    create_token(&ada, "two-days", 2).await;
    app.advance_clock(HOUR).await;
    assert!(warnings(&app, &ada).await.is_empty());
    app.advance_clock(DAY).await;
    assert_eq!(warnings(&app, &ada).await, ["The token two-days expires in 1 day"]);
    app.advance_clock(8 * DAY).await;
    let all = warnings(&app, &ada).await;
    // The clock moved beyond the expiry of the key before the next run.
    assert!(all.len() == 1 || all[0] == "The API key week expires in 1 day", "{all:?}");
    assert!(app.items("EXPIRY", "").await.is_empty());
}

#[tokio::test]
async fn a_late_run_sends_only_the_last_warning() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    create_token(&ada, "my-cli", 30).await;
    // The first warning was due six days ago, and the last one is due now.
    move_expiry(&app, Duration::from_secs(DAY)).await;
    assert!(warnings(&app, &ada).await.is_empty());
    app.advance_clock(HOUR).await;
    assert_eq!(warnings(&app, &ada).await, ["The token my-cli expires in 1 day"]);
    app.advance_clock(DAY).await;
    assert_eq!(warnings(&app, &ada).await.len(), 1);
}

#[tokio::test]
async fn a_revoked_key_gets_no_warning_and_a_rotated_one_does() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let revoked = create_key(&ada, &acme, "revoked", 10).await;
    let rotated = create_key(&ada, &acme, "rotated", 10).await;
    change_key(&ada, &acme, revoked, "revoke").await.expect(200);
    change_key(&ada, &acme, rotated, "rotate").await.expect(200);
    create_token(&ada, "revoked-token", 10).await;
    ada.post("/v1/tokens/revoke", json!({"id": 1})).await.expect(200);
    app.advance_clock(3 * DAY + HOUR).await;
    assert_eq!(warnings(&app, &ada).await, ["The API key rotated expires in 7 days"]);
    let rows = app.items("EXPIRY", "").await;
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[tokio::test]
async fn concurrent_runs_warn_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for number in 0..5 {
        create_token(&ada, &format!("t{number}"), 30).await;
    }
    // The rows become due without a run of the stack's own schedule.
    assert_eq!(move_expiry(&app, Duration::from_secs(7 * DAY)).await, 5);
    let ctx = app.stack().context();
    let listed = list_due_reminders(ctx).await.unwrap().items;
    assert_eq!(listed.len(), 5);
    let results = race(20, |number| {
        let (ctx, reminder) = (ctx.clone(), listed[number % 5].clone());
        async move { process_reminder(&ctx, &reminder).await }
    })
    .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let sent = warnings(&app, &ada).await;
    let mut once = sent.clone();
    once.sort();
    once.dedup();
    assert_eq!((sent.len(), once.len()), (5, 5), "{sent:?}");
}

#[tokio::test]
async fn deleted_holders_leave_no_reminders() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    create_key(&ada, &acme, "production", 300).await;
    create_token(&bob, "my-cli", 300).await;
    create_token(&ada, "kept", 300).await;
    ada.delete(&format!("/v1/clients/{acme}"), json!({"confirm": "Acme"})).await.expect(200);
    bob.delete("/v1/me", json!({"password": tests::PASSWORD, "confirm": "DELETE"}))
        .await
        .expect(200);
    app.advance_clock(30 * DAY).await;
    app.wait_for_worker().await;
    let rows = app.items("EXPIRY", "").await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["holder"]["S"], ada.sign_in(&app).await.id().await.as_str());
}
