//! Erasing: nothing about the person is left, nothing of anybody else's is gone, and whatever stops it,
//! the next run makes up for it.

use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{Outcome, erase};
use shared::accounts::{EmailGuard, GoogleAccount, User, find_by_email};
use shared::activity::{Action, Entry, Log, Scope};
use shared::clock::Timestamp;
use shared::dynamo::{Condition, Record, Table, Update};
use shared::error::Error;
use shared::ids::{SessionId, UserId};
use shared::keys;
use shared::organizations::Organization;
use shared::requester::Requester;
use shared::values::EmailAddress;
use tests::{Authenticator, Engine, Fault, PASSWORD, Person, World, at_once};

use crate::deletion::{client, membership, put};

const DAY: u64 = 24 * 60 * 60;

/// A name that nothing else contains by chance.
const WHO: &str = "zebulon-quarternail";

async fn delete(person: &Person) {
    let body = json!({"password": PASSWORD, "confirm": "DELETE"});
    person.delete("/v1/me", body).await.expect(200);
}

/// Every row that waits to be erased.
async fn waiting(world: &World) -> Vec<Erasure> {
    let rows = world.items("ERASURE", "").await;
    let of = |row: &Value| Erasure {
        user_id: row["user_id"]["S"].as_str().unwrap().parse().unwrap(),
        due_at: Timestamp::from_seconds(row["due_at"]["N"].as_str().unwrap().parse().unwrap()),
    };
    rows.iter().map(of).collect()
}

/// The items that hold any of the texts, in whatever case, in a key or a value.
async fn holding(world: &World, texts: &[&str]) -> Vec<Value> {
    let holds = |item: &Value| {
        let item = item.to_string().to_lowercase();
        texts.iter().any(|text| item.contains(&text.to_lowercase()))
    };
    world.dump().await.into_iter().filter(holds).collect()
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

fn table(world: &World) -> &Table {
    &world.stack().context().table
}

/// Connects an account at Google, by what connecting writes.
async fn connect_google(world: &World, user: &UserId, subject: &str) {
    let issuer = "https://accounts.google.com".to_owned();
    let google = GoogleAccount {
        issuer: issuer.clone(),
        subject: subject.to_owned(),
        email: EmailAddress::parse(&format!("{WHO}@gmail.com")).unwrap(),
        connected_at: Timestamp::from_seconds(world.now().await),
    };
    let connect = Update::new(keys::user(user)).set("google", google).unwrap();
    table(world).update::<User>(connect.add("version", 1)).await.unwrap().unwrap();
    let guard = Update::new(keys::google(&issuer, subject)).set("user_id", user).unwrap();
    table(world).update::<Value>(guard).await.unwrap().unwrap();
}

async fn change_email(world: &World, person: &Person, new: &str) {
    let change = json!({"new_email": new, "password": PASSWORD});
    person.post("/v1/me/email", change).await.expect(200);
    let code = world.code(new).await;
    person.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
}

/// Somebody with one of everything that is stored about a person, who deletes the account.
async fn somebody_leaves(world: &World) -> (Person, UserId) {
    let person = world.person(WHO).await;
    let id = person.id().await;
    let profile = json!({"company": WHO, "job_title": WHO, "phone": "+44 20 7946 0018"});
    let profile = Some(("application/json", profile.to_string().into_bytes()));
    person.at.send(Method::PATCH, "/v1/me", profile).await.expect(200);
    person.sign_in(world).await;
    change_email(world, &person, &format!("{WHO}@example.org")).await;
    let person = Person { email: format!("{WHO}@example.org"), ..person };
    world.visitor().post("/v1/password/forgot", json!({"email": person.email})).await.expect(200);
    connect_google(world, &id, "471108154711081547110").await;
    client(world, &id, &[]).await;
    world.advance(40 * DAY).await;
    let person = person.sign_in(world).await;
    // A change of the address that can still be undone, and one that was only asked for.
    change_email(world, &person, &format!("{WHO}@example.net")).await;
    world.advance(61).await;
    let person = Person { email: format!("{WHO}@example.net"), ..person };
    let asked = json!({"new_email": format!("{WHO}@example.edu"), "password": PASSWORD});
    person.post("/v1/me/email", asked).await.expect(200);
    let (app, _) = Authenticator::set_up(world, &person.at).await;
    world.visitor().post("/v1/login", person.credentials()).await.expect(200);
    world.advance(30).await;
    let body = json!({"password": PASSWORD, "confirm": "DELETE", "code": app.code(world).await});
    person.delete("/v1/me", body).await.expect(200);
    (person, id)
}

#[tokio::test]
async fn nothing_about_the_person_is_left() {
    let world = World::start().await;
    let eve = world.person("eve").await.id().await;
    let (ada, id) = somebody_leaves(&world).await;
    let texts = [WHO, id.as_str(), "471108154711081547110", "+442079460018"];
    let before = kinds(&holding(&world, &texts).await);
    let all = ["ACTIVITY", "CLIENT", "CODE", "EMAIL", "ERASURE", "GOOGLE", "USER"];
    assert_eq!(before, all, "the test makes one of everything");
    world.advance(15 * DAY).await;
    assert_eq!(holding(&world, &texts).await, Vec::<Value>::new());
    // What is left is Eve's, or says nothing of anybody: not even a client or a session is left over.
    let eves = world.items("USER#", "META").await;
    let [eves] = eves.as_slice() else { panic!("{eves:?}") };
    let client = eves["default_client_id"]["S"].as_str().unwrap();
    let eves = holding(&world, &[eve.as_str(), "eve@example.com", client]).await;
    let rest: Vec<_> = world.dump().await.into_iter().filter(|item| !eves.contains(item)).collect();
    let rest = kinds(&rest);
    let may_stay = ["DECOY", "LEDGER", "MAIL", "MOVED", "SIGNIN", "THROTTLE"];
    assert!(rest.iter().all(|kind| may_stay.contains(&kind.as_str())), "{rest:?}");
    world.visitor().post("/v1/login", ada.credentials()).await.expect(401);
    // The addresses are free.
    for domain in ["com", "org", "net"] {
        let new = json!({"email": format!("{WHO}@example.{domain}"), "name": "New", "password": PASSWORD});
        world.visitor().post("/v1/register", new).await.expect(200);
    }
}

#[tokio::test]
async fn nothing_of_anybody_elses_is_gone() {
    let world = World::start().await;
    let (ada, eve) = (world.person(WHO).await, world.person("eve").await);
    let (ada_id, eve_id) = (ada.id().await, eve.id().await);
    // Ada is a guest of Eve's, and once connected an account at Google that is Eve's now.
    let eves = client(&world, &eve_id, &[&ada_id]).await;
    connect_google(&world, &ada_id, "471108154711081547110").await;
    let taken = keys::google("https://accounts.google.com", "471108154711081547110");
    let give = Update::new(taken.clone()).set("user_id", &eve_id).unwrap();
    table(&world).update::<Value>(give).await.unwrap().unwrap();
    delete(&ada).await;
    let not_adas = async || {
        let all = world.dump().await;
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
    let adas_client = world.items("CLIENT#", "META").await;
    assert_eq!(adas_client.len(), 3);
    let before = not_adas().await;
    world.advance(15 * DAY).await;
    assert_eq!(not_adas().await, before);
    // Eve's log alone has Ada's id: that she left, and a member less there is.
    let [left] = &holding(&world, &[WHO, ada_id.as_str()]).await[..] else { panic!("not one") };
    assert!(left["pk"]["S"].as_str().unwrap().starts_with(&format!("ACTIVITY#CLIENT#{eves}#")));
    assert_eq!(left["action"]["S"], "member.left");
    assert_eq!((&left["user_id"]["S"], &left["target"]["S"]), (&json!(ada_id), &json!(ada_id)));
    let client: Organization =
        table(&world).get(&keys::organization(&eves)).await.unwrap().unwrap();
    assert_eq!(client.members, 1);
    let eve = eve.sign_in(&world).await;
    let clients = eve.get("/v1/clients").await.expect(200).json();
    let ids: Vec<_> =
        clients["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&eves.as_str()));
}

/// An account that nobody had proven gave way to the owner of its address.
#[tokio::test]
async fn a_squatter_is_erased_and_the_owner_keeps_the_address() {
    let world = World::start().await;
    let address = format!("{WHO}@example.org");
    let squat = json!({"email": address, "name": "Squatter Zwölf", "password": PASSWORD});
    world.visitor().post("/v1/register", squat).await.expect(200);
    let squatter = world.items("USER#", "META").await[0]["id"]["S"].as_str().unwrap().to_owned();
    let ada = world.person("ada").await;
    change_email(&world, &ada, &address).await;
    world.advance(61).await;
    world.visitor().post("/v1/password/forgot", json!({"email": address})).await.expect(200);
    let due = waiting(&world).await.remove(0);
    assert_eq!(
        erase(world.stack().context(), &world.stack().ways().stripe, &due).await.unwrap(),
        Outcome::Erased
    );
    assert!(holding(&world, &[&squatter, "Squatter"]).await.is_empty());
    let ada = Person { email: address, ..ada };
    let code = world.code(&ada.email).await;
    let reset = json!({"email": ada.email, "code": code, "new_password": PASSWORD});
    world.visitor().post("/v1/password/reset", reset).await.expect(200);
    let me = ada.sign_in(&world).await.get("/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], ada.email);
}

#[tokio::test]
async fn a_long_life_is_erased_in_batches() {
    let world = World::start().await;
    let ada = world.person(WHO).await;
    let (id, ctx) = (ada.id().await, world.stack().context());
    let requester = Requester::new("203.0.113.9".parse().unwrap(), WHO);
    let scope = Scope::User(id.clone());
    for _ in 0..22 {
        let mut tx = ctx.table.transaction();
        for _ in 0..50 {
            let session = keys::session(&id, &SessionId::generate(&*ctx.random));
            let session = Update::new(session).set("user_agent", WHO).unwrap();
            tx.update(session, Error::Conflict).unwrap();
        }
        let entry = |_| Entry::new(ctx, &requester, &scope, Action::ProfileChanged, &id, &id);
        tx.commit(Log::Entries((0..50).map(entry).collect())).await.unwrap();
    }
    delete(&ada).await;
    // More than are read at a time, and many more than are deleted at a time.
    assert!(world.items("ACTIVITY#USER#", "").await.len() > 1_100);
    assert!(world.items("USER#", "SESSION#").await.len() > 1_100);
    world.advance(14 * DAY).await;
    // One run has a while for each account, in which DynamoDB Local may not get through all of it.
    for _ in 0..2 {
        if !holding(&world, &[WHO, id.as_str()]).await.is_empty() {
            world.advance(DAY).await;
        }
    }
    assert!(holding(&world, &[WHO, id.as_str()]).await.is_empty());
}

/// The engine fails for good at each step of an erasure in turn: nobody gets in on the way, and the next
/// run finishes it.
#[tokio::test]
async fn whatever_stops_it_the_next_run_finishes_it() {
    const STEPS: usize = 34;
    let engine = Engine::start().await;
    let world = World::start_on(&engine).await;
    // The worker comes by itself before they are due.
    world.advance(60).await;
    let ctx = world.stack().context();
    for step in 0..STEPS {
        let ada = world.person(&format!("{WHO}-{step}-")).await;
        change_email(&world, &ada, &format!("{WHO}-{step}-@example.org")).await;
        delete(&ada).await;
    }
    world.advance(14 * DAY).await;
    let due = waiting(&world).await;
    assert_eq!(due.len(), STEPS);
    for (step, due) in due.into_iter().enumerate() {
        let user: User = table(&world).get(&keys::user(&due.user_id)).await.unwrap().unwrap();
        let fault = Fault::ALL[step % Fault::ALL.len()];
        engine.fail(fault, step, 1_000);
        let result = erase(ctx, &world.stack().ways().stripe, &due).await;
        if !engine.heal() {
            assert_eq!(result.unwrap(), Outcome::Erased);
            assert!(step > 15, "an erasure takes more than {step} calls");
            // What is left of all others is left for the schedule.
            world.advance(DAY).await;
            assert_eq!(holding(&world, &[WHO]).await, Vec::<Value>::new());
            return;
        }
        let error = result.expect_err("the engine was down");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?} at {step}");
        let credentials = json!({"email": user.email, "password": PASSWORD});
        let login = world.visitor().post("/v1/login", credentials).await;
        login.expect_error(401, "INVALID_CREDENTIALS");
        erase(ctx, &world.stack().ways().stripe, &due).await.unwrap();
        let left = holding(&world, &[&user.name.to_string(), due.user_id.as_str()]).await;
        assert_eq!(left, Vec::<Value>::new(), "{fault:?} at step {step}");
    }
    panic!("an erasure takes more than {STEPS} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_who_erase_at_once_do_it_once() {
    let world = World::start().await;
    world.advance(60).await;
    let ada = world.person(WHO).await;
    let id = ada.id().await;
    delete(&ada).await;
    world.advance(14 * DAY).await;
    let due = waiting(&world).await.remove(0);
    let ctx = world.stack().context();
    let outcomes = at_once(4, |_| {
        let (ctx, due) = (ctx.clone(), due.clone());
        let stripe = world.stack().ways().stripe.clone();
        async move { erase(&ctx, &stripe, &due).await.unwrap() }
    })
    .await;
    assert!(outcomes.contains(&Outcome::Erased));
    assert!(holding(&world, &[WHO, id.as_str()]).await.is_empty());
    assert_eq!(erase(ctx, &world.stack().ways().stripe, &due).await.unwrap(), Outcome::NotDue);
}

#[tokio::test]
async fn who_came_back_is_not_erased() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    delete(&ada).await;
    let noted = waiting(&world).await.remove(0);
    let ctx = world.stack().context();
    assert_eq!(
        erase(ctx, &world.stack().ways().stripe, &noted).await.unwrap(),
        Outcome::NotDue,
        "not yet"
    );
    assert_eq!(waiting(&world).await.len(), 1);
    let back = ada.sign_in(&world).await;
    back.post("/v1/me/restore", json!({})).await.expect(200);
    // A worker that had read the note before, and one that was left behind.
    put(&world, &noted).await;
    let before = world.lasting_items().await.len();
    world.advance(14 * DAY).await;
    assert!(waiting(&world).await.is_empty(), "a note without an account is thrown away");
    assert_eq!(world.lasting_items().await.len(), before - 1);
    let back = ada.sign_in(&world).await;
    // Deleted anew, only the new note counts.
    delete(&back).await;
    put(&world, &noted).await;
    assert_eq!(erase(ctx, &world.stack().ways().stripe, &noted).await.unwrap(), Outcome::NotDue);
    world.advance(13 * DAY).await;
    ada.sign_in(&world).await.post("/v1/me/restore", json!({})).await.expect(200);
}

/// The worker's clock may be ahead of the others'.
#[tokio::test]
async fn once_erasing_has_begun_there_is_no_way_back_by_any_clock() {
    let engine = Engine::start().await;
    let world = World::start_on(&engine).await;
    world.advance(60).await;
    let ada = world.person("ada").await;
    let id = ada.id().await;
    delete(&ada).await;
    world.advance(14 * DAY - 1).await;
    let back = ada.sign_in(&world).await;
    world.advance(1).await;
    // Stopped behind its first two calls.
    let due = waiting(&world).await.remove(0);
    engine.fail(Fault::Broken, 2, 1_000);
    erase(world.stack().context(), &world.stack().ways().stripe, &due).await.unwrap_err();
    assert!(engine.heal());
    let mut user: User = table(&world).get(&keys::user(&id)).await.unwrap().unwrap();
    let deletion = user.deletion.as_mut().unwrap();
    deletion.due_at = deletion.due_at.plus(std::time::Duration::from_secs(60));
    table(&world).put(&user, Condition::Exists, Error::NotFound).await.unwrap();
    back.post("/v1/me/restore", json!({})).await.expect_error(401, "invalid session");
    let login = world.visitor().post("/v1/login", ada.credentials()).await;
    login.expect_error(401, "INVALID_CREDENTIALS");
}

/// DynamoDB may take a batch and leave some of it undone.
#[tokio::test]
async fn what_a_batch_leaves_undone_is_done_again() {
    let engine = Engine::start().await;
    let world = World::start_on(&engine).await;
    world.advance(60).await;
    let ada = world.person(WHO).await;
    let id = ada.id().await;
    delete(&ada).await;
    world.advance(14 * DAY).await;
    let (ctx, due) = (world.stack().context(), waiting(&world).await.remove(0));
    engine.fail(Fault::Unprocessed, 1, 1_000);
    let error = erase(ctx, &world.stack().ways().stripe, &due).await.unwrap_err();
    assert!(engine.heal() && matches!(error, Error::Unavailable(_)), "{error:?}");
    engine.fail(Fault::Unprocessed, 0, 3);
    assert_eq!(erase(ctx, &world.stack().ways().stripe, &due).await.unwrap(), Outcome::Erased);
    assert!(engine.heal());
    assert!(holding(&world, &[WHO, id.as_str()]).await.is_empty());
}

#[tokio::test]
async fn one_that_fails_holds_up_no_other() {
    let world = World::start().await;
    let (ada, bob, eve) =
        (world.person("ada").await, world.person("bob").await, world.person("eve").await);
    let (ada_id, bob_id, eve_id) = (ada.id().await, bob.id().await, eve.id().await);
    let shared = client(&world, &ada_id, &[]).await;
    delete(&ada).await;
    delete(&bob).await;
    // Somebody joined in between: that is to be refused, and if it wasn't, nothing of theirs is deleted.
    let (member, listed) = membership(&shared, &eve_id, world.now().await);
    put(&world, &member).await;
    put(&world, &listed).await;
    let adas = holding(&world, &[ada_id.as_str()]).await.len();
    world.advance(14 * DAY).await;
    assert!(holding(&world, &[bob_id.as_str()]).await.is_empty());
    assert_eq!(holding(&world, &[ada_id.as_str()]).await.len(), adas);
    // When that is put right, so is the erasure.
    for key in [member.key(), listed.key()] {
        table(&world).delete(&key).await.unwrap();
    }
    world.advance(DAY).await;
    assert!(holding(&world, &[ada_id.as_str()]).await.is_empty());
}

/// Whoever looked the address up just before the account was erased finds nobody, and no error.
#[tokio::test]
async fn a_lookup_that_meets_an_erasure_finds_nobody() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let email = EmailAddress::parse(&ada.email).unwrap();
    let guard: EmailGuard = table(&world).get(&keys::email(&email)).await.unwrap().unwrap();
    delete(&ada).await;
    world.advance(14 * DAY).await;
    let ctx = world.stack().context();
    assert!(find_by_email(ctx, &email, Some(&guard)).await.unwrap().is_none());
}
