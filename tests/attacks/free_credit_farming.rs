//! A mailbox gets the free credits once, in all spellings of its address.

use serde_json::json;
use tests::account_deletion::delete_account;
use tests::time::DAY;
use tests::{PASSWORD, Person, TestApp, race};

/// Registers an address and verifies it, which signs in.
async fn sign_up_as(app: &TestApp, email: &str) -> Person {
    let visitor = app.visitor();
    let body = json!({"email": email, "name": "Ada", "password": PASSWORD});
    visitor.post("/v1/register", body).await.expect(200);
    let body = json!({"email": email, "code": app.code(email).await});
    let reply = visitor.post("/v1/verify-email", body).await.expect(200);
    Person::from_session(&visitor, email, &reply)
}

/// Returns the credit balance of the person's default organization.
async fn balance(person: &Person) -> i64 {
    let credits = person.credits(&person.default_client().await).await;
    credits["balance"].as_i64().unwrap()
}

#[tokio::test]
async fn free_credit_farming_a_mailbox_gets_credits_once() {
    let app = TestApp::start().await;
    for (email, expected) in [
        ("dev@example.com", 1000),
        ("dev+1@example.com", 0),
        ("dev+2+x@example.com", 0),
        ("dev@example.org", 1000),
        ("d.e.v@example.com", 1000),
        ("a.d.a@gmail.com", 1000),
        ("ada+1@gmail.com", 0),
        ("a.da@googlemail.com", 0),
    ] {
        let person = sign_up_as(&app, email).await;
        assert_eq!(balance(&person).await, expected, "{email}");
        let credits = person.credits(&person.default_client().await).await;
        assert_eq!(credits["quota"]["monthly"], expected, "{email}");
        if expected == 0 {
            // The account works without the credits.
            let client = person.create_client("Acme").await;
            person.create_project(&client, "Churn").await;
        }
    }
    // Google proves the same mailbox.
    app.create_google_account("dev+google@example.com", true).await;
    let sign_in = app.visitor().get("/v1/auth/google?login_hint=dev%2Bgoogle@example.com").await;
    app.finish_google_sign_in(&sign_in).await;
    assert_eq!(app.items("MAILBOX#", "").await.len(), 4);
    assert_eq!(app.items("LEDGER#", "BALANCE").await.len(), 4);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn free_credit_farming_ends_not_with_the_account() {
    let app = TestApp::start().await;
    let ada = sign_up_as(&app, "ada+first@example.com").await;
    delete_account(&ada).await;
    app.advance_clock_with_last_runs(16 * DAY).await;
    assert!(app.items("USER#", "").await.is_empty());
    let again = sign_up_as(&app, "ada@example.com").await;
    assert_eq!(balance(&again).await, 0);
    // What is kept names nobody.
    let kept = json!(app.items("MAILBOX#", "").await).to_string();
    assert!(!kept.contains("ada") && !kept.contains("example") && !kept.contains("usr_"), "{kept}");
}

#[tokio::test]
async fn free_credit_farming_at_once_gives_one_grant() {
    let app = TestApp::start().await;
    let mut codes = Vec::new();
    for number in 0..8 {
        let email = format!("dev+{number}@example.com");
        let visitor = app.visitor();
        let body = json!({"email": email, "name": "Ada", "password": PASSWORD});
        visitor.post("/v1/register", body).await.expect(200);
        codes.push((visitor, json!({"email": email, "code": app.code(&email).await}), email));
    }
    let replies = race(codes.len(), |number| {
        let (visitor, body, _) = codes[number].clone();
        async move { visitor.post("/v1/verify-email", body).await }
    })
    .await;
    let mut total = 0;
    for (reply, (visitor, _, email)) in replies.iter().zip(&codes) {
        assert!([200, 503].contains(&reply.status), "{}", reply.text);
        if reply.status == 200 {
            total += balance(&Person::from_session(visitor, email, reply)).await;
        }
    }
    assert_eq!(total, 1000);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn free_credit_farming_strangers_take_no_grant() {
    let app = TestApp::start().await;
    // A registration that nobody proves does not use up the credits of the mailbox.
    let body = json!({"email": "ada+x@example.com", "name": "Eve", "password": PASSWORD});
    app.visitor().post("/v1/register", body).await.expect(200);
    let ada = sign_up_as(&app, "ada@example.com").await;
    assert_eq!(balance(&ada).await, 1000);
}
