//! DynamoDB faults lead to a clear 503; nothing is half done and nothing is lost.

use serde_json::{Value, json};
use tests::faults::PERMANENTLY;
use tests::{Fault, FaultProxy, PASSWORD, Person, Reply, TestApp, Visitor, code_in};

/// Starts a test app on a fault proxy.
async fn start_app_on(engine: &FaultProxy) -> TestApp {
    TestApp::start_on(engine).await
}

/// Returns the body of a registration.
fn registration(who: &str) -> Value {
    json!({"email": format!("{who}@example.com"), "name": "Ada", "password": PASSWORD})
}

/// Asserts that a response is 503 and shows no internals.
#[track_caller]
fn assert_unavailable(reply: &Reply) {
    assert_eq!((reply.status, reply.code().as_str()), (503, "UNAVAILABLE"), "{}", reply.text);
    assert!(reply.header("retry-after").is_some());
    assert!(!reply.text.contains("ynamo"), "internals: {}", reply.text);
}

/// Repeats a call while each of its steps fails in turn, and returns the first response without a
/// fault.
/// `undone` reports whether the failed call has changed nothing.
async fn call_with_faults(
    engine: &FaultProxy,
    app: &TestApp,
    call: impl AsyncFn() -> Reply,
    undone: impl AsyncFn() -> bool,
) -> Reply {
    for step in 0.. {
        for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
            engine.inject(fault, step, PERMANENTLY);
            let reply = call().await;
            if !engine.clear_fault() {
                // The call has fewer steps, so it succeeded.
                return reply;
            }
            assert_unavailable(&reply);
            assert!(undone().await, "{fault:?} at step {step} left something behind");
            // Advancing the clock resets the throttles.
            app.advance_clock(901).await;
        }
    }
    unreachable!("the loop ends with a call that comes through")
}

#[tokio::test]
async fn a_registration_is_atomic() {
    let engine = FaultProxy::start().await;
    let app = start_app_on(&engine).await;
    let call = async || app.visitor().post("/v1/register", registration("ada")).await;
    let undone = async || app.durable_items().await.is_empty();
    call_with_faults(&engine, &app, call, undone).await.expect(200);
    app.code("ada@example.com").await;
}

#[tokio::test]
async fn a_sign_in_is_atomic() {
    let engine = FaultProxy::start().await;
    let app = start_app_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let before = app.durable_items().await.len();
    let call = async || app.visitor().post("/v1/login", ada.credentials()).await;
    let undone = async || app.durable_items().await.len() == before;
    call_with_faults(&engine, &app, call, undone).await.expect(200);
}

#[tokio::test]
async fn a_sign_in_with_google_is_atomic() {
    let engine = FaultProxy::start().await;
    let app = start_app_on(&engine).await;
    app.create_google_account("ada@example.com", true).await;
    let call = async || {
        let sign_in = app.visitor().get("/v1/auth/google?login_hint=ada@example.com").await;
        if sign_in.status != 302 { sign_in } else { app.finish_google_sign_in(&sign_in).await }
    };
    let undone = async || app.durable_items().await.is_empty();
    call_with_faults(&engine, &app, call, undone).await.expect(302);
}

#[tokio::test]
async fn signing_out_is_atomic() {
    let engine = FaultProxy::start().await;
    let app = start_app_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let before = app.durable_items().await.len();
    let call = async || ada.post("/v1/logout", json!({})).await;
    let undone = async || app.durable_items().await.len() == before;
    call_with_faults(&engine, &app, call, undone).await.expect(200);
}

#[tokio::test]
async fn a_code_survives_a_later_failure() {
    for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
        let engine = FaultProxy::start().await;
        let app = start_app_on(&engine).await;
        let ada = app.register_unverified("ada").await;
        let body = json!({"email": ada.email, "code": app.code(&ada.email).await});
        // Two calls precede: the throttle and the check of the code. The faults hit the read of the
        // account and the transaction.
        for step in [2, 3] {
            engine.inject(fault, step, PERMANENTLY);
            assert_unavailable(&ada.post("/v1/verify-email", body.clone()).await);
            assert!(engine.clear_fault());
            assert!(app.items("USER#", "SESSION#").await.is_empty());
        }
        ada.post("/v1/verify-email", body).await.expect(200);
    }
}

/// The SDK retries a failed call, and a call that succeeded before its response was lost has no
/// second effect.
#[tokio::test]
async fn one_failed_call_is_retried_without_a_second_effect() {
    for fault in Fault::ALL {
        let engine = FaultProxy::start().await;
        let app = start_app_on(&engine).await;
        let visitor = app.visitor();
        for step in 0..3 {
            let who = format!("ada{step}");
            engine.inject(fault, step, 1);
            visitor.post("/v1/register", registration(&who)).await.expect(200);
            assert!(engine.clear_fault());
            let email = format!("{who}@example.com");
            assert_eq!(app.mails(&email).await.len(), 1, "{fault:?} at {step}");
            let person = verify_and_sign_in(&app, &visitor, &email).await;
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

/// Verifies an address with the mailed code, which signs in.
async fn verify_and_sign_in(app: &TestApp, visitor: &Visitor, email: &str) -> Person {
    let code = code_in(&app.mails(email).await[0]);
    let reply = visitor.post("/v1/verify-email", json!({"email": email, "code": code})).await;
    Person::from_session(visitor, email, &reply.expect(200))
}

/// Mail that cannot be delivered is retried.
#[tokio::test]
async fn mail_is_delivered_after_an_outage_of_the_table() {
    let engine = FaultProxy::start().await;
    let app = start_app_on(&engine).await;
    let visitor = app.visitor();
    // The registration makes four calls. The faults hit the worker's read of the mail.
    engine.inject(Fault::Broken, 4, 12);
    visitor.post("/v1/register", registration("ada")).await.expect(200);
    // The worker's retry delays do not follow the clock of the stack.
    for _ in 0..200 {
        if app.mails("ada@example.com").await.len() == 1 {
            assert!(engine.clear_fault(), "the worker met the fault");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the mail is lost");
}
