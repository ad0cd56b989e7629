//! Tests of `GET /v1/me/export`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::accounts::{GoogleAccount, User};
use shared::activity::{Action, AuditEvent, AuditScope, Log};
use shared::clock::Timestamp;
use shared::dynamo::Update;
use shared::ids::UserId;
use shared::keys;
use shared::requester::Requester;
use shared::values::EmailAddress;
use tests::organizations::insert_organization;
use tests::passkeys::{PasskeyAuthenticator, add_passkey};
use tests::{Authenticator, PASSWORD, Person, TestApp};

/// Each prefix of a sort key under a user, with its place in the export. A new row type has to be
/// listed here with its place or with the reason for its exclusion.
const KINDS: [(&str, &str); 10] = [
    ("META", "/user/email"),
    ("SESSION#", "/sessions/0/id"),
    ("NOTIFICATIONS", "/notifications/slack_webhook_url"),
    ("TOKEN#", "/tokens/0/masked"),
    ("CLIENT#", "/clients/1/name"),
    ("LINK#", "/user/mailed_links/0/purpose"),
    ("EMAIL-UNDO#", "/user/former_emails/0/email"),
    ("TWO-FACTOR-SETUP", "/user/two_factor/setup_expires_at"),
    ("PASSKEY#", "/user/passkeys/0/id"),
    ("CHALLENGE#", "/user/two_factor/sign_ins_waiting/0/method"),
];

/// Gets the export of a person.
async fn get_export(person: &Person) -> Value {
    person.get("/v1/me/export").await.expect(200).json()
}

/// Returns the part of a sort key that identifies the row type.
fn sort_key_prefix(sort_key: &str) -> String {
    sort_key.split_once('#').map_or(sort_key.to_owned(), |(kind, _)| format!("{kind}#"))
}

#[test]
fn every_row_type_of_a_user_is_exported_or_excluded() {
    let source = include_str!("../../shared/src/keys.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | "));
    let under_a_user = rows.filter_map(|row| row.split_once("| `USER#u` | `"));
    let formats =
        under_a_user.map(|(_, sort_key)| sort_key_prefix(sort_key.split('`').next().unwrap()));
    let known: BTreeSet<_> = KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    assert_eq!(formats.collect::<BTreeSet<_>>(), known, "say where it is in the export");
}

/// Creates a user with a row of each type.
async fn create_user_with_all_rows(app: &TestApp) -> (Person, UserId) {
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    insert_organization(app, &id, &[]).await;
    let google = GoogleAccount {
        issuer: "https://accounts.google.com".to_owned(),
        subject: "4711".to_owned(),
        email: EmailAddress::parse("ada@gmail.com").unwrap(),
        connected_at: Timestamp::from_seconds(app.now().await),
    };
    let connect = Update::new(keys::user(&id)).set("google", google).unwrap().add("version", 1);
    let table = &app.stack().context().table;
    table.update::<User>(connect).await.unwrap().unwrap();
    let change = json!({"new_email": "new@example.org", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect(200);
    let code = app.code("new@example.org").await;
    ada.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
    let ada = Person { email: "new@example.org".to_owned(), ..ada };
    ada.sign_in(app).await;
    for name in ["first", "second"] {
        ada.token(name).await;
    }
    add_passkey(&ada.visitor, &mut PasskeyAuthenticator::new(app), "Laptop").await;
    Authenticator::set_up(app, &ada.visitor).await;
    app.visitor().post("/v1/login", ada.credentials()).await.expect(200);
    let webhook = "https://hooks.slack.com/services/T0123/B0123/abcdefghijklmnopqrstWx7Q";
    let body = json!({"slack_webhook_url": webhook}).to_string().into_bytes();
    let put = Some(("application/json", body));
    ada.visitor.send(reqwest::Method::PUT, "/v1/me/notifications", put).await.expect(200);
    // A setup cannot start while the second factor is enabled, but a leftover row may exist.
    let expires_at = app.now().await + 600;
    let setup = Update::new(keys::two_factor_setup(&id)).set("user_id", &id).unwrap();
    let setup =
        setup.set("secret", "sealed-secret").unwrap().set("expires_at", expires_at).unwrap();
    table.update::<Value>(setup).await.unwrap();
    (ada, id)
}

#[tokio::test]
async fn an_export_contains_all_stored_data() {
    let app = TestApp::start().await;
    let (ada, id) = create_user_with_all_rows(&app).await;
    let reply = ada.get("/v1/me/export").await.expect(200);
    assert_eq!(
        reply.header("content-disposition"),
        Some(r#"attachment; filename="aius-account.json""#)
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let export = reply.json();
    let rows = app.items(&format!("USER#{id}"), "").await;
    let stored: BTreeSet<_> =
        rows.iter().map(|row| sort_key_prefix(row["sk"]["S"].as_str().unwrap())).collect();
    let known: BTreeSet<_> = KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    assert_eq!(stored, known);
    for (kind, place) in KINDS {
        let value = export.pointer(place).unwrap_or(&Value::Null);
        assert!(!value.is_null(), "{kind} at {place}: {export}");
    }

    assert_eq!(export["exported_at"], app.now().await);
    let user = &export["user"];
    let me = ada.get("/v1/me").await.expect(200).json();
    for (field, value) in me["user"].as_object().unwrap() {
        assert_eq!(user[field], *value, "{field}");
    }
    assert_eq!(user["google"]["email"], "ada@gmail.com");
    assert_eq!(user["google"]["subject"], "4711");
    assert_eq!(user["former_emails"][0]["email"], "ada@example.com");
    assert_eq!(user["two_factor"]["enabled"], true);
    assert_eq!(user["two_factor"]["recovery_codes_left"], 10);
    assert_eq!(user["two_factor"]["since"], app.now().await);
    assert_eq!(user["known_devices"], 2);
    let passkeys = ada.get("/v1/passkeys").await.expect(200).json();
    assert_eq!(user["passkeys"], passkeys["data"]);
    assert_eq!(user["passkey_offer_declined"], false);
    // The session of the other browser has ended and is still stored.
    let sessions = export["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session["active"] == true).count(), 1);
    let clients = export["clients"].as_array().unwrap();
    let roles: Vec<_> = clients.iter().map(|client| client["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["owner", "owner"]);
    let activity = ada.get("/v1/me/activity").await.expect(200).json();
    assert_eq!(export["activity"], activity["data"]);
    assert!(activity["next_cursor"].is_null());
    let tokens = ada.get("/v1/tokens").await.expect(200).json();
    let newest_first: Vec<_> = tokens["data"].as_array().unwrap().iter().rev().cloned().collect();
    assert_eq!(newest_first.len(), 2);
    assert_eq!(export["tokens"], json!(newest_first));
    for list in ["sessions", "tokens", "clients", "activity"] {
        assert_eq!(export[format!("{list}_truncated")], false, "{list}");
    }
}

#[tokio::test]
async fn an_export_contains_no_secrets_or_hashes() {
    let app = TestApp::start().await;
    let (ada, id) = create_user_with_all_rows(&app).await;
    let export = get_export(&ada).await.to_string();
    let mut secret = Vec::new();
    for row in app.items(&format!("USER#{id}"), "").await {
        collect_secrets(&row, "", &mut secret);
    }
    assert!(secret.len() > 15, "{secret:?}");
    for text in secret {
        assert!(!export.contains(&text), "{text}");
    }
    assert!(!export.contains(&ada.session.unwrap()) && !export.contains("argon2"));
}

/// Collects the strings in a stored item that are secrets, by the names of their attributes.
fn collect_secrets(value: &Value, name: &str, found: &mut Vec<String>) {
    let is_secret = [
        "password_hash",
        "secret",
        "credential",
        "hash",
        "recovery_codes",
        "known_devices",
        "undoable",
        "network",
    ];
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if is_secret.contains(&name) { name } else { field };
                collect_secrets(value, name, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_secrets(item, name, found)),
        Value::String(text) if is_secret.contains(&name) && text.len() > 12 => {
            found.push(text.clone());
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// Inserts events into a person's log, as operations do.
async fn insert_events(app: &TestApp, user: &UserId, count: usize, details: &str) {
    let ctx = app.stack().context();
    let requester = Requester::new("203.0.113.9".parse().unwrap(), "a browser");
    let scope = AuditScope::User(user.clone());
    let entry = || {
        let entry = AuditEvent::new(ctx, &requester, &scope, user, Action::ProfileChanged)
            .with_target(user);
        entry.with_detail("fields", details)
    };
    let race = if details.len() > 1_000 { 5 } else { 100 };
    for _ in 0..count / race {
        let entries = (0..race).map(|_| entry()).collect();
        ctx.table.transaction().commit(Log::Entries(entries)).await.unwrap();
    }
}

#[tokio::test]
async fn an_export_has_the_newest_ten_thousand_events() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    insert_events(&app, &id, 10_000, "old").await;
    app.advance_clock(1).await;
    insert_events(&app, &id, 100, "new").await;
    let export = get_export(&ada).await;
    let activity = export["activity"].as_array().unwrap();
    assert_eq!((activity.len(), &export["activity_truncated"]), (10_000, &json!(true)));
    let new = |event: &&Value| event["details"]["fields"] == "new";
    assert_eq!(activity.iter().take_while(new).count(), 100);
    assert_eq!(activity.iter().filter(new).count(), 100);
}

/// A Lambda response has at most 6 MiB, and quotes count twice in it.
#[tokio::test]
async fn an_export_omits_what_exceeds_the_response_size() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    // Events within a second have no order, so the small ones get another second.
    app.advance_clock(1).await;
    insert_events(&app, &id, 20, &"\"".repeat(180_000)).await;
    let export = get_export(&ada).await;
    let exported_count = export["activity"].as_array().unwrap().len();
    assert_eq!(export["activity_truncated"], true);
    assert!((5..10).contains(&exported_count), "{exported_count}");
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
}
