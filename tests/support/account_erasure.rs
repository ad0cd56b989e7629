//! The erasure of an account: what an account has, and what is left of it.

use serde_json::{Value, json};
use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account};
use shared::accounts::{GoogleAccount, User};
use shared::clock::Timestamp;
use shared::dynamo::{Table, Update};
use shared::error::Error;
use shared::ids::UserId;
use shared::keys;
use shared::values::EmailAddress;

use crate::organizations::insert_organization;
use crate::passkeys::{PasskeyAuthenticator, add_passkey};
use crate::time::DAY;
use crate::{Authenticator, Fault, FaultProxy, PASSWORD, Person, TestApp, race};

/// A name that occurs nowhere else by chance.
pub const UNIQUE_NAME: &str = "zebulon-quarternail";

/// Lists the scheduled erasures.
pub async fn list_erasures(app: &TestApp) -> Vec<Erasure> {
    let rows = app.items("ERASURE", "").await;
    let of = |row: &Value| Erasure {
        user_id: row["user_id"]["S"].as_str().unwrap().parse().unwrap(),
        due_at: Timestamp::from_seconds(row["due_at"]["N"].as_str().unwrap().parse().unwrap()),
    };
    rows.iter().map(of).collect()
}

/// Erases an account four times at once, and asserts that it is erased.
pub async fn race_erasure(app: &TestApp, due: &Erasure) {
    let ctx = app.stack().context();
    let outcomes = race(4, |_| {
        let (ctx, due) = (ctx.clone(), due.clone());
        let stripe = app.stack().clients().stripe.clone();
        async move { erase_account(&ctx, &stripe, &due).await.unwrap() }
    })
    .await;
    assert!(outcomes.contains(&ErasureOutcome::Erased));
}

/// Lists the items that contain any of the texts in a key or a value, ignoring case.
pub async fn items_containing(app: &TestApp, texts: &[&str]) -> Vec<Value> {
    let holds = |item: &Value| {
        let item = item.to_string().to_lowercase();
        texts.iter().any(|text| item.contains(&text.to_lowercase()))
    };
    app.dump().await.into_iter().filter(holds).collect()
}

/// Lists the kinds of partitions of items, such as `USER`.
pub fn partition_kinds(items: &[Value]) -> Vec<String> {
    let kind =
        |item: &Value| item["pk"]["S"].as_str().unwrap().split('#').next().unwrap().to_owned();
    let mut kinds: Vec<_> = items.iter().map(kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// Erases an account while the engine fails from its call with this number on, and returns the account.
///
/// Returns `None` if the erasure takes fewer calls. It has succeeded then, and so has the scheduled run, which
/// erases the remaining accounts.
pub async fn interrupt_erasure(
    app: &TestApp,
    engine: &FaultProxy,
    due: &Erasure,
    step: usize,
) -> Option<User> {
    let user: User = table(app).get(&keys::user(&due.user_id)).await.unwrap().unwrap();
    engine.inject(Fault::ALL[step % Fault::ALL.len()], step, 1_000);
    let (ctx, stripe) = (app.stack().context(), &app.stack().clients().stripe);
    let result = erase_account(ctx, stripe, due).await;
    if !engine.clear_fault() {
        assert_eq!(result.unwrap(), ErasureOutcome::Erased);
        app.advance_clock(DAY).await;
        assert_eq!(items_containing(app, &[UNIQUE_NAME]).await, Vec::<Value>::new());
        return None;
    }
    let error = result.expect_err("the engine was down");
    assert!(matches!(error, Error::Unavailable(_)), "{error:?} at {step}");
    Some(user)
}

/// Returns the table.
pub fn table(app: &TestApp) -> &Table {
    &app.stack().context().table
}

/// Connects a Google account by writing the rows directly.
pub async fn connect_google(app: &TestApp, user: &UserId, subject: &str) {
    let issuer = "https://accounts.google.com".to_owned();
    let google = GoogleAccount {
        issuer: issuer.clone(),
        subject: subject.to_owned(),
        email: EmailAddress::parse(&format!("{UNIQUE_NAME}@gmail.com")).unwrap(),
        connected_at: Timestamp::from_seconds(app.now().await),
    };
    let connect = Update::new(keys::user(user)).set("google", google).unwrap();
    table(app).update::<User>(connect.add("version", 1)).await.unwrap().unwrap();
    let guard = Update::new(keys::google_guard(&issuer, subject)).set("user_id", user).unwrap();
    table(app).update::<Value>(guard).await.unwrap().unwrap();
}

/// Changes the email address of a user.
pub async fn change_email(app: &TestApp, person: &Person, new: &str) {
    let change = json!({"new_email": new, "password": PASSWORD});
    person.post("/v1/me/email", change).await.expect(200);
    let code = app.code(new).await;
    person.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
}

/// Creates a user with everything that is stored about a user, and deletes the account.
pub async fn delete_full_account(app: &TestApp) -> (Person, UserId) {
    let person = app.sign_up(UNIQUE_NAME).await;
    let id = person.id().await;
    let profile =
        json!({"company": UNIQUE_NAME, "job_title": UNIQUE_NAME, "phone": "+44 20 7946 0018"});
    person.patch("/v1/me", profile).await.expect(200);
    person.sign_in(app).await;
    change_email(app, &person, &format!("{UNIQUE_NAME}@example.org")).await;
    let person = Person { email: format!("{UNIQUE_NAME}@example.org"), ..person };
    app.visitor().post("/v1/password/forgot", json!({"email": person.email})).await.expect(200);
    add_passkey(&person.visitor, &mut PasskeyAuthenticator::new(app), UNIQUE_NAME).await;
    connect_google(app, &id, "471108154711081547110").await;
    insert_organization(app, &id, &[]).await;
    app.advance_clock_only(40 * DAY).await;
    let person = person.sign_in(app).await;
    // One email change can still be undone, and another one is not confirmed.
    change_email(app, &person, &format!("{UNIQUE_NAME}@example.net")).await;
    app.advance_clock(61).await;
    let person = Person { email: format!("{UNIQUE_NAME}@example.net"), ..person };
    let requested =
        json!({"new_email": format!("{UNIQUE_NAME}@example.edu"), "password": PASSWORD});
    person.post("/v1/me/email", requested).await.expect(200);
    let (authenticator, _) = Authenticator::set_up(app, &person.visitor).await;
    app.visitor().post("/v1/login", person.credentials()).await.expect(200);
    app.advance_clock(30).await;
    let body =
        json!({"password": PASSWORD, "confirm": "DELETE", "code": authenticator.code(app).await});
    person.delete("/v1/me", body).await.expect(200);
    (person, id)
}
