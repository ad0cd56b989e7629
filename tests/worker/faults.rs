//! What happens when DynamoDB fails: a clear 503, nothing half done, nothing lost.

use serde_json::{Value, json};
use tests::{Fault, FaultProxy, PASSWORD, Person, Reply, TestApp, Visitor, code_in};

/// More than the SDK's tries: the fault stays.
const FOR_GOOD: usize = 1000;

async fn world_on(engine: &FaultProxy) -> TestApp {
    TestApp::start_on(engine).await
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

/// A test app where each step of a call can be made to fail, one after the other.
///
/// `call` is what is tried; `undone` says whether nothing of it has happened.
async fn at_each_step(
    engine: &FaultProxy,
    app: &TestApp,
    call: impl AsyncFn() -> Reply,
    undone: impl AsyncFn() -> bool,
) -> Reply {
    for step in 0.. {
        for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
            engine.inject(fault, step, FOR_GOOD);
            let reply = call().await;
            if !engine.clear_fault() {
                // So many steps it doesn't have: it came through.
                return reply;
            }
            is_unavailable(&reply);
            assert!(undone().await, "{fault:?} at step {step} left something behind");
            // Counters of calls are not what is tested here.
            app.advance_clock(901).await;
        }
    }
    unreachable!("the loop ends with a call that comes through")
}

#[tokio::test]
async fn a_registration_happens_whole_or_not_at_all() {
    let engine = FaultProxy::start().await;
    let app = world_on(&engine).await;
    let call = async || app.visitor().post("/v1/register", new_account("ada")).await;
    let undone = async || app.durable_items().await.is_empty();
    at_each_step(&engine, &app, call, undone).await.expect(200);
    app.code("ada@example.com").await;
}

#[tokio::test]
async fn a_sign_in_happens_whole_or_not_at_all() {
    let engine = FaultProxy::start().await;
    let app = world_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let before = app.durable_items().await.len();
    let call = async || app.visitor().post("/v1/login", ada.credentials()).await;
    let undone = async || app.durable_items().await.len() == before;
    at_each_step(&engine, &app, call, undone).await.expect(200);
}

#[tokio::test]
async fn a_sign_in_with_google_happens_whole_or_not_at_all() {
    let engine = FaultProxy::start().await;
    let app = world_on(&engine).await;
    app.create_google_account("ada@example.com", true).await;
    let call = async || {
        let sign_in = app.visitor().get("/v1/auth/google?login_hint=ada@example.com").await;
        if sign_in.status != 302 { sign_in } else { app.finish_google_sign_in(&sign_in).await }
    };
    let undone = async || app.durable_items().await.is_empty();
    at_each_step(&engine, &app, call, undone).await.expect(302);
}

#[tokio::test]
async fn signing_out_happens_whole_or_not_at_all() {
    let engine = FaultProxy::start().await;
    let app = world_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let before = app.durable_items().await.len();
    let call = async || ada.post("/v1/logout", json!({})).await;
    let undone = async || app.durable_items().await.len() == before;
    at_each_step(&engine, &app, call, undone).await.expect(200);
}

#[tokio::test]
async fn a_code_is_not_used_up_by_a_failure_behind_it() {
    for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
        let engine = FaultProxy::start().await;
        let app = world_on(&engine).await;
        let ada = app.register_unverified("ada").await;
        let body = json!({"email": ada.email, "code": app.code(&ada.email).await});
        // Past the throttle and the judging: the account's read and the transaction.
        for step in [2, 3] {
            engine.inject(fault, step, FOR_GOOD);
            is_unavailable(&ada.post("/v1/verify-email", body.clone()).await);
            assert!(engine.clear_fault());
            assert!(app.items("USER#", "SESSION#").await.is_empty());
        }
        ada.post("/v1/verify-email", body).await.expect(200);
    }
}

/// One failed call is nobody's business: the SDK tries again, and what was done isn't done twice.
#[tokio::test]
async fn one_lost_call_is_made_up_for() {
    for fault in Fault::ALL {
        let engine = FaultProxy::start().await;
        let app = world_on(&engine).await;
        let visitor = app.visitor();
        for step in 0..3 {
            let who = format!("ada{step}");
            engine.inject(fault, step, 1);
            visitor.post("/v1/register", new_account(&who)).await.expect(200);
            assert!(engine.clear_fault());
            let email = format!("{who}@example.com");
            assert_eq!(app.mails(&email).await.len(), 1, "{fault:?} at {step}");
            let person = signed_in(&app, &visitor, &email).await;
            engine.inject(fault, step, 1);
            let login = json!({"email": email, "password": PASSWORD});
            visitor.post("/v1/login", login).await.expect(200);
            assert!(engine.clear_fault());
            engine.inject(fault, 0, 1);
            person.get("/v1/me").await.expect(200);
            assert!(engine.clear_fault());
            app.advance_clock(901).await;
        }
        assert_eq!(app.items("USER#", "META").await.len(), 3);
        assert_eq!(app.items("USER#", "SESSION#").await.len(), 6);
    }
}

async fn signed_in(app: &TestApp, visitor: &Visitor, email: &str) -> Person {
    let code = code_in(&app.mails(email).await[0]);
    let reply = visitor.post("/v1/verify-email", json!({"email": email, "code": code})).await;
    Person::from_session(visitor, email, &reply.expect(200))
}

/// Mail that can't be delivered now is delivered later.
#[tokio::test]
async fn no_mail_is_lost_while_the_table_is_down() {
    let engine = FaultProxy::start().await;
    let app = world_on(&engine).await;
    let visitor = app.visitor();
    // The registration's own three calls come through, the worker's reading of the mail doesn't.
    engine.inject(Fault::Broken, 3, 12);
    visitor.post("/v1/register", new_account("ada")).await.expect(200);
    // The worker tries again after waits that nobody can move the clock over.
    for _ in 0..200 {
        if app.mails("ada@example.com").await.len() == 1 {
            assert!(engine.clear_fault(), "the worker met the fault");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the mail is lost");
}
