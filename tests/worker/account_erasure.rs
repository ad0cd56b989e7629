//! Erasing: nothing about the person is left, nothing of anybody else's is gone, and whatever stops it,
//! the next run makes up for it.

use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{Outcome, erase};
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

/// A name that nothing else contains by chance.
const WHO: &str = "zebulon-quarternail";

async fn delete(person: &Person) {
    let body = json!({"password": PASSWORD, "confirm": "DELETE"});
    person.delete("/v1/me", body).await.expect(200);
}

/// Every row that waits to be erased.
async fn waiting(app: &TestApp) -> Vec<Erasure> {
    let rows = app.items("ERASURE", "").await;
    let of = |row: &Value| Erasure {
        user_id: row["user_id"]["S"].as_str().unwrap().parse().unwrap(),
        due_at: Timestamp::from_seconds(row["due_at"]["N"].as_str().unwrap().parse().unwrap()),
    };
    rows.iter().map(of).collect()
}

/// The items that hold any of the texts, in whatever case, in a key or a value.
async fn holding(app: &TestApp, texts: &[&str]) -> Vec<Value> {
    let holds = |item: &Value| {
        let item = item.to_string().to_lowercase();
        texts.iter().any(|text| item.contains(&text.to_lowercase()))
    };
    app.dump().await.into_iter().filter(holds).collect()
}

/// Where an item lies, without what is the item's own.
fn kinds(items: &[Value]) -> Vec<String> {
    let kind =
        |item: &Value| item["pk"]["S"].as_str().unwrap().split('#').next().unwrap().to_owned();
    let mut kinds: Vec<_> = items.iter().map(kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn table(app: &TestApp) -> &Table {
    &app.stack().context().table
}

/// Connects an account at Google, by what connecting writes.
async fn connect_google(app: &TestApp, user: &UserId, subject: &str) {
    let issuer = "https://accounts.google.com".to_owned();
    let google = GoogleAccount {
        issuer: issuer.clone(),
        subject: subject.to_owned(),
        email: EmailAddress::parse(&format!("{WHO}@gmail.com")).unwrap(),
        connected_at: Timestamp::from_seconds(app.now().await),
    };
    let connect = Update::new(keys::user(user)).set("google", google).unwrap();
    table(app).update::<User>(connect.add("version", 1)).await.unwrap().unwrap();
    let guard = Update::new(keys::google(&issuer, subject)).set("user_id", user).unwrap();
    table(app).update::<Value>(guard).await.unwrap().unwrap();
}

async fn change_email(app: &TestApp, person: &Person, new: &str) {
    let change = json!({"new_email": new, "password": PASSWORD});
    person.post("/v1/me/email", change).await.expect(200);
    let code = app.code(new).await;
    person.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
}

/// Somebody with one of everything that is stored about a person, who deletes the account.
async fn somebody_leaves(app: &TestApp) -> (Person, UserId) {
    let person = app.sign_up(WHO).await;
    let id = person.id().await;
    let profile = json!({"company": WHO, "job_title": WHO, "phone": "+44 20 7946 0018"});
    let profile = Some(("application/json", profile.to_string().into_bytes()));
    person.visitor.send(Method::PATCH, "/v1/me", profile).await.expect(200);
    person.sign_in(app).await;
    change_email(app, &person, &format!("{WHO}@example.org")).await;
    let person = Person { email: format!("{WHO}@example.org"), ..person };
    app.visitor().post("/v1/password/forgot", json!({"email": person.email})).await.expect(200);
    connect_google(app, &id, "471108154711081547110").await;
    insert_organization(app, &id, &[]).await;
    app.advance_clock(40 * DAY).await;
    let person = person.sign_in(app).await;
    // A change of the address that can still be undone, and one that was only asked for.
    change_email(app, &person, &format!("{WHO}@example.net")).await;
    app.advance_clock(61).await;
    let person = Person { email: format!("{WHO}@example.net"), ..person };
    let asked = json!({"new_email": format!("{WHO}@example.edu"), "password": PASSWORD});
    person.post("/v1/me/email", asked).await.expect(200);
    let (authenticator, _) = Authenticator::set_up(app, &person.visitor).await;
    app.visitor().post("/v1/login", person.credentials()).await.expect(200);
    app.advance_clock(30).await;
    let body =
        json!({"password": PASSWORD, "confirm": "DELETE", "code": authenticator.code(app).await});
    person.delete("/v1/me", body).await.expect(200);
    (person, id)
}

#[tokio::test]
async fn nothing_about_the_person_is_left() {
    let app = TestApp::start().await;
    let eve = app.sign_up("eve").await.id().await;
    let (ada, id) = somebody_leaves(&app).await;
    let texts = [WHO, id.as_str(), "471108154711081547110", "+442079460018"];
    let before = kinds(&holding(&app, &texts).await);
    let all = ["ACTIVITY", "CLIENT", "CODE", "EMAIL", "ERASURE", "GOOGLE", "USER"];
    assert_eq!(before, all, "the test makes one of everything");
    app.advance_clock(15 * DAY).await;
    assert_eq!(holding(&app, &texts).await, Vec::<Value>::new());
    // What is left is Eve's, or says nothing of anybody: not even a client or a session is left over.
    let eves = app.items("USER#", "META").await;
    let [eves] = eves.as_slice() else { panic!("{eves:?}") };
    let client = eves["default_client_id"]["S"].as_str().unwrap();
    let eves = holding(&app, &[eve.as_str(), "eve@example.com", client]).await;
    let rest: Vec<_> = app.dump().await.into_iter().filter(|item| !eves.contains(item)).collect();
    let rest = kinds(&rest);
    let may_stay = ["DECOY", "LEDGER", "MAIL", "MOVED", "SIGNIN", "THROTTLE"];
    assert!(rest.iter().all(|kind| may_stay.contains(&kind.as_str())), "{rest:?}");
    app.visitor().post("/v1/login", ada.credentials()).await.expect(401);
    // The addresses are free.
    for domain in ["com", "org", "net"] {
        let new = json!({"email": format!("{WHO}@example.{domain}"), "name": "New", "password": PASSWORD});
        app.visitor().post("/v1/register", new).await.expect(200);
    }
}

#[tokio::test]
async fn nothing_of_anybody_elses_is_gone() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up(WHO).await, app.sign_up("eve").await);
    let (ada_id, eve_id) = (ada.id().await, eve.id().await);
    // Ada is a guest of Eve's, and once connected an account at Google that is Eve's now.
    let eves = insert_organization(&app, &eve_id, &[&ada_id]).await;
    connect_google(&app, &ada_id, "471108154711081547110").await;
    let taken = keys::google("https://accounts.google.com", "471108154711081547110");
    let give = Update::new(taken.clone()).set("user_id", &eve_id).unwrap();
    table(&app).update::<Value>(give).await.unwrap().unwrap();
    delete(&ada).await;
    let not_adas = async || {
        let all = app.dump().await;
        let passing = ["MAIL", "SIGNIN", "THROTTLE", "DECOY", "MOVED"];
        // Eve's own row says how many belong to her client.
        let (eves, client) = (keys::organization(&eves), "META");
        let lasting = all.into_iter().filter(|item| {
            !passing.contains(&kinds(std::slice::from_ref(item))[0].as_str())
                && (item["pk"]["S"] != eves.pk || item["sk"]["S"] != client)
                // The worker notes how far it has added up each ledger.
                && item["sk"]["S"] != "CHECKED"
        });
        let ada_id = ada_id.as_str();
        let not_adas = lasting.filter(|item| !item.to_string().contains(ada_id));
        let mut items: Vec<_> = not_adas.map(|item| item.to_string()).collect();
        items.sort();
        items
    };
    // Ada's own, that don't say her id.
    let adas_client = app.items("CLIENT#", "META").await;
    assert_eq!(adas_client.len(), 3);
    let before = not_adas().await;
    app.advance_clock(15 * DAY).await;
    assert_eq!(not_adas().await, before);
    // Eve's log alone has Ada's id: that she left, and a member less there is.
    let [left] = &holding(&app, &[WHO, ada_id.as_str()]).await[..] else { panic!("not one") };
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

/// An account that nobody had proven gave way to the owner of its address.
#[tokio::test]
async fn a_squatter_is_erased_and_the_owner_keeps_the_address() {
    let app = TestApp::start().await;
    let address = format!("{WHO}@example.org");
    let squat = json!({"email": address, "name": "Squatter Zwölf", "password": PASSWORD});
    app.visitor().post("/v1/register", squat).await.expect(200);
    let squatter = app.items("USER#", "META").await[0]["id"]["S"].as_str().unwrap().to_owned();
    let ada = app.sign_up("ada").await;
    change_email(&app, &ada, &address).await;
    app.advance_clock(61).await;
    app.visitor().post("/v1/password/forgot", json!({"email": address})).await.expect(200);
    let due = waiting(&app).await.remove(0);
    assert_eq!(
        erase(app.stack().context(), &app.stack().clients().stripe, &due).await.unwrap(),
        Outcome::Erased
    );
    assert!(holding(&app, &[&squatter, "Squatter"]).await.is_empty());
    let ada = Person { email: address, ..ada };
    let code = app.code(&ada.email).await;
    let reset = json!({"email": ada.email, "code": code, "new_password": PASSWORD});
    app.visitor().post("/v1/password/reset", reset).await.expect(200);
    let me = ada.sign_in(&app).await.get("/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], ada.email);
}

#[tokio::test]
async fn a_long_life_is_erased_in_batches() {
    let app = TestApp::start().await;
    let ada = app.sign_up(WHO).await;
    let (id, ctx) = (ada.id().await, app.stack().context());
    let requester = Requester::new("203.0.113.9".parse().unwrap(), WHO);
    let scope = AuditScope::User(id.clone());
    for _ in 0..22 {
        let mut tx = ctx.table.transaction();
        for _ in 0..50 {
            let session = keys::session(&id, &SessionId::generate(&*ctx.random));
            let session = Update::new(session).set("user_agent", WHO).unwrap();
            tx.update(session, Error::Conflict).unwrap();
        }
        let entry = |_| {
            AuditEvent::new(ctx, &requester, &scope, &id, Action::ProfileChanged).with_target(&id)
        };
        tx.commit(Log::Entries((0..50).map(entry).collect())).await.unwrap();
    }
    delete(&ada).await;
    // More than are read at a time, and many more than are deleted at a time.
    assert!(app.items("ACTIVITY#USER#", "").await.len() > 1_100);
    assert!(app.items("USER#", "SESSION#").await.len() > 1_100);
    app.advance_clock(14 * DAY).await;
    // One run has a while for each account, in which DynamoDB Local may not get through all of it.
    for _ in 0..2 {
        if !holding(&app, &[WHO, id.as_str()]).await.is_empty() {
            app.advance_clock(DAY).await;
        }
    }
    assert!(holding(&app, &[WHO, id.as_str()]).await.is_empty());
}

/// The engine fails for good at each step of an erasure in turn: nobody gets in on the way, and the next
/// run finishes it.
#[tokio::test]
async fn whatever_stops_it_the_next_run_finishes_it() {
    const STEPS: usize = 34;
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    // The worker comes by itself before they are due.
    app.advance_clock(60).await;
    let ctx = app.stack().context();
    for step in 0..STEPS {
        let ada = app.sign_up(&format!("{WHO}-{step}-")).await;
        change_email(&app, &ada, &format!("{WHO}-{step}-@example.org")).await;
        delete(&ada).await;
    }
    app.advance_clock(14 * DAY).await;
    let due = waiting(&app).await;
    assert_eq!(due.len(), STEPS);
    for (step, due) in due.into_iter().enumerate() {
        let user: User = table(&app).get(&keys::user(&due.user_id)).await.unwrap().unwrap();
        let fault = Fault::ALL[step % Fault::ALL.len()];
        engine.inject(fault, step, 1_000);
        let result = erase(ctx, &app.stack().clients().stripe, &due).await;
        if !engine.clear_fault() {
            assert_eq!(result.unwrap(), Outcome::Erased);
            assert!(step > 15, "an erasure takes more than {step} calls");
            // What is left of all others is left for the schedule.
            app.advance_clock(DAY).await;
            assert_eq!(holding(&app, &[WHO]).await, Vec::<Value>::new());
            return;
        }
        let error = result.expect_err("the engine was down");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?} at {step}");
        let credentials = json!({"email": user.email, "password": PASSWORD});
        let login = app.visitor().post("/v1/login", credentials).await;
        login.expect_error(401, "INVALID_CREDENTIALS");
        erase(ctx, &app.stack().clients().stripe, &due).await.unwrap();
        let left = holding(&app, &[&user.name.to_string(), due.user_id.as_str()]).await;
        assert_eq!(left, Vec::<Value>::new(), "{fault:?} at step {step}");
    }
    panic!("an erasure takes more than {STEPS} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_who_erase_at_once_do_it_once() {
    let app = TestApp::start().await;
    app.advance_clock(60).await;
    let ada = app.sign_up(WHO).await;
    let id = ada.id().await;
    delete(&ada).await;
    app.advance_clock(14 * DAY).await;
    let due = waiting(&app).await.remove(0);
    let ctx = app.stack().context();
    let outcomes = race(4, |_| {
        let (ctx, due) = (ctx.clone(), due.clone());
        let stripe = app.stack().clients().stripe.clone();
        async move { erase(&ctx, &stripe, &due).await.unwrap() }
    })
    .await;
    assert!(outcomes.contains(&Outcome::Erased));
    assert!(holding(&app, &[WHO, id.as_str()]).await.is_empty());
    assert_eq!(erase(ctx, &app.stack().clients().stripe, &due).await.unwrap(), Outcome::NotDue);
}

#[tokio::test]
async fn who_came_back_is_not_erased() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    delete(&ada).await;
    let noted = waiting(&app).await.remove(0);
    let ctx = app.stack().context();
    assert_eq!(
        erase(ctx, &app.stack().clients().stripe, &noted).await.unwrap(),
        Outcome::NotDue,
        "not yet"
    );
    assert_eq!(waiting(&app).await.len(), 1);
    let back = ada.sign_in(&app).await;
    back.post("/v1/me/restore", json!({})).await.expect(200);
    // A worker that had read the note before, and one that was left behind.
    insert_record(&app, &noted).await;
    let before = app.durable_items().await.len();
    app.advance_clock(14 * DAY).await;
    assert!(waiting(&app).await.is_empty(), "a note without an account is thrown away");
    assert_eq!(app.durable_items().await.len(), before - 1);
    let back = ada.sign_in(&app).await;
    // Deleted anew, only the new note counts.
    delete(&back).await;
    insert_record(&app, &noted).await;
    assert_eq!(erase(ctx, &app.stack().clients().stripe, &noted).await.unwrap(), Outcome::NotDue);
    app.advance_clock(13 * DAY).await;
    ada.sign_in(&app).await.post("/v1/me/restore", json!({})).await.expect(200);
}

/// The worker's clock may be ahead of the others'.
#[tokio::test]
async fn once_erasing_has_begun_there_is_no_way_back_by_any_clock() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.advance_clock(60).await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    delete(&ada).await;
    app.advance_clock(14 * DAY - 1).await;
    let back = ada.sign_in(&app).await;
    app.advance_clock(1).await;
    // Stopped behind its first two calls.
    let due = waiting(&app).await.remove(0);
    engine.inject(Fault::Broken, 2, 1_000);
    erase(app.stack().context(), &app.stack().clients().stripe, &due).await.unwrap_err();
    assert!(engine.clear_fault());
    let mut user: User = table(&app).get(&keys::user(&id)).await.unwrap().unwrap();
    let deletion = user.deletion.as_mut().unwrap();
    deletion.due_at = deletion.due_at.plus(std::time::Duration::from_secs(60));
    assert!(table(&app).put(&user, Condition::Exists).await.unwrap());
    back.post("/v1/me/restore", json!({})).await.expect_error(401, "invalid session");
    let login = app.visitor().post("/v1/login", ada.credentials()).await;
    login.expect_error(401, "INVALID_CREDENTIALS");
}

/// DynamoDB may take a batch and leave some of it undone.
#[tokio::test]
async fn what_a_batch_leaves_undone_is_done_again() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.advance_clock(60).await;
    let ada = app.sign_up(WHO).await;
    let id = ada.id().await;
    delete(&ada).await;
    app.advance_clock(14 * DAY).await;
    let (ctx, due) = (app.stack().context(), waiting(&app).await.remove(0));
    engine.inject(Fault::Unprocessed, 1, 1_000);
    let error = erase(ctx, &app.stack().clients().stripe, &due).await.unwrap_err();
    assert!(engine.clear_fault() && matches!(error, Error::Unavailable(_)), "{error:?}");
    engine.inject(Fault::Unprocessed, 0, 3);
    assert_eq!(erase(ctx, &app.stack().clients().stripe, &due).await.unwrap(), Outcome::Erased);
    assert!(engine.clear_fault());
    assert!(holding(&app, &[WHO, id.as_str()]).await.is_empty());
}

#[tokio::test]
async fn one_that_fails_holds_up_no_other() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let (ada_id, bob_id, eve_id) = (ada.id().await, bob.id().await, eve.id().await);
    let shared = insert_organization(&app, &ada_id, &[]).await;
    delete(&ada).await;
    delete(&bob).await;
    // Somebody joined in between: that is to be refused, and if it wasn't, nothing of theirs is deleted.
    let (member, listed) = build_membership(&shared, &eve_id, app.now().await);
    insert_record(&app, &member).await;
    insert_record(&app, &listed).await;
    let adas = holding(&app, &[ada_id.as_str()]).await.len();
    app.advance_clock(14 * DAY).await;
    assert!(holding(&app, &[bob_id.as_str()]).await.is_empty());
    assert_eq!(holding(&app, &[ada_id.as_str()]).await.len(), adas);
    // When that is put right, so is the erasure.
    for key in [member.key(), listed.key()] {
        table(&app).delete(&key).await.unwrap();
    }
    app.advance_clock(DAY).await;
    assert!(holding(&app, &[ada_id.as_str()]).await.is_empty());
}

/// Whoever looked the address up just before the account was erased finds nobody, and no error.
#[tokio::test]
async fn a_lookup_that_meets_an_erasure_finds_nobody() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let email = EmailAddress::parse(&ada.email).unwrap();
    let guard: EmailGuard = table(&app).get(&keys::email(&email)).await.unwrap().unwrap();
    delete(&ada).await;
    app.advance_clock(14 * DAY).await;
    let ctx = app.stack().context();
    assert!(find_by_email(ctx, &email, Some(&guard)).await.unwrap().is_none());
}
