//! Account erasure removes everything about the user and nothing else, and the next run finishes an
//! interrupted one.

use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account};
use shared::accounts::{EmailGuard, GoogleAccount, User, find_by_email};
use shared::activity::{Action, AuditEvent, AuditScope, Log};
use shared::clock::Timestamp;
use shared::dynamo::{Condition, Record, Table, Update};
use shared::error::Error;
use shared::ids::{SessionId, UserId};
use shared::keys;
use shared::organizations::Organization;
use shared::requester::Requester;
use shared::values::EmailAddress;
use tests::{Authenticator, Fault, FaultProxy, PASSWORD, Person, TestApp, race};

use crate::routes::deletion::{build_membership, insert_organization, insert_record};

const DAY: u64 = 24 * 60 * 60;

/// A name that occurs nowhere else by chance.
const UNIQUE_NAME: &str = "zebulon-quarternail";

/// Deletes the account of a user, which schedules its erasure.
async fn delete_account(person: &Person) {
    let body = json!({"password": PASSWORD, "confirm": "DELETE"});
    person.delete("/v1/me", body).await.expect(200);
}

/// Lists the scheduled erasures.
async fn list_erasures(app: &TestApp) -> Vec<Erasure> {
    let rows = app.items("ERASURE", "").await;
    let of = |row: &Value| Erasure {
        user_id: row["user_id"]["S"].as_str().unwrap().parse().unwrap(),
        due_at: Timestamp::from_seconds(row["due_at"]["N"].as_str().unwrap().parse().unwrap()),
    };
    rows.iter().map(of).collect()
}

/// Lists the items that contain any of the texts in a key or a value, ignoring case.
async fn items_containing(app: &TestApp, texts: &[&str]) -> Vec<Value> {
    let holds = |item: &Value| {
        let item = item.to_string().to_lowercase();
        texts.iter().any(|text| item.contains(&text.to_lowercase()))
    };
    app.dump().await.into_iter().filter(holds).collect()
}

/// Lists the kinds of partitions of items, such as `USER`.
fn partition_kinds(items: &[Value]) -> Vec<String> {
    let kind =
        |item: &Value| item["pk"]["S"].as_str().unwrap().split('#').next().unwrap().to_owned();
    let mut kinds: Vec<_> = items.iter().map(kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// Returns the table.
fn table(app: &TestApp) -> &Table {
    &app.stack().context().table
}

/// Connects a Google account by writing the rows directly.
async fn connect_google(app: &TestApp, user: &UserId, subject: &str) {
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
async fn change_email(app: &TestApp, person: &Person, new: &str) {
    let change = json!({"new_email": new, "password": PASSWORD});
    person.post("/v1/me/email", change).await.expect(200);
    let code = app.code(new).await;
    person.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
}

/// Creates a user with everything that is stored about a user, and deletes the account.
async fn delete_full_account(app: &TestApp) -> (Person, UserId) {
    let person = app.sign_up(UNIQUE_NAME).await;
    let id = person.id().await;
    let profile =
        json!({"company": UNIQUE_NAME, "job_title": UNIQUE_NAME, "phone": "+44 20 7946 0018"});
    let profile = Some(("application/json", profile.to_string().into_bytes()));
    person.visitor.send(Method::PATCH, "/v1/me", profile).await.expect(200);
    person.sign_in(app).await;
    change_email(app, &person, &format!("{UNIQUE_NAME}@example.org")).await;
    let person = Person { email: format!("{UNIQUE_NAME}@example.org"), ..person };
    app.visitor().post("/v1/password/forgot", json!({"email": person.email})).await.expect(200);
    connect_google(app, &id, "471108154711081547110").await;
    insert_organization(app, &id, &[]).await;
    app.advance_clock(40 * DAY).await;
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

#[tokio::test]
async fn erasure_removes_everything_about_the_user() {
    let app = TestApp::start().await;
    let eve = app.sign_up("eve").await.id().await;
    let (ada, id) = delete_full_account(&app).await;
    let texts = [UNIQUE_NAME, id.as_str(), "471108154711081547110", "+442079460018"];
    let before = partition_kinds(&items_containing(&app, &texts).await);
    let all = ["ACTIVITY", "CLIENT", "CODE", "EMAIL", "ERASURE", "GOOGLE", "USER"];
    assert_eq!(before, all, "the test makes one of everything");
    app.advance_clock(15 * DAY).await;
    assert_eq!(items_containing(&app, &texts).await, Vec::<Value>::new());
    // Every remaining item belongs to Eve or contains no personal data.
    let eves = app.items("USER#", "META").await;
    let [eves] = eves.as_slice() else { panic!("{eves:?}") };
    let client = eves["default_client_id"]["S"].as_str().unwrap();
    let eves = items_containing(&app, &[eve.as_str(), "eve@example.com", client]).await;
    let rest: Vec<_> = app.dump().await.into_iter().filter(|item| !eves.contains(item)).collect();
    let rest = partition_kinds(&rest);
    let may_stay = ["DECOY", "LEDGER", "MAIL", "MOVED", "SIGNIN", "THROTTLE"];
    assert!(rest.iter().all(|kind| may_stay.contains(&kind.as_str())), "{rest:?}");
    app.visitor().post("/v1/login", ada.credentials()).await.expect(401);
    // The addresses can be registered again.
    for domain in ["com", "org", "net"] {
        let new = json!({"email": format!("{UNIQUE_NAME}@example.{domain}"), "name": "New", "password": PASSWORD});
        app.visitor().post("/v1/register", new).await.expect(200);
    }
}

#[tokio::test]
async fn erasure_removes_nothing_of_other_users() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up(UNIQUE_NAME).await, app.sign_up("eve").await);
    let (ada_id, eve_id) = (ada.id().await, eve.id().await);
    // Ada is a member of Eve's organization, and her former Google account is connected to Eve now.
    let eves = insert_organization(&app, &eve_id, &[&ada_id]).await;
    connect_google(&app, &ada_id, "471108154711081547110").await;
    let google_key = keys::google_guard("https://accounts.google.com", "471108154711081547110");
    let transfer = Update::new(google_key.clone()).set("user_id", &eve_id).unwrap();
    table(&app).update::<Value>(transfer).await.unwrap().unwrap();
    delete_account(&ada).await;
    let not_adas = async || {
        let all = app.dump().await;
        let passing = ["MAIL", "SIGNIN", "THROTTLE", "DECOY", "MOVED"];
        // The row of Eve's organization counts its members, so the erasure changes it.
        let (eves, client) = (keys::organization(&eves), "META");
        let lasting = all.into_iter().filter(|item| {
            !passing.contains(&partition_kinds(std::slice::from_ref(item))[0].as_str())
                && (item["pk"]["S"] != eves.pk || item["sk"]["S"] != client)
                // The worker records how far it has audited each ledger.
                && item["sk"]["S"] != "CHECKED"
        });
        let ada_id = ada_id.as_str();
        let not_adas = lasting.filter(|item| !item.to_string().contains(ada_id));
        let mut items: Vec<_> = not_adas.map(|item| item.to_string()).collect();
        items.sort();
        items
    };
    // Ada's own organizations do not contain her id.
    let adas_client = app.items("CLIENT#", "META").await;
    assert_eq!(adas_client.len(), 3);
    let before = not_adas().await;
    app.advance_clock(15 * DAY).await;
    assert_eq!(not_adas().await, before);
    // Eve's audit log keeps Ada's id in the event that she left.
    let [left] = &items_containing(&app, &[UNIQUE_NAME, ada_id.as_str()]).await[..] else {
        panic!("not one")
    };
    assert!(left["pk"]["S"].as_str().unwrap().starts_with(&format!("ACTIVITY#CLIENT#{eves}#")));
    assert_eq!(left["action"]["S"], "member.left");
    assert_eq!((&left["user_id"]["S"], &left["target"]["S"]), (&json!(ada_id), &json!(ada_id)));
    let client: Organization = table(&app).get(&keys::organization(&eves)).await.unwrap().unwrap();
    assert_eq!(client.members, 1);
    let eve = eve.sign_in(&app).await;
    let clients = eve.get("/v1/clients").await.expect(200).json();
    let ids: Vec<_> =
        clients["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&eves.as_str()));
}

/// An account with an unverified address lost the address to its owner.
#[tokio::test]
async fn erasing_a_squatter_keeps_the_address_with_its_owner() {
    let app = TestApp::start().await;
    let address = format!("{UNIQUE_NAME}@example.org");
    let squat = json!({"email": address, "name": "Squatter Zwölf", "password": PASSWORD});
    app.visitor().post("/v1/register", squat).await.expect(200);
    let squatter = app.items("USER#", "META").await[0]["id"]["S"].as_str().unwrap().to_owned();
    let ada = app.sign_up("ada").await;
    change_email(&app, &ada, &address).await;
    app.advance_clock(61).await;
    app.visitor().post("/v1/password/forgot", json!({"email": address})).await.expect(200);
    let due = list_erasures(&app).await.remove(0);
    assert_eq!(
        erase_account(app.stack().context(), &app.stack().clients().stripe, &due).await.unwrap(),
        ErasureOutcome::Erased
    );
    assert!(items_containing(&app, &[&squatter, "Squatter"]).await.is_empty());
    let ada = Person { email: address, ..ada };
    let code = app.code(&ada.email).await;
    let reset = json!({"email": ada.email, "code": code, "new_password": PASSWORD});
    app.visitor().post("/v1/password/reset", reset).await.expect(200);
    let me = ada.sign_in(&app).await.get("/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], ada.email);
}

#[tokio::test]
async fn an_account_with_many_rows_is_erased_in_batches() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ada = app.sign_up(UNIQUE_NAME).await;
    let (id, ctx) = (ada.id().await, app.stack().context());
    let session = |_| {
        let key = keys::session(&id, &SessionId::generate(&*ctx.random));
        json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}, "user_agent": {"S": UNIQUE_NAME}})
    };
    bulk.put((0..1_100).map(session).collect()).await;
    let requester = Requester::new("203.0.113.9".parse().unwrap(), UNIQUE_NAME);
    let scope = AuditScope::User(id.clone());
    for _ in 0..22 {
        let entry = |_| {
            AuditEvent::new(ctx, &requester, &scope, &id, Action::ProfileChanged).with_target(&id)
        };
        let tx = ctx.table.transaction();
        tx.commit(Log::Entries((0..50).map(entry).collect())).await.unwrap();
    }
    delete_account(&ada).await;
    // More than one page of a query, and many more than one batch of a deletion.
    assert!(app.items("ACTIVITY#USER#", "").await.len() > 1_100);
    assert!(app.items("USER#", "SESSION#").await.len() > 1_100);
    app.advance_clock(14 * DAY).await;
    // A run spends limited time on each account, which DynamoDB Local may exceed.
    for _ in 0..2 {
        if !items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty() {
            app.advance_clock(DAY).await;
        }
    }
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
}

/// DynamoDB fails permanently at each step of an erasure in turn. Nobody can sign in meanwhile, and
/// the next run finishes the erasure.
#[tokio::test]
async fn the_next_run_finishes_after_a_fault() {
    const STEPS: usize = 34;
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    // The worker runs once before the erasures are due.
    app.advance_clock(60).await;
    let ctx = app.stack().context();
    for step in 0..STEPS {
        let ada = app.sign_up(&format!("{UNIQUE_NAME}-{step}-")).await;
        change_email(&app, &ada, &format!("{UNIQUE_NAME}-{step}-@example.org")).await;
        delete_account(&ada).await;
    }
    app.advance_clock(14 * DAY).await;
    let due = list_erasures(&app).await;
    assert_eq!(due.len(), STEPS);
    for (step, due) in due.into_iter().enumerate() {
        let user: User = table(&app).get(&keys::user(&due.user_id)).await.unwrap().unwrap();
        let fault = Fault::ALL[step % Fault::ALL.len()];
        engine.inject(fault, step, 1_000);
        let result = erase_account(ctx, &app.stack().clients().stripe, &due).await;
        if !engine.clear_fault() {
            assert_eq!(result.unwrap(), ErasureOutcome::Erased);
            assert!(step > 15, "an erasure takes more than {step} calls");
            // The scheduled run finishes the remaining erasures.
            app.advance_clock(DAY).await;
            assert_eq!(items_containing(&app, &[UNIQUE_NAME]).await, Vec::<Value>::new());
            return;
        }
        let error = result.expect_err("the engine was down");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?} at {step}");
        let credentials = json!({"email": user.email, "password": PASSWORD});
        let login = app.visitor().post("/v1/login", credentials).await;
        login.expect_error(401, "INVALID_CREDENTIALS");
        erase_account(ctx, &app.stack().clients().stripe, &due).await.unwrap();
        let left = items_containing(&app, &[&user.name.to_string(), due.user_id.as_str()]).await;
        assert_eq!(left, Vec::<Value>::new(), "{fault:?} at step {step}");
    }
    panic!("an erasure takes more than {STEPS} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_erasures_of_an_account_succeed_once() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    let ada = app.sign_up(UNIQUE_NAME).await;
    let id = ada.id().await;
    delete_account(&ada).await;
    app.advance_clock(14 * DAY).await;
    let due = list_erasures(&app).await.remove(0);
    let ctx = app.stack().context();
    let outcomes = race(4, |_| {
        let (ctx, due) = (ctx.clone(), due.clone());
        let stripe = app.stack().clients().stripe.clone();
        async move { erase_account(&ctx, &stripe, &due).await.unwrap() }
    })
    .await;
    assert!(outcomes.contains(&ErasureOutcome::Erased));
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
    assert_eq!(
        erase_account(ctx, &app.stack().clients().stripe, &due).await.unwrap(),
        ErasureOutcome::NotDue
    );
}

#[tokio::test]
async fn a_restored_account_is_not_erased() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    delete_account(&ada).await;
    let erasure = list_erasures(&app).await.remove(0);
    let ctx = app.stack().context();
    assert_eq!(
        erase_account(ctx, &app.stack().clients().stripe, &erasure).await.unwrap(),
        ErasureOutcome::NotDue,
        "not yet"
    );
    assert_eq!(list_erasures(&app).await.len(), 1);
    let back = ada.sign_in(&app).await;
    back.post("/v1/me/restore", json!({})).await.expect(200);
    // A worker may have read the record before the restore, or a record may be left over.
    insert_record(&app, &erasure).await;
    let before = app.durable_items().await.len();
    app.advance_clock(14 * DAY).await;
    assert!(list_erasures(&app).await.is_empty(), "a note without an account is thrown away");
    assert_eq!(app.durable_items().await.len(), before - 1);
    let back = ada.sign_in(&app).await;
    // After another deletion only the new record counts.
    delete_account(&back).await;
    insert_record(&app, &erasure).await;
    assert_eq!(
        erase_account(ctx, &app.stack().clients().stripe, &erasure).await.unwrap(),
        ErasureOutcome::NotDue
    );
    app.advance_clock(13 * DAY).await;
    ada.sign_in(&app).await.post("/v1/me/restore", json!({})).await.expect(200);
}

/// The worker's clock may be ahead of the other functions' clocks.
#[tokio::test]
async fn a_started_erasure_cannot_be_undone() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.advance_clock(60).await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    delete_account(&ada).await;
    app.advance_clock(14 * DAY - 1).await;
    let back = ada.sign_in(&app).await;
    app.advance_clock(1).await;
    // Interrupts the erasure after its first two calls.
    let due = list_erasures(&app).await.remove(0);
    engine.inject(Fault::Broken, 2, 1_000);
    erase_account(app.stack().context(), &app.stack().clients().stripe, &due).await.unwrap_err();
    assert!(engine.clear_fault());
    let mut user: User = table(&app).get(&keys::user(&id)).await.unwrap().unwrap();
    let deletion = user.deletion.as_mut().unwrap();
    deletion.due_at = deletion.due_at.plus(std::time::Duration::from_secs(60));
    assert!(table(&app).put(&user, Condition::Exists).await.unwrap());
    back.post("/v1/me/restore", json!({})).await.expect_error(401, "invalid session");
    let login = app.visitor().post("/v1/login", ada.credentials()).await;
    login.expect_error(401, "INVALID_CREDENTIALS");
}

/// DynamoDB may process only a part of a batch.
#[tokio::test]
async fn unprocessed_items_of_a_batch_are_retried() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.advance_clock(60).await;
    let ada = app.sign_up(UNIQUE_NAME).await;
    let id = ada.id().await;
    delete_account(&ada).await;
    app.advance_clock(14 * DAY).await;
    let (ctx, due) = (app.stack().context(), list_erasures(&app).await.remove(0));
    engine.inject(Fault::Unprocessed, 1, 1_000);
    let error = erase_account(ctx, &app.stack().clients().stripe, &due).await.unwrap_err();
    assert!(engine.clear_fault() && matches!(error, Error::Unavailable(_)), "{error:?}");
    engine.inject(Fault::Unprocessed, 0, 3);
    assert_eq!(
        erase_account(ctx, &app.stack().clients().stripe, &due).await.unwrap(),
        ErasureOutcome::Erased
    );
    assert!(engine.clear_fault());
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
}

#[tokio::test]
async fn a_failing_erasure_does_not_delay_others() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let (ada_id, bob_id, eve_id) = (ada.id().await, bob.id().await, eve.id().await);
    let shared = insert_organization(&app, &ada_id, &[]).await;
    delete_account(&ada).await;
    delete_account(&bob).await;
    // A user joined after the deletion. The erasure refuses, and nothing of that user is deleted.
    let (member, listed) = build_membership(&shared, &eve_id, app.now().await);
    insert_record(&app, &member).await;
    insert_record(&app, &listed).await;
    let adas = items_containing(&app, &[ada_id.as_str()]).await.len();
    app.advance_clock(14 * DAY).await;
    assert!(items_containing(&app, &[bob_id.as_str()]).await.is_empty());
    assert_eq!(items_containing(&app, &[ada_id.as_str()]).await.len(), adas);
    // The erasure continues after the membership is removed.
    for key in [member.key(), listed.key()] {
        table(&app).delete(&key).await.unwrap();
    }
    app.advance_clock(DAY).await;
    assert!(items_containing(&app, &[ada_id.as_str()]).await.is_empty());
}

/// A lookup that read the email guard just before the erasure finds no user and returns no error.
#[tokio::test]
async fn a_lookup_during_an_erasure_finds_no_user() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let email = EmailAddress::parse(&ada.email).unwrap();
    let guard: EmailGuard = table(&app).get(&keys::email_guard(&email)).await.unwrap().unwrap();
    delete_account(&ada).await;
    app.advance_clock(14 * DAY).await;
    let ctx = app.stack().context();
    assert!(find_by_email(ctx, &email, Some(&guard)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_partition_larger_than_a_query_page_is_emptied() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let row =
        |number: usize| json!({"pk": {"S": "THROTTLE#many"}, "sk": {"S": format!("{number:0>6}")}});
    bulk.put((0..1_100).map(row).collect()).await;
    app.stack().context().table.delete_partition("THROTTLE#many", None).await.unwrap();
    assert!(app.items("THROTTLE#many", "").await.is_empty());
}
