//! The input of a registration.

use serde_json::{Value, json};
use tests::malformed_bodies::malformed_bodies;
use tests::registration::registration_body;
use tests::{PASSWORD, TestApp};

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
        ("password", json!("P@ssw0rd"), "PASSWORD_TOO_WEAK", "commonly used"),
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
