//! Tests of `POST /v1/password/forgot`, `/v1/password/reset` and `/v1/me/password`.

use serde_json::{Value, json};
use tests::enumeration::comparable_parts;
use tests::malformed_bodies::malformed_bodies;
use tests::sign_in::login_body;
use tests::{PASSWORD, Person, Reply, TestApp, count_successes, race, race_size};

const NEW: &str = "another-horse-7";

/// Requests a password reset.
async fn request_reset(app: &TestApp, email: &str) -> Reply {
    app.visitor().post("/v1/password/forgot", json!({"email": email})).await
}

/// Builds the body of a reset.
fn reset_body(email: &str, code: &str) -> Value {
    json!({"email": email, "code": code, "new_password": NEW})
}

/// Requests a password reset and reads the mailed code.
async fn request_reset_code(app: &TestApp, person: &Person) -> String {
    request_reset(app, &person.email).await.expect(200);
    app.code(&person.email).await
}

#[tokio::test]
async fn a_mailed_code_resets_the_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let code = request_reset_code(&app, &ada).await;
    let body = reset_body(" ADA@example.com", &code.to_lowercase());
    let reply = app.visitor().post("/v1/password/reset", body).await.expect(200);
    assert_eq!(reply.json()["message"], "Password changed. All sessions were ended");
    assert!(reply.header("set-cookie").is_none(), "a reset is no sign-in");
    let visitor = app.visitor();
    visitor.post("/v1/login", login_body(&ada.email, PASSWORD)).await.expect(401);
    // The reset is notified by mail, and the code is used up.
    let mail = app.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "Your AIUS password was changed");
    visitor.post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
    let again = app.visitor().post("/v1/password/reset", reset_body(&ada.email, &code)).await;
    again.expect_error(400, "INVALID_CODE");
}

#[tokio::test]
async fn stale_sessions_after_a_reset_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    let code = request_reset_code(&app, &ada).await;
    app.visitor().post("/v1/password/reset", reset_body(&ada.email, &code)).await.expect(200);
    for session in [ada, elsewhere] {
        session.get("/v1/me").await.expect_error(401, "invalid session");
    }
}

#[tokio::test]
async fn stale_sessions_after_a_change_except_the_current_one_end() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    ada.post("/v1/me/password", body).await.expect(200);
    ada.get("/v1/me").await.expect(200);
    elsewhere.get("/v1/me").await.expect_error(401, "invalid session");
    assert_eq!(app.mails(&ada.email).await[0]["subject"], "Your AIUS password was changed");
    app.visitor().post("/v1/login", login_body(&ada.email, PASSWORD)).await.expect(401);
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

#[tokio::test]
async fn old_password_unchecked_change_needs_the_current_one() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let eves = json!({"current_password": PASSWORD, "new_password": "eves-own-horse-8"});
    eve.post("/v1/me/password", eves).await.expect(200);
    let change = |current: Value| json!({"current_password": current, "new_password": NEW});
    for missing in [Value::Null, json!("")] {
        ada.post("/v1/me/password", change(missing))
            .await
            .expect_error(400, "MISSING_CURRENT_PASSWORD");
    }
    ada.post("/v1/me/password", json!({"new_password": NEW}))
        .await
        .expect_error(400, "MISSING_CURRENT_PASSWORD");
    for wrong in ["wrong-horse-9", "eves-own-horse-8", NEW] {
        ada.post("/v1/me/password", change(json!(wrong)))
            .await
            .expect_error(401, "INVALID_CREDENTIALS");
    }
    // Wrong passwords are limited as at sign-in, also with a stolen session.
    for _ in 0..2 {
        ada.post("/v1/me/password", change(json!("wrong-horse-9"))).await.expect(401);
    }
    ada.post("/v1/me/password", change(json!(PASSWORD))).await.expect_error(429, "RATE_LIMITED");
    // Sessions have a limit of their own, so that a stolen one delays no sign-in.
    app.visitor().post("/v1/login", login_body(&ada.email, PASSWORD)).await.expect(200);
    app.advance_clock(15).await;
    ada.post("/v1/me/password", change(json!(PASSWORD))).await.expect(200);
}

/// Signs up a person without a password, whose registration was contested.
async fn sign_up_without_password(app: &TestApp) -> Person {
    let (owner, squatter) = (app.visitor(), app.visitor());
    let body = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    owner.post("/v1/register", body.clone()).await.expect(200);
    squatter.post("/v1/register", body).await.expect(200);
    let code = app.code("ada@example.com").await;
    let verify = json!({"email": "ada@example.com", "code": code});
    let reply = owner.post("/v1/verify-email", verify).await.expect(200);
    Person::from_session(&owner, "ada@example.com", &reply)
}

#[tokio::test]
async fn a_first_password_requires_a_recent_sign_in() {
    let app = TestApp::start().await;
    let ada = sign_up_without_password(&app).await;
    app.expire_proof().await;
    let body = json!({"new_password": NEW});
    ada.post("/v1/me/password", body.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    let code = request_reset_code(&app, &ada).await;
    app.visitor().post("/v1/password/reset", reset_body(&ada.email, &code)).await.expect(200);
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

#[tokio::test]
async fn a_first_password_is_set_after_a_recent_sign_in() {
    let app = TestApp::start().await;
    let ada = sign_up_without_password(&app).await;
    app.advance_clock(599).await;
    ada.post("/v1/me/password", json!({"new_password": NEW})).await.expect(200);
    let me = ada.get("/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["has_password"], true);
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

#[tokio::test]
async fn lockout_dos_does_not_prevent_recovery() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let visitor = app.visitor();
    for _ in 0..5 {
        visitor.post("/v1/login", login_body(&ada.email, "wrong-horse-9")).await.expect(401);
    }
    visitor.post("/v1/login", login_body(&ada.email, PASSWORD)).await.expect(429);
    let code = request_reset_code(&app, &ada).await;
    visitor.post("/v1/password/reset", reset_body(&ada.email, &code)).await.expect(200);
    // The reset ends the delay of the network that it came from.
    visitor.post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

#[tokio::test]
async fn code_bruteforce_fifth_wrong_guess_kills_the_reset_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let code = request_reset_code(&app, &ada).await;
    let wrong = if code == "AAAAAA" { "BBBBBB" } else { "AAAAAA" };
    for _ in 0..5 {
        let reply = app.visitor().post("/v1/password/reset", reset_body(&ada.email, wrong)).await;
        reply.expect_error(400, "INVALID_CODE");
    }
    let right = app.visitor().post("/v1/password/reset", reset_body(&ada.email, &code)).await;
    right.expect_error(400, "INVALID_CODE");
    app.visitor().post("/v1/login", login_body(&ada.email, PASSWORD)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn counter_race_a_code_resets_the_password_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let code = request_reset_code(&app, &ada).await;
    let visitors: Vec<_> = (0..race_size().min(20)).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let (visitor, body) = (visitors[number].clone(), reset_body(&ada.email, &code));
        async move { visitor.post("/v1/password/reset", body).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1));
    let is_right = |r: &Reply| r.status == 200 || r.code() == "INVALID_CODE" || r.has_timed_out();
    assert!(replies.iter().all(is_right));
    app.wait_until_idle(&replies).await;
    let news = app.mails(&ada.email).await;
    let news = news.iter().filter(|mail| mail["subject"] == "Your AIUS password was changed");
    let news = news.count();
    // No reset succeeds if each of the five counted requests timed out.
    assert!(news <= 1 && count_successes(&replies).contains(&news), "{news}");
}

/// One of two concurrent changes wins, and no earlier session survives the other one.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_leave_one_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let people = [ada.clone(), ada.sign_in(&app).await];
    let replies = race(2, |number| {
        let person = people[number].clone();
        let new = format!("another-horse-{number}");
        let body = json!({"current_password": PASSWORD, "new_password": new});
        async move { person.post("/v1/me/password", body).await }
    })
    .await;
    let winners: Vec<_> = (0..2).filter(|n| replies[*n].status == 200).collect();
    assert_eq!(winners.len(), 1, "{replies:#?}");
    assert_eq!(replies[1 - winners[0]].status, 401);
    people[winners[0]].get("/v1/me").await.expect(200);
    people[1 - winners[0]].get("/v1/me").await.expect_error(401, "invalid session");
    let works = login_body(&ada.email, &format!("another-horse-{}", winners[0]));
    app.visitor().post("/v1/login", works).await.expect(200);
}

#[tokio::test]
async fn a_code_is_valid_for_one_purpose() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let code = request_reset_code(&app, &ada).await;
    let verify = json!({"email": ada.email, "code": code});
    app.visitor().post("/v1/verify-email", verify).await.expect_error(400, "INVALID_CODE");
    let eve = app.register_unverified("eve").await;
    let eves = app.code(&eve.email).await;
    let reply = app.visitor().post("/v1/password/reset", reset_body(&eve.email, &eves)).await;
    reply.expect_error(400, "INVALID_CODE");
}

#[tokio::test]
async fn enumeration_forgot_responses_are_identical() {
    let app = TestApp::start().await;
    let known = app.sign_up("known").await;
    let pending = app.register_unverified("pending").await;
    let before = app.mails(&pending.email).await.len();
    let mut answers = Vec::new();
    for email in [&known.email, "nobody@example.com", &pending.email] {
        for _ in 0..2 {
            answers.push(comparable_parts(&request_reset(&app, email).await.expect(200)));
        }
    }
    for pair in answers.chunks(2) {
        assert_eq!((&pair[0], &pair[1]), (&answers[0], &answers[1]));
    }
    assert_eq!(app.mails(&known.email).await.len(), 2);
    assert_eq!(app.mails(&pending.email).await.len(), before);
    assert!(app.mails("nobody@example.com").await.is_empty());
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = app.durable_items().await.len();
    for (path, visitor) in [
        ("/v1/password/forgot", app.visitor()),
        ("/v1/password/reset", app.visitor()),
        ("/v1/me/password", ada.visitor.clone()),
    ] {
        for (content_type, body, status, code) in malformed_bodies() {
            visitor.post_raw(path, content_type, body).await.expect_error(status, code);
        }
    }
    let changed_reset = |change: Value| {
        let mut body = json!({"email": "ada@example.com", "code": "ABC234", "new_password": NEW});
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        body
    };
    for (body, code) in [
        (changed_reset(json!({"email": null})), "MISSING_EMAIL"),
        (changed_reset(json!({"email": "x"})), "INVALID_EMAIL"),
        (changed_reset(json!({"code": ""})), "MISSING_CODE"),
        (changed_reset(json!({"code": 1})), "INVALID_FIELD"),
        (changed_reset(json!({"new_password": null})), "MISSING_NEW_PASSWORD"),
        (changed_reset(json!({"new_password": ""})), "MISSING_NEW_PASSWORD"),
        (changed_reset(json!({"new_password": "short"})), "PASSWORD_TOO_WEAK"),
        (changed_reset(json!({"new_password": "P@ssw0rd"})), "PASSWORD_TOO_WEAK"),
        (
            changed_reset(json!({"new_password": format!("a1-{}", "x".repeat(126))})),
            "INVALID_FIELD",
        ),
    ] {
        app.visitor().post("/v1/password/reset", body).await.expect_error(400, code);
    }
    let weak = json!({"current_password": PASSWORD, "new_password": "ada@example.com"});
    ada.post("/v1/me/password", weak).await.expect_error(400, "PASSWORD_TOO_WEAK");
    assert_eq!(app.durable_items().await.len(), before);
    // An invalid password is reported before a guess is counted.
    let code = request_reset_code(&app, &ada).await;
    for _ in 0..9 {
        let body = json!({"email": ada.email, "code": code, "new_password": "short"});
        app.visitor().post("/v1/password/reset", body).await.expect(400);
    }
    let body = json!({"email": ada.email, "code": code, "new_password": NEW});
    app.visitor().post("/v1/password/reset", body).await.expect(200);
}

#[tokio::test]
async fn scanner_burns_link_only_a_post_resets_the_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    request_reset(&app, &ada.email).await.expect(200);
    let token = app.reset_token(&ada.email).await;
    let visitor = app.visitor();
    for query in [String::new(), format!("?token={token}")] {
        let page = visitor.get(&format!("/account/reset-password{query}")).await.expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
        for part in ["Set a new password", "method=\"post\"", "new_password"] {
            assert!(page.text.contains(part), "{part}");
        }
        let path = format!("/account/reset-password{query}");
        visitor.send(reqwest::Method::HEAD, &path, None).await.expect(200);
    }
    app.reset_with_link(&token, NEW).await.expect(200);
}
