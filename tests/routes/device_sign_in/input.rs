//! Bad input of the two calls of a program.

use serde_json::json;
use tests::TestApp;
use tests::device_sign_in::{
    CommandLine, GRANT_TYPE, PROGRAM, request_codes, request_token, send_form,
};

const CODE: &str = "/v1/auth/device/code";
const TOKEN: &str = "/v1/auth/device/token";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn missing_parameters_are_named() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let complete = [
        (CODE, vec![("client_id", PROGRAM), ("scope", "projects:read")]),
        (TOKEN, vec![("grant_type", GRANT_TYPE), ("device_code", "x"), ("client_id", PROGRAM)]),
    ];
    for (path, parameters) in complete {
        for (missing, _) in &parameters {
            let absent: Vec<_> =
                parameters.iter().copied().filter(|(name, _)| name != missing).collect();
            let blank = |value| {
                let replace =
                    |(name, own)| if name == *missing { (name, value) } else { (name, own) };
                parameters.iter().copied().map(replace).collect::<Vec<_>>()
            };
            for sent in [absent, blank(""), blank(" ")] {
                let reply = send_form(&visitor, path, &sent).await;
                let error = if *missing == "scope" { "invalid_scope" } else { "invalid_request" };
                let reply = reply.expect_oauth_error(error);
                let code = format!("MISSING_{}", missing.to_uppercase());
                assert_eq!(reply.code(), code, "{path} {sent:?}");
            }
        }
    }
    assert!(app.items("DEVICE#", "").await.is_empty());
}

#[tokio::test]
async fn malformed_parameters_are_refused() {
    let app = TestApp::start().await;
    let long = "x".repeat(101);
    for (name, value, error) in [
        ("client_id", &*long, "invalid_client"),
        ("client_id", "a\nb", "invalid_client"),
        ("client_id", "a\u{0}b", "invalid_client"),
        ("client_id", "a\u{202e}b", "invalid_client"),
        ("device_name", &long, "invalid_request"),
        ("device_name", "a\r\nb", "invalid_request"),
        ("scope", "everything", "invalid_scope"),
        ("scope", "projects:read everything", "invalid_scope"),
        ("scope", "projects:read,runs:write", "invalid_scope"),
        ("scope", "projects:read\truns:write", "invalid_scope"),
        ("scope", "PROJECTS:READ", "invalid_scope"),
    ] {
        let parameters =
            [("client_id", PROGRAM), ("device_name", "laptop"), ("scope", "runs:write")];
        let parameters: Vec<_> = parameters
            .into_iter()
            .map(|(own, before)| (own, if own == name { value } else { before }))
            .collect();
        let reply = request_codes(&app.visitor(), &parameters).await.expect_oauth_error(error);
        assert_eq!(reply.code(), "INVALID_FIELD");
        assert!(reply.text.contains(&format!("{name}:")), "{}", reply.text);
    }
    let parameters = [("grant_type", "password"), ("device_code", "x"), ("client_id", PROGRAM)];
    let reply = request_token(&app.visitor(), &parameters).await;
    assert_eq!(reply.expect_oauth_error("unsupported_grant_type").code(), "UNSUPPORTED_GRANT_TYPE");
    let parameters = [("grant_type", GRANT_TYPE), ("device_code", "x"), ("client_id", &long)];
    request_token(&app.visitor(), &parameters).await.expect_oauth_error("invalid_client");
    assert!(app.items("DEVICE#", "").await.is_empty());
}

#[tokio::test]
async fn other_bodies_than_forms_are_refused() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for path in [CODE, TOKEN] {
        let reply = visitor.post(path, json!({"client_id": PROGRAM, "scope": "runs:write"})).await;
        let reply = reply.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(reply.json()["error"], "invalid_request");
        for content_type in ["text/plain", "multipart/form-data; boundary=x"] {
            let reply = visitor.post_raw(path, content_type, "client_id=x&scope=runs:write").await;
            reply.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        for body in [
            "client_id=a&client_id=b&scope=runs%3Awrite&grant_type=x&device_code=x",
            "client_id=a&client%5Fid=a&scope=runs%3Awrite&grant_type=x&device_code=x",
            "client_id=%ff&scope=runs%3Awrite&grant_type=x&device_code=x",
        ] {
            let reply = visitor.post_raw(path, FORM, body).await;
            reply.expect_oauth_error("invalid_request");
        }
        let mut bytes = b"client_id=\xff\xfe&scope=runs:write".to_vec();
        visitor.post_raw(path, FORM, bytes.clone()).await.expect_oauth_error("invalid_request");
        bytes.resize(64 * 1024 + 1, b'x');
        let reply = visitor.post_raw(path, FORM, bytes).await.expect_error(413, "BODY_TOO_LARGE");
        assert_eq!(reply.json()["error"], "invalid_request");
        visitor.get(path).await.expect_error(405, "METHOD_NOT_ALLOWED");
        visitor.post_raw(path, FORM, "").await.expect_oauth_error("invalid_request");
    }
    assert!(app.items("DEVICE#", "").await.is_empty());
}

#[tokio::test]
async fn unknown_parameters_and_charsets_are_accepted() {
    let app = TestApp::start().await;
    let body = "client_id=aius+cli%C3%A9&scope=runs%3Awrite++runs%3Awrite&resource=x&resource=y2"
        .replace("&resource=y2", "&other=");
    let content_type = "application/x-www-form-urlencoded; charset=UTF-8";
    app.visitor().post_raw(CODE, content_type, body).await.expect(200);
    let row = &app.items("DEVICE#", "").await[0];
    assert_eq!(row["program"]["S"], "aius clié");
    assert!(row.get("device").is_none());
    // The longest names make a token name that is as long as one may be.
    let (program, device) = ("p".repeat(100), "d".repeat(100));
    let parameters = [("client_id", &*program), ("device_name", &device), ("scope", "runs:write")];
    let codes = request_codes(&app.visitor(), &parameters).await.expect(200).json();
    let ada = app.sign_up("ada").await;
    let waiting = CommandLine {
        visitor: app.visitor(),
        device_code: codes["device_code"].as_str().unwrap().to_owned(),
        user_code: codes["user_code"].as_str().unwrap().to_owned(),
    };
    tests::device_sign_in::approve(&app, &ada, &waiting).await.expect(200);
    let parameters = [
        ("grant_type", GRANT_TYPE),
        ("device_code", &*waiting.device_code),
        ("client_id", &program),
    ];
    request_token(&app.visitor(), &parameters).await.expect(200);
    let name = tests::tokens::list_tokens(&ada).await[0]["token_name"].as_str().unwrap().to_owned();
    assert_eq!(name.chars().count(), 100);
    assert!(name.ends_with('…'), "{name}");
}
