//! Registration creates an account.

use insta::assert_snapshot;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::values::Timezone;
use tests::registration::registration_body;
use tests::{PASSWORD, Reply, TestApp, code_in, session_cookie};

#[tokio::test]
async fn registration_returns_the_user_and_mails_a_code() {
    let app = TestApp::start().await;
    let reply =
        app.visitor().post("/v1/register", registration_body("dev@example.com", PASSWORD)).await;
    assert_snapshot!(app.snapshot(&reply).await, @r#"
    200
    {
      "message": "Registration successful",
      "user": {
        "company": null,
        "created_at": "[now]",
        "email": "dev@example.com",
        "email_verified": false,
        "has_password": true,
        "id": "[usr]",
        "job_title": null,
        "name": "Ada Lovelace",
        "phone": null,
        "provider": "email",
        "provider_id": "dev@example.com",
        "timezone": null,
        "two_factor_enabled": false
      },
      "verification_required": true
    }
    "#);
    let cookie = reply.header("set-cookie").expect("one cookie");
    assert!(cookie.starts_with("__Host-aius_registration="), "{cookie}");

    let mails = app.mails("dev@example.com").await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["to"], json!(["dev@example.com"]));
    let code = code_in(&mails[0]);
    assert_eq!(code.len(), 6);
    for part in ["subject", "text", "html"] {
        assert!(mails[0][part].as_str().unwrap().contains(&code), "{part}");
    }
}

#[tokio::test]
async fn registration_creates_a_default_organization() {
    let app = TestApp::start().await;
    app.register_unverified("ada").await;
    let users = app.items("USER#", "META").await;
    let clients = app.items("CLIENT#", "META").await;
    assert_eq!((users.len(), clients.len()), (1, 1));
    assert_eq!(clients[0]["owner_id"], users[0]["id"]);
    assert_eq!(clients[0]["is_default"]["BOOL"], true);
    assert_eq!(app.items("CLIENT#", "MEMBER#").await.len(), 1);
    assert_eq!(app.items("USER#", "CLIENT#").await.len(), 1);
    assert_eq!(app.items("EMAIL#ada@example.com", "META").await.len(), 1);
    let log = app.items("ACTIVITY#USER#", "").await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["action"]["S"], "account.registered");
}

#[tokio::test]
async fn a_verified_address_is_taken_in_any_spelling() {
    let app = TestApp::start().await;
    app.sign_up("dev").await;
    let before = app.durable_items().await.len();
    for same in ["dev@example.com", "DEV@EXAMPLE.COM", " dev@example.com ", "dev@ｅxample.com"] {
        app.visitor()
            .post("/v1/register", registration_body(same, PASSWORD))
            .await
            .expect_error(409, "EMAIL_ALREADY_EXISTS");
    }
    assert_eq!(app.durable_items().await.len(), before);
    // A letter of another script makes another address.
    let cyrillic = "dev@ex\u{430}mple.com";
    app.visitor().post("/v1/register", registration_body(cyrillic, PASSWORD)).await.expect(200);
    assert_eq!(app.mails("dev@example.com").await.len(), 1);
}

#[tokio::test]
async fn identity_fields_in_the_body_are_ignored() {
    let app = TestApp::start().await;
    let mut body = registration_body("dev@example.com", PASSWORD);
    for (field, value) in [
        ("id", json!("usr_mine")),
        ("user_id", json!("usr_mine")),
        ("email_verified", json!(true)),
        ("owner_id", json!("usr_mine")),
        ("verification_required", json!(false)),
    ] {
        body[field] = value;
    }
    let user = app.visitor().post("/v1/register", body).await.expect(200).json()["user"].clone();
    assert_ne!(user["id"], "usr_mine");
    assert_eq!(user["email_verified"], false);
}

#[tokio::test]
async fn registration_without_email_verification_signs_in() {
    let app = TestApp::start_without_email_verification().await;
    let reply = app
        .visitor()
        .post("/v1/register", registration_body("dev@example.com", PASSWORD))
        .await
        .expect(200);
    assert_eq!(reply.keys(), ["message", "session_token", "user", "verification_required"]);
    assert_eq!(reply.json()["verification_required"], false);
    let token = reply.json()["session_token"].as_str().unwrap().to_owned();
    assert_eq!(session_cookie(&reply).as_ref(), Some(&token));
    let me = app.visitor().with_session(&token).get("/v1/me").await.expect(200);
    assert_eq!(me.json()["user"]["email_verified"], false);
    assert!(app.mails("dev@example.com").await.is_empty());
    // The account is in use without a verified address, so nobody takes it over.
    let again = app
        .visitor()
        .post("/v1/register", registration_body("dev@example.com", "another-pass-1"))
        .await;
    again.expect_error(409, "EMAIL_ALREADY_EXISTS");
    let login = json!({"email": "dev@example.com", "password": PASSWORD});
    app.visitor().post("/v1/login", login).await.expect(200);
}

#[tokio::test]
async fn a_registration_sets_the_time_zone_of_its_mails() {
    let app = TestApp::start().await;
    let register = async |email: &str, zone: Value, field: &str| -> Reply {
        let mut body = json!({"email": email, "name": "Ada", "password": PASSWORD});
        body[field] = zone;
        app.visitor().post("/v1/register", body).await
    };
    let zone = Timezone::parse("Asia/Kolkata").unwrap();
    for (number, field) in ["timezone", "time_zone"].into_iter().enumerate() {
        let email = format!("dev{number}@example.com");
        let reply = register(&email, json!("asia/kolkata"), field).await.expect(200);
        assert_eq!(reply.json()["user"]["timezone"], "Asia/Kolkata");
        let now = Timestamp::from_seconds(app.now().await).to_display(&zone);
        let mail = app.mails(&email).await.remove(0)["text"].as_str().unwrap().to_owned();
        assert!(mail.contains(&format!("When: {now}")), "{mail}");
    }
    // The next registration of an unverified address replaces the time zone too.
    for (zone, expected) in [(json!("UTC"), json!("UTC")), (json!(null), json!(null))] {
        let reply = register("dev0@example.com", zone, "timezone").await.expect(200);
        assert_eq!(reply.json()["user"]["timezone"], expected);
    }
    let refused = register("eve@example.com", json!("Mars/Olympus"), "timezone").await;
    assert!(refused.expect_error(400, "INVALID_FIELD").text.contains("timezone"));
}
