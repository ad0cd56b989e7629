//! A stranger who fails to sign in leaves a limited number of records.

use serde_json::{Value, json};
use shared::accounts::failed_sign_in::FAILURE_LOG_LIMIT;
use tests::activity::list_user_log_entries;
use tests::time::HOUR;
use tests::two_factor::{answer_challenge, start_challenge};
use tests::{Authenticator, Reply, TestApp};

/// Fails to sign in from a new address, after the delay of earlier failures.
async fn fail(app: &TestApp, email: &str) -> Reply {
    let body = json!({"email": email, "password": "wrong-horse-9"});
    loop {
        let reply = app.visitor().post("/v1/login", body.clone()).await;
        if reply.status != 429 {
            return reply.expect(401);
        }
        let wait = reply.header("retry-after").unwrap().parse().unwrap();
        app.advance_clock(wait).await;
    }
}

#[tokio::test]
async fn failed_sign_ins_fill_no_log() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.advance_to_next(HOUR).await;
    let limit = usize::try_from(FAILURE_LOG_LIMIT).unwrap();
    for attempt in 1..=limit + 2 {
        let failed = fail(&app, &ada.email).await;
        // An address without an account costs the same.
        let unknown = fail(&app, "nobody@example.com").await;
        let cost = |reply: &Reply| (reply.cost().calls, reply.cost().trips);
        assert_eq!(cost(&failed), cost(&unknown), "{attempt}");
        // Beyond the limit, no write is tried.
        assert_eq!(cost(&failed), if attempt <= limit { (5, 3) } else { (4, 2) }, "{attempt}");
        let logged = list_user_log_entries(&app, "session.failed").await.len();
        assert_eq!(logged, attempt.min(limit));
    }
    app.advance_clock(HOUR).await;
    fail(&app, &ada.email).await;
    assert_eq!(list_user_log_entries(&app, "session.failed").await.len(), limit + 1);
    // Nothing is kept for the address without an account but what expires.
    app.wait_for_worker().await;
    for row in app.dump().await {
        assert!(!row.to_string().contains("nobody@example.com"), "{row}");
    }
}

#[tokio::test]
async fn wrong_second_factors_are_logged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    app.advance_to_next(HOUR).await;
    // A stranger cannot hide them with wrong passwords.
    for _ in 0..FAILURE_LOG_LIMIT {
        fail(&app, &ada.email).await;
    }
    let logged = list_user_log_entries(&app, "session.failed").await.len();
    let challenge = start_challenge(&app, &ada).await;
    let recovery_code = "aaaa-aaaa-aaaa-aaaa";
    for (code, method) in [("wrong", "otp"), (recovery_code, "recovery")] {
        answer_challenge(&app, &challenge, code).await.expect_error(401, "INVALID_CODE");
        let log = list_user_log_entries(&app, "session.failed").await;
        let with_method = |entry: &&Value| entry["details"]["M"]["method"]["S"] == method;
        assert_eq!(log.iter().filter(with_method).count(), 1, "{method}");
    }
    assert_eq!(list_user_log_entries(&app, "session.failed").await.len(), logged + 2);
}
