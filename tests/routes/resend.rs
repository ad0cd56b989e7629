//! Tests of `POST /v1/verify-email/resend`.

use serde_json::{Value, json};
use tests::{Reply, TestApp, Visitor};

/// Requests a new code.
async fn resend_code(visitor: &Visitor, email: &str) -> Reply {
    visitor.post("/v1/verify-email/resend", json!({"email": email})).await
}

#[tokio::test]
async fn a_new_code_replaces_the_previous_one() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let first = app.code(&ada.email).await;
    app.advance_clock(60).await;
    resend_code(&ada.visitor, &ada.email).await.expect(200);
    assert_eq!(app.mails(&ada.email).await.len(), 2);
    let old = json!({"email": ada.email, "code": first});
    ada.post("/v1/verify-email", old).await.expect_error(400, "INVALID_CODE");
    ada.verify(&app).await;
}

#[tokio::test]
async fn codes_are_limited_to_one_a_minute_and_five_an_hour() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    app.advance_clock(59).await;
    resend_code(&ada.visitor, &ada.email).await.expect(200);
    assert_eq!(app.mails(&ada.email).await.len(), 1, "within the minute");
    for _ in 0..9 {
        app.advance_clock(61).await;
        resend_code(&ada.visitor, &ada.email).await.expect(200);
    }
    assert_eq!(app.mails(&ada.email).await.len(), 5, "within the hour");
    app.advance_clock(3600).await;
    resend_code(&ada.visitor, &ada.email).await.expect(200);
    assert_eq!(app.mails(&ada.email).await.len(), 6);
}

/// Returns the parts of a reply that could tell one address from another. The headers include the
/// number of database calls. The trips are left out because overlapping varies, and the size is
/// left out because it depends on the length of the address.
pub(crate) fn comparable_parts(reply: &Reply) -> (String, Vec<(String, String)>) {
    let mut headers: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            (name.to_string(), value.split(";trips").next().unwrap().to_owned())
        })
        .collect();
    headers.sort();
    (reply.text.clone(), headers)
}

#[tokio::test]
async fn enumeration_resend_responses_are_identical() {
    let app = TestApp::start().await;
    let pending = app.register_unverified("pending").await;
    let verified = app.sign_up("verified").await;
    app.advance_clock(61).await;
    let mut answers = Vec::new();
    for email in [&pending.email, &verified.email, "nobody@example.com"] {
        // The second request is within the cooldown of a minute.
        for _ in 0..2 {
            let reply = resend_code(&app.visitor(), email).await.expect(200);
            answers.push(comparable_parts(&reply));
        }
    }
    // Another address has used up its codes of this hour.
    let used_up = app.register_unverified("used-up").await;
    for _ in 0..5 {
        app.advance_clock(61).await;
        resend_code(&app.visitor(), &used_up.email).await.expect(200);
    }
    assert_eq!(app.mails(&used_up.email).await.len(), 5);
    app.advance_clock(61).await;
    for _ in 0..2 {
        answers
            .push(comparable_parts(&resend_code(&app.visitor(), &used_up.email).await.expect(200)));
    }
    assert_eq!(app.mails(&used_up.email).await.len(), 5);
    let (first, second) = (&answers[0], &answers[1]);
    for pair in answers.chunks(2) {
        assert_eq!((&pair[0], &pair[1]), (first, second));
    }
    assert_eq!(app.mails(&pending.email).await.len(), 2);
    assert_eq!(app.mails(&verified.email).await.len(), 1);
    assert!(app.mails("nobody@example.com").await.is_empty());
}

#[tokio::test]
async fn requests_for_an_unknown_address_use_no_quota() {
    let app = TestApp::start().await;
    for _ in 0..9 {
        resend_code(&app.visitor(), "ada@example.com").await.expect(200);
        app.advance_clock(61).await;
    }
    // The address registers afterwards and gets its code.
    app.sign_up("ada").await;
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    for (content_type, body, status, code) in crate::routes::register::malformed_bodies() {
        let reply = app.visitor().post_raw("/v1/verify-email/resend", content_type, body).await;
        reply.expect_error(status, code);
    }
    for (email, code) in [
        (Value::Null, "MISSING_EMAIL"),
        (json!(""), "MISSING_EMAIL"),
        (json!(1), "INVALID_FIELD"),
        (json!("x"), "INVALID_EMAIL"),
    ] {
        let reply = app.visitor().post("/v1/verify-email/resend", json!({"email": email})).await;
        reply.expect_error(400, code);
    }
    assert!(app.durable_items().await.is_empty());
}

/// A request that began before the code was used must not restore it.
#[tokio::test]
async fn counter_race_a_late_resend_does_not_restore_a_used_code() {
    let app = TestApp::start().await;
    let ada = app.register_unverified("ada").await;
    let code = app.code(&ada.email).await;
    let ctx = app.stack().context();
    let address = shared::values::EmailAddress::parse(&ada.email).unwrap();
    let slot = shared::mailed_codes::CodeKey::for_address(
        shared::values::CodePurpose::VerifyEmail,
        &address,
    );
    let read: shared::mailed_codes::IssuedCode = ctx.table.get(&slot.key()).await.unwrap().unwrap();
    let guess = json!({"email": ada.email, "code": "AAAAAA"});
    for wrong in [true, false] {
        if wrong {
            app.visitor().post("/v1/verify-email", guess.clone()).await.expect(400);
        } else {
            let right = json!({"email": ada.email, "code": code});
            app.visitor().post("/v1/verify-email", right).await.expect(200);
        }
        let note = shared::mailed_codes::record_request(ctx, &slot, &address, Some(&read));
        let mut tx = ctx.table.transaction();
        shared::mailed_codes::put_code(&mut tx, &note, Some(&read)).unwrap();
        let late = tx.commit(shared::activity::Log::Nothing("a test")).await;
        assert!(matches!(late, Err(shared::dynamo::AttemptError::Conflict)), "{late:?}");
    }
}
