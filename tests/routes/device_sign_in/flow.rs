//! The sign-in of a command line from its codes to its token.

use serde_json::json;
use shared::device_sign_in::{COLLECT_AGAIN_TTL, DEVICE_TOKEN_DAYS};
use tests::activity::list_user_log_entries;
use tests::device_sign_in::{
    APPROVE_FORM, CommandLine, PROGRAM, approve, enter_code, request_codes, token_in,
};
use tests::tokens::list_tokens;
use tests::{PageVisitor, TestApp};

#[tokio::test]
async fn a_program_gets_two_codes_and_the_page_for_them() {
    let app = TestApp::start().await;
    let parameters = [("client_id", PROGRAM), ("scope", "projects:read")];
    let codes = request_codes(&app.visitor(), &parameters).await.expect(200);
    assert_eq!(codes.header("cache-control"), Some("no-store"));
    let body = codes.json();
    assert_eq!((&body["expires_in"], &body["interval"]), (&json!(600), &json!(5)));
    let user_code = body["user_code"].as_str().unwrap();
    let is_code = |(at, letter): (usize, char)| match at {
        4 => letter == '-',
        _ => "BCDFGHJKLMNPQRSTVWXZ".contains(letter),
    };
    assert!(user_code.len() == 9 && user_code.chars().enumerate().all(is_code), "{user_code}");
    let page = body["verification_uri"].as_str().unwrap();
    assert!(page.ends_with("/account/device"), "{page}");
    let complete = format!("{page}?user_code={user_code}");
    assert_eq!(body["verification_uri_complete"], json!(complete));
    assert_eq!(body.as_object().unwrap().len(), 6);
    let other = request_codes(&app.visitor(), &parameters).await.expect(200).json();
    assert_ne!(other["user_code"], body["user_code"]);
    assert_ne!(other["device_code"], body["device_code"]);
}

#[tokio::test]
async fn an_approved_program_gets_a_personal_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    program.poll().await.expect_oauth_error("authorization_pending");
    approve(&app, &ada, &program).await.expect(200).expect_path("/account/device/approved");
    // The token exists only once the program asks for it.
    assert!(list_tokens(&ada).await.is_empty());
    let reply = program.poll().await.expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("pragma"), Some("no-cache"));
    let body = reply.json();
    let lifetime = DEVICE_TOKEN_DAYS * 24 * 60 * 60;
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], json!(lifetime));
    assert_eq!(body["scope"], "projects:read runs:write");
    assert_eq!(body.as_object().unwrap().len(), 4);
    let whoami = app.visitor().with_bearer(&token_in(&reply)).get("/v1/token").await;
    let whoami = whoami.expect(200).json();
    assert_eq!(whoami["kind"], "personal");
    assert_eq!(whoami["user"]["email"], ada.email);
    assert_eq!(whoami["token_name"], "aius-cli on ada-laptop");
    assert_eq!(whoami["scopes"], json!(["projects:read", "runs:write"]));
    assert_eq!(whoami["expires_at"], json!(app.now().await + lifetime));
    // A scope that was not asked for is not there.
    let bearer = app.visitor().with_bearer(&token_in(&reply));
    bearer.get("/v1/clients").await.expect_error(403, "INSUFFICIENT_SCOPE");
    let tokens = list_tokens(&ada).await;
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0]["token_name"], "aius-cli on ada-laptop");
}

#[tokio::test]
async fn the_approval_and_the_token_are_logged_and_mailed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    approve(&app, &ada, &program).await.expect(200);
    let token = token_in(&program.poll().await.expect(200));
    let mail = app.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "A program was signed in to your AIUS account");
    let text = mail["text"].as_str().unwrap();
    for part in ["“aius-cli” on “ada-laptop”", "projects:read, runs:write", "wasn't me"] {
        assert!(text.replace('\n', " ").contains(part), "no {part}: {text}");
    }
    let approved = list_user_log_entries(&app, "device.approved").await;
    assert_eq!(approved[0]["details"]["M"]["name"]["S"], "aius-cli on ada-laptop");
    let created = list_user_log_entries(&app, "token.created").await;
    assert_eq!((approved.len(), created.len()), (1, 1));
    // The approval came from the browser, the token went to the program.
    let asked_from = &approved[0]["details"]["M"]["asked_from"]["S"];
    assert_eq!(&created[0]["ip"]["S"], asked_from);
    assert_ne!(&approved[0]["ip"]["S"], asked_from);
    // The link in the mail ends the token.
    let not_me = app.not_me_token(&ada.email).await;
    app.report_not_me(&not_me).await.expect(200);
    let bearer = app.visitor().with_bearer(&token);
    bearer.get("/v1/token").await.expect_error(401, "invalid token");
}

#[tokio::test]
async fn a_person_can_allow_fewer_scopes_but_not_more() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    for (scopes, text) in [
        ("clients:write", "The program does not ask for clients:write"),
        ("everything", "There is no scope everything"),
    ] {
        let refused = browser.submit(&page, APPROVE_FORM, &[("scopes", scopes)]).await;
        refused.expect(400).expect_text(text);
    }
    let none: Vec<_> = page.form_fields(APPROVE_FORM);
    let none: Vec<_> = none.into_iter().filter(|(name, _)| name != "scopes").collect();
    let refused = browser.post(APPROVE_FORM, &none).await.expect(400);
    refused.expect_text("Must name at least one scope");
    app.advance_clock(5).await;
    program.poll().await.expect_oauth_error("authorization_pending");
    browser.submit(&page, APPROVE_FORM, &[("scopes", "runs:write")]).await.expect(200);
    let token = program.poll().await.expect(200);
    assert_eq!(token.json()["scope"], "runs:write");
    let whoami = app.visitor().with_bearer(&token_in(&token)).get("/v1/token").await.json();
    assert_eq!(whoami["scopes"], json!(["runs:write"]));
}

#[tokio::test]
async fn a_lost_answer_is_repeated_for_a_minute() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    approve(&app, &ada, &program).await.expect(200);
    let token = token_in(&program.poll().await.expect(200));
    app.advance_clock(COLLECT_AGAIN_TTL.as_secs() - 1).await;
    assert_eq!(token_in(&program.poll().await.expect(200)), token);
    app.advance_clock(1).await;
    program.poll().await.expect_oauth_error("invalid_grant");
    assert_eq!(list_tokens(&ada).await.len(), 1);
    app.visitor().with_bearer(&token).get("/v1/token").await.expect(200);
}

#[tokio::test]
async fn plain_secrets_of_a_device_are_not_in_the_table() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    approve(&app, &ada, &program).await.expect(200);
    let token = token_in(&program.poll().await.expect(200));
    let dump = serde_json::to_string(&app.dump().await).unwrap();
    let secret = program.device_code.split_once('.').unwrap().1;
    let letters = program.user_code.replace('-', "");
    for part in [secret, &token, &token[33..], &program.user_code, &letters] {
        assert!(!dump.contains(part), "the dump holds {part}");
    }
    assert_eq!(app.items("DEVICE#", "META").await.len(), 1);
}
