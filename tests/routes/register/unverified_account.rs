//! Registering an address again whose account is not verified.

use serde_json::json;
use tests::registration::registration_body;
use tests::{PASSWORD, TestApp, registration_browser};

#[tokio::test]
async fn prehijack_an_unverified_account_is_taken_over_completely() {
    let app = TestApp::start().await;
    let squatter = app.visitor();
    squatter
        .post("/v1/register", registration_body("dev@example.com", "squatters-pass-1"))
        .await
        .expect(200);
    let squatters_code = app.code("dev@example.com").await;

    let owner = app.visitor();
    let taken = json!({"email": "dev@example.com", "name": "The Owner", "password": PASSWORD});
    let reply = owner.post("/v1/register", taken).await.expect(200);
    assert_eq!(reply.json()["user"]["name"], "The Owner");
    let owner = registration_browser(&owner, &reply);
    let verify = |code: String| json!({"email": "dev@example.com", "code": code});
    owner.post("/v1/verify-email", verify(squatters_code)).await.expect_error(400, "INVALID_CODE");
    let code = app.code("dev@example.com").await;
    owner.post("/v1/verify-email", verify(code)).await.expect(200);

    let login = |password: &str| json!({"email": "dev@example.com", "password": password});
    squatter
        .post("/v1/login", login("squatters-pass-1"))
        .await
        .expect_error(401, "INVALID_CREDENTIALS");
    owner.post("/v1/login", login(PASSWORD)).await.expect(200);
    assert_eq!(app.items("CLIENT#", "META").await[0]["name"]["S"], "The Owner");
}

/// The owner registers, another person registers the address, and the owner enters the newest code.
/// The address is verified, but the last password is not the owner's.
#[tokio::test]
async fn prehijack_registering_last_gains_nothing() {
    let app = TestApp::start().await;
    let (owner, squatter) = (app.visitor(), app.visitor());
    owner.post("/v1/register", registration_body("dev@example.com", PASSWORD)).await.expect(200);
    squatter
        .post("/v1/register", registration_body("dev@example.com", "squatters-pass-1"))
        .await
        .expect(200);
    let code = app.code("dev@example.com").await;
    let verify = json!({"email": "dev@example.com", "code": code});
    let user = owner.post("/v1/verify-email", verify).await.expect(200).json()["user"].clone();
    assert_eq!((&user["email_verified"], &user["has_password"]), (&json!(true), &json!(false)));
    for password in ["squatters-pass-1", PASSWORD] {
        let login = json!({"email": "dev@example.com", "password": password});
        squatter.post("/v1/login", login).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    let log = app.items("ACTIVITY#USER#", "").await;
    assert!(log.iter().any(|entry| entry["details"]["M"].get("registration").is_some()), "{log:?}");
}

/// A second registration in the same browser, and a code entered on another device, are not contested.
#[tokio::test]
async fn registering_twice_from_one_device_keeps_the_password() {
    let app = TestApp::start().await;
    let (laptop, phone) = (app.visitor(), app.visitor());
    let first = laptop
        .post("/v1/register", registration_body("dev@example.com", "the-first-try-1"))
        .await
        .expect(200);
    let laptop = registration_browser(&laptop, &first);
    laptop.post("/v1/register", registration_body("dev@example.com", PASSWORD)).await.expect(200);
    let verify = json!({"email": "dev@example.com", "code": app.code("dev@example.com").await});
    phone.post("/v1/verify-email", verify).await.expect(200);
    phone
        .post("/v1/login", json!({"email": "dev@example.com", "password": PASSWORD}))
        .await
        .expect(200);
}

#[tokio::test]
async fn an_address_gets_five_codes_an_hour() {
    let app = TestApp::start().await;
    let register = async || {
        app.visitor().post("/v1/register", registration_body("dev@example.com", PASSWORD)).await
    };
    for _ in 0..5 {
        register().await.expect(200);
        app.advance_clock(61).await;
    }
    let refused = register().await.expect_error(429, "RATE_LIMITED");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((3000..=3600).contains(&wait), "{wait}");
    assert_eq!(app.mails("dev@example.com").await.len(), 5);
    app.advance_clock(wait).await;
    register().await.expect(200);
}
