//! Tests of `POST /v1/register`.

use serde_json::{Value, json};
use tests::{
    PASSWORD, Reply, TestApp, assert_done_once, code_in, count_successes, keys, race, race_size,
};

/// Builds the body of a registration.
fn registration_body(email: &str, password: &str) -> Value {
    json!({"email": email, "name": "Ada Lovelace", "password": password})
}

#[tokio::test]
async fn registration_returns_the_user_and_mails_a_code() {
    let app = TestApp::start().await;
    let reply =
        app.visitor().post("/v1/register", registration_body("dev@example.com", PASSWORD)).await;
    let reply = reply.expect(200);
    assert_eq!(reply.keys(), ["message", "user", "verification_required"]);
    let answer = reply.json();
    assert_eq!(answer["message"], "Registration successful");
    assert_eq!(answer["verification_required"], true);
    let user = &answer["user"];
    assert_eq!(
        keys(user),
        [
            "company",
            "created_at",
            "email",
            "email_verified",
            "has_password",
            "id",
            "job_title",
            "name",
            "phone",
            "provider",
            "provider_id",
            "timezone",
            "two_factor_enabled"
        ]
    );
    assert!(user["id"].as_str().unwrap().starts_with("usr_"));
    let expected = json!({
        "id": user["id"], "email": "dev@example.com", "name": "Ada Lovelace", "provider": "email",
        "provider_id": "dev@example.com", "email_verified": false, "two_factor_enabled": false,
        "has_password": true, "phone": null, "timezone": null, "company": null, "job_title": null,
        "created_at": app.now().await,
    });
    assert_eq!(user, &expected);
    assert!(reply.header("set-cookie").is_none());

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

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_registrations_create_one_account() {
    let app = TestApp::start().await;
    let visitors: Vec<_> = (0..race_size().min(20)).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let visitor = visitors[number].clone();
        let email = if number % 2 == 0 { "dev@example.com" } else { "DEV@Example.com" };
        async move {
            visitor
                .post("/v1/register", registration_body(email, &format!("{PASSWORD}{number}")))
                .await
        }
    })
    .await;
    // The first request creates the account and others take it over, until the codes of the hour
    // are used up.
    assert!(replies.iter().all(|r| matches!(r.status, 200 | 429) || r.has_timed_out()));
    app.wait_until_idle(&replies).await;
    let mails = app.mails("dev@example.com").await.len();
    assert!(mails <= 5 && count_successes(&replies).contains(&mails), "{mails}");
    assert!(mails == 5 || replies.iter().all(|reply| reply.status != 429), "{mails}");
    // On DynamoDB Local all requests may have timed out.
    let made = usize::from(mails > 0);
    for (kind, sort_key) in [
        ("USER#", "META"),
        ("CLIENT#", "META"),
        ("EMAIL#", "META"),
        ("CLIENT#", "MEMBER#"),
        ("USER#", "CLIENT#"),
        ("CODE#", "META"),
    ] {
        assert_eq!(app.items(kind, sort_key).await.len(), made, "{kind} {sort_key}");
    }
    // Only the last of the five codes is valid.
    let mut working = 0;
    for mail in app.mails("dev@example.com").await {
        let body = json!({"email": "dev@example.com", "code": code_in(&mail)});
        working += usize::from(app.visitor().post("/v1/verify-email", body).await.status == 200);
    }
    assert_eq!(working, made);
}

/// Without a mailed code, the uniqueness guard of the address keeps the registrations apart.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_registrations_without_verification_create_one() {
    let app = TestApp::start_without_email_verification().await;
    let visitors: Vec<_> = (0..race_size().min(20)).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let visitor = visitors[number].clone();
        let body = registration_body("dev@example.com", &format!("{PASSWORD}{number}"));
        async move { visitor.post("/v1/register", body).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1));
    let is_right =
        |r: &Reply| r.status == 200 || r.code() == "EMAIL_ALREADY_EXISTS" || r.has_timed_out();
    assert!(replies.iter().all(is_right));
    app.wait_until_idle(&replies).await;
    for (kind, sort_key) in
        [("USER#", "META"), ("CLIENT#", "META"), ("EMAIL#", "META"), ("USER#", "SESSION#")]
    {
        assert_done_once(&replies, app.items(kind, sort_key).await.len());
    }
}

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
    let user = owner.post("/v1/register", taken).await.expect(200).json()["user"].clone();
    assert_eq!(user["name"], "The Owner");
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

/// A second registration by the same person, and a code entered on another device, are not
/// contested.
#[tokio::test]
async fn registering_twice_from_one_device_keeps_the_password() {
    let app = TestApp::start().await;
    let (laptop, phone) = (app.visitor(), app.visitor());
    laptop
        .post("/v1/register", registration_body("dev@example.com", "the-first-try-1"))
        .await
        .expect(200);
    laptop.post("/v1/register", registration_body("dev@example.com", PASSWORD)).await.expect(200);
    let verify = json!({"email": "dev@example.com", "code": app.code("dev@example.com").await});
    phone.post("/v1/verify-email", verify).await.expect(200);
    phone
        .post("/v1/login", json!({"email": "dev@example.com", "password": PASSWORD}))
        .await
        .expect(200);
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
    assert!(
        reply.header("set-cookie").unwrap().starts_with(&format!("__Host-aius_session={token};"))
    );
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

/// Lists bodies that every call refuses, with their content type and the expected error.
pub(crate) fn malformed_bodies() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let big = format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20));
    let just_over = format!("{{\"x\":\"{}\"}}", "x".repeat(64 * 1024));
    vec![
        ("application/json", vec![], 400, "INVALID_JSON"),
        ("application/json", b"   ".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"null".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"[]".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"\"dev@example.com\"".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":\"\xff\xfe@example.com\"}".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":\"\\ud800@example.com\"}".to_vec(), 400, "INVALID_JSON"),
        ("application/json", b"{\"email\":\"a\0@example.com\"}".to_vec(), 400, "INVALID_JSON"),
        (
            "application/json",
            b"{\"email\":\"a@b.co\",\"email\":\"c@d.co\"}".to_vec(),
            400,
            "INVALID_JSON",
        ),
        (
            "application/json",
            [b"[".repeat(30_000), b"]".repeat(30_000)].concat(),
            400,
            "INVALID_JSON",
        ),
        ("application/json", big.into_bytes(), 413, "BODY_TOO_LARGE"),
        ("application/json", just_over.into_bytes(), 413, "BODY_TOO_LARGE"),
        ("text/plain", b"{}".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "application/x-www-form-urlencoded",
            b"email=a%40b.co".to_vec(),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("", b"{}".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE"),
    ]
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    for (content_type, body, status, code) in malformed_bodies() {
        let reply = app.visitor().post_raw("/v1/register", content_type, body).await;
        reply.expect_error(status, code);
    }
    let good = registration_body("dev@example.com", PASSWORD);
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        // The columns are the field, its value, the error code and a word in the message.
        ("email", Value::Null, "MISSING_EMAIL", "email"),
        ("email", json!(""), "MISSING_EMAIL", "email"),
        ("email", json!(" \t"), "MISSING_EMAIL", "email"),
        ("email", json!(1), "INVALID_FIELD", "email"),
        ("email", json!(["dev@example.com"]), "INVALID_FIELD", "email"),
        ("email", json!({"$ne": null}), "INVALID_FIELD", "email"),
        ("email", json!(true), "INVALID_FIELD", "email"),
        ("email", json!("dev"), "INVALID_EMAIL", "email"),
        ("email", json!("dev@"), "INVALID_EMAIL", "email"),
        ("email", json!("dev@localhost"), "INVALID_EMAIL", "email"),
        ("email", json!("d\u{435}v@example.com"), "INVALID_EMAIL", "email"),
        ("email", json!("\u{212a}evin@example.com"), "INVALID_EMAIL", "email"),
        ("email", json!("dev\u{0}@example.com"), "INVALID_EMAIL", "email"),
        ("email", json!("dev@example.com\r\nBcc: evil@example.com"), "INVALID_EMAIL", "email"),
        ("email", json!("dev@example.com,evil@example.com"), "INVALID_EMAIL", "email"),
        ("email", json!(format!("{}@example.com", "x".repeat(60_000))), "INVALID_EMAIL", "email"),
        ("name", Value::Null, "MISSING_NAME", "name"),
        ("name", json!(""), "MISSING_NAME", "name"),
        ("name", json!("\u{a0}\u{2003}"), "MISSING_NAME", "name"),
        ("name", json!(7), "INVALID_FIELD", "name"),
        ("name", json!("a\u{0}b"), "INVALID_FIELD", "name"),
        ("name", json!("a\nb"), "INVALID_FIELD", "name"),
        ("name", json!("a\u{1b}[31mb"), "INVALID_FIELD", "name"),
        ("name", json!("a\u{202e}b"), "INVALID_FIELD", "name"),
        ("name", json!("x".repeat(101)), "INVALID_FIELD", "name"),
        ("name", json!("x".repeat(60_000)), "INVALID_FIELD", "name"),
        ("password", Value::Null, "MISSING_PASSWORD", "password"),
        ("password", json!(""), "MISSING_PASSWORD", "password"),
        ("password", json!(12345678), "INVALID_FIELD", "password"),
        ("password", json!("short-1"), "PASSWORD_TOO_WEAK", "8 characters"),
        ("password", json!("no-digits-here"), "PASSWORD_TOO_WEAK", "digit"),
        ("password", json!("nospecial1"), "PASSWORD_TOO_WEAK", "special"),
        ("password", json!("1234567-890"), "PASSWORD_TOO_WEAK", "letter"),
        ("password", json!("P@ssw0rd"), "PASSWORD_TOO_WEAK", "tried first"),
        ("password", json!("DEV@example.com"), "PASSWORD_TOO_WEAK", "digit"),
        ("password", json!(format!("a1-{}", "x".repeat(126))), "INVALID_FIELD", "password"),
    ];
    for (field, value, code, named) in cases {
        let mut body = good.clone();
        body[field] = value.clone();
        let reply = app.visitor().post("/v1/register", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{field} = {value}");
        let message = reply.json()["detail"]["message"].as_str().unwrap().to_owned();
        assert!(message.to_lowercase().contains(named), "{field} = {value}: {message}");
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(field);
        let missing = format!("MISSING_{}", field.to_uppercase());
        app.visitor().post("/v1/register", without).await.expect_error(400, &missing);
    }
    // None of the refused requests wrote anything.
    assert!(app.durable_items().await.is_empty());
    app.visitor().post("/v1/register", good).await.expect(200);
}

#[tokio::test]
async fn names_and_passwords_may_use_any_script() {
    let app = TestApp::start().await;
    let password = "пароль-李-1";
    let body =
        json!({"email": "dev@bücher.example", "name": " Zoe\u{308} 李 ", "password": password});
    let user = app.visitor().post("/v1/register", body).await.expect(200).json()["user"].clone();
    assert_eq!(user["name"], "Zoë 李");
    assert_eq!(user["email"], "dev@xn--bcher-kva.example");
    let code = app.code("dev@xn--bcher-kva.example").await;
    let verify = json!({"email": "DEV@BÜCHER.example", "code": code});
    app.visitor().post("/v1/verify-email", verify).await.expect(200);
    let login = json!({"email": "dev@bücher.example", "password": password});
    app.visitor().post("/v1/login", login).await.expect(200);
}
