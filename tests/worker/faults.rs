//! What happens when DynamoDB fails: a clear 503, nothing half done, nothing lost.

use serde_json::{Value, json};
use tests::{Engine, Fault, PASSWORD, Person, Reply, Visitor, World, code_in};

/// More than the SDK's tries: the fault stays.
const FOR_GOOD: usize = 1000;

async fn world_on(engine: &Engine) -> World {
    World::start_on(engine).await
}

fn new_account(who: &str) -> Value {
    json!({"email": format!("{who}@example.com"), "name": "Ada", "password": PASSWORD})
}

/// 503, and nothing that a change leaves is there that wasn't before.
#[track_caller]
fn is_unavailable(reply: &Reply) {
    assert_eq!((reply.status, reply.code().as_str()), (503, "UNAVAILABLE"), "{}", reply.text);
    assert!(reply.header("retry-after").is_some());
    assert!(!reply.text.contains("ynamo"), "internals: {}", reply.text);
}

/// A world where each step of a call can be made to fail, one after the other.
///
/// `call` is what is tried; `undone` says whether nothing of it has happened.
async fn at_each_step(
    engine: &Engine,
    world: &World,
    call: impl AsyncFn() -> Reply,
    undone: impl AsyncFn() -> bool,
) -> Reply {
    for step in 0.. {
        for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
            engine.fail(fault, step, FOR_GOOD);
            let reply = call().await;
            if !engine.heal() {
                // So many steps it doesn't have: it came through.
                return reply;
            }
            is_unavailable(&reply);
            assert!(undone().await, "{fault:?} at step {step} left something behind");
            // Counters of calls are not what is tested here.
            world.advance(901).await;
        }
    }
    unreachable!("the loop ends with a call that comes through")
}

#[tokio::test]
async fn a_registration_happens_whole_or_not_at_all() {
    let engine = Engine::start().await;
    let world = world_on(&engine).await;
    let call = async || world.visitor().post("/v1/register", new_account("ada")).await;
    let undone = async || world.lasting_items().await.is_empty();
    at_each_step(&engine, &world, call, undone).await.expect(200);
    world.code("ada@example.com").await;
}

#[tokio::test]
async fn a_sign_in_happens_whole_or_not_at_all() {
    let engine = Engine::start().await;
    let world = world_on(&engine).await;
    let ada = world.person("ada").await;
    let before = world.lasting_items().await.len();
    let call = async || world.visitor().post("/v1/login", ada.credentials()).await;
    let undone = async || world.lasting_items().await.len() == before;
    at_each_step(&engine, &world, call, undone).await.expect(200);
}

#[tokio::test]
async fn a_sign_in_with_google_happens_whole_or_not_at_all() {
    let engine = Engine::start().await;
    let world = world_on(&engine).await;
    world.google_account("ada@example.com", true).await;
    let call = async || {
        let sign_in = world.visitor().get("/v1/auth/google?login_hint=ada@example.com").await;
        if sign_in.status != 302 { sign_in } else { world.google_back(&sign_in).await }
    };
    let undone = async || world.lasting_items().await.is_empty();
    at_each_step(&engine, &world, call, undone).await.expect(302);
}

#[tokio::test]
async fn signing_out_happens_whole_or_not_at_all() {
    let engine = Engine::start().await;
    let world = world_on(&engine).await;
    let ada = world.person("ada").await;
    let before = world.lasting_items().await.len();
    let call = async || ada.post("/v1/logout", json!({})).await;
    let undone = async || world.lasting_items().await.len() == before;
    at_each_step(&engine, &world, call, undone).await.expect(200);
}

#[tokio::test]
async fn a_code_is_not_used_up_by_a_failure_behind_it() {
    for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
        let engine = Engine::start().await;
        let world = world_on(&engine).await;
        let ada = world.registered("ada").await;
        let body = json!({"email": ada.email, "code": world.code(&ada.email).await});
        // Past the throttle and the judging: the account's read and the transaction.
        for step in [2, 3] {
            engine.fail(fault, step, FOR_GOOD);
            is_unavailable(&ada.post("/v1/verify-email", body.clone()).await);
            assert!(engine.heal());
            assert!(world.items("USER#", "SESSION#").await.is_empty());
        }
        ada.post("/v1/verify-email", body).await.expect(200);
    }
}

/// One failed call is nobody's business: the SDK tries again, and what was done isn't done twice.
#[tokio::test]
async fn one_lost_call_is_made_up_for() {
    for fault in Fault::ALL {
        let engine = Engine::start().await;
        let world = world_on(&engine).await;
        let visitor = world.visitor();
        for step in 0..3 {
            let who = format!("ada{step}");
            engine.fail(fault, step, 1);
            visitor.post("/v1/register", new_account(&who)).await.expect(200);
            assert!(engine.heal());
            let email = format!("{who}@example.com");
            assert_eq!(world.mails(&email).await.len(), 1, "{fault:?} at {step}");
            let person = signed_in(&world, &visitor, &email).await;
            engine.fail(fault, step, 1);
            let login = json!({"email": email, "password": PASSWORD});
            visitor.post("/v1/login", login).await.expect(200);
            assert!(engine.heal());
            engine.fail(fault, 0, 1);
            person.get("/v1/me").await.expect(200);
            assert!(engine.heal());
            world.advance(901).await;
        }
        assert_eq!(world.items("USER#", "META").await.len(), 3);
        assert_eq!(world.items("USER#", "SESSION#").await.len(), 6);
    }
}

async fn signed_in(world: &World, visitor: &Visitor, email: &str) -> Person {
    let code = code_in(&world.mails(email).await[0]);
    let reply = visitor.post("/v1/verify-email", json!({"email": email, "code": code})).await;
    Person::from_session(visitor, email, &reply.expect(200))
}

/// Mail that can't be delivered now is delivered later.
#[tokio::test]
async fn no_mail_is_lost_while_the_table_is_down() {
    let engine = Engine::start().await;
    let world = world_on(&engine).await;
    let visitor = world.visitor();
    // The registration's own three calls come through, the worker's reading of the mail doesn't.
    engine.fail(Fault::Broken, 3, 12);
    visitor.post("/v1/register", new_account("ada")).await.expect(200);
    // The worker tries again after waits that nobody can move the clock over.
    for _ in 0..200 {
        if world.mails("ada@example.com").await.len() == 1 {
            assert!(engine.heal(), "the worker met the fault");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the mail is lost");
}
