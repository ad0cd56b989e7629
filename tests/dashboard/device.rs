//! `/account/device`

use tests::device_sign_in::{
    APPROVE_FORM, CommandLine, DENY_FORM, DEVICE_PAGE, approve, deny, enter_code,
};
use tests::{Authenticator, PASSWORD, PageVisitor, TestApp};

#[tokio::test]
async fn a_signed_out_person_comes_back_with_the_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    let link = format!("{DEVICE_PAGE}?user_code={}", program.user_code);
    let mut browser = PageVisitor::new(&app);
    let sign_in = browser.open(&link).await.expect(200).expect_path("/account/sign-in");
    let typed = [("email", ada.email.as_str()), ("password", PASSWORD)];
    let back = browser.submit(&sign_in, "/account/sign-in", &typed).await.expect(200);
    let back = back.expect_path(DEVICE_PAGE);
    assert_eq!(back.value(DEVICE_PAGE, "user_code"), program.user_code);
    browser.submit(&back, DEVICE_PAGE, &[]).await.expect(200).expect_text("Who asks");
}

#[tokio::test]
async fn a_session_that_ends_in_between_keeps_the_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    ada.post("/v1/logout", serde_json::json!({})).await.expect(200);
    let sign_in = browser.submit(&page, APPROVE_FORM, &[]).await.expect(200);
    let sign_in = sign_in.expect_path("/account/sign-in");
    let typed = [("email", ada.email.as_str()), ("password", PASSWORD)];
    let back = browser.submit(&sign_in, "/account/sign-in", &typed).await.expect(200);
    assert_eq!(back.expect_path(DEVICE_PAGE).value(DEVICE_PAGE, "user_code"), program.user_code);
    program.poll().await.expect_oauth_error("authorization_pending");
}

#[tokio::test]
async fn a_second_factor_leads_back_to_the_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (authenticator, _) = Authenticator::set_up(&app, &ada.visitor).await;
    app.advance_clock(60).await;
    let program = CommandLine::start(&app).await;
    let link = format!("{DEVICE_PAGE}?user_code={}", program.user_code);
    let mut browser = PageVisitor::new(&app);
    let sign_in = browser.open(&link).await.expect(200);
    let typed = [("email", ada.email.as_str()), ("password", PASSWORD)];
    let second = browser.submit(&sign_in, "/account/sign-in", &typed).await.expect(200);
    let code = authenticator.code(&app).await;
    let back = browser.submit(&second, "/account/two-factor", &[("code", &code)]).await;
    let back = back.expect(200).expect_path(DEVICE_PAGE);
    assert_eq!(back.value(DEVICE_PAGE, "user_code"), program.user_code);
}

#[tokio::test]
async fn a_wrong_code_stays_in_the_field() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    for (typed, status, text) in [
        ("", 400, "Enter the code"),
        ("WDJB", 400, "The code has 8 letters, such as WDJB-MJHT"),
        ("ABCD-EFGH", 400, "The code has 8 letters, such as WDJB-MJHT"),
        ("WDJB-MJHT", 400, "This code is wrong or has expired"),
    ] {
        let page = enter_code(&mut browser, typed).await.expect(status).expect_text(text);
        assert_eq!(page.value(DEVICE_PAGE, "user_code"), typed);
    }
    let program = CommandLine::start(&app).await;
    let typed = program.user_code.to_lowercase().replace('-', " ");
    let page = enter_code(&mut browser, &typed).await.expect(200).expect_text("Who asks");
    assert!(page.text().contains(&program.user_code));
}

#[tokio::test]
async fn both_answers_say_what_happens_next() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (first, second) = (CommandLine::start(&app).await, CommandLine::start(&app).await);
    let page = approve(&app, &ada, &first).await.expect(200);
    let page = page.expect_path("/account/device/approved");
    page.expect_text("aius-cli on ada-laptop is signed in")
        .expect_text("Go back to your command line");
    let page = deny(&app, &ada, &second).await.expect(200).expect_path("/account/device/denied");
    page.expect_text("The request was denied").expect_text("Nothing in your account was changed");
    let mut browser = PageVisitor::signed_in(&app, &ada);
    first.poll().await.expect(200);
    let tokens = browser.open("/account/tokens").await.expect(200);
    tokens.expect_text("aius-cli on ada-laptop").expect_text("Enter it here");
    let log = browser.open("/account/activity").await.expect(200);
    let log = log.expect_text("You allowed the sign-in of the program “aius-cli on ada-laptop”");
    log.expect_text("You denied the sign-in of the program “aius-cli on ada-laptop”");
    let security = browser.open("/account/security").await.expect(200);
    security.expect_text("You allowed the sign-in of the program “aius-cli on ada-laptop”");
}

#[tokio::test]
async fn a_refused_answer_shows_the_request_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    let fields: Vec<_> = page.form_fields(APPROVE_FORM);
    let none: Vec<_> = fields.into_iter().filter(|(name, _)| name != "scopes").collect();
    let page = browser.post(APPROVE_FORM, &none).await.expect(400);
    let page = page.expect_text("Must name at least one scope").expect_text("Who asks");
    let ticked = page.form_fields(APPROVE_FORM);
    assert!(!ticked.iter().any(|(name, _)| name == "scopes"), "what was unticked stays so");
    let typed = [("scopes", "projects:read")];
    let done = browser.submit(&page, APPROVE_FORM, &typed).await.expect(200);
    done.expect_path("/account/device/approved");
    // The other answer of an old page leads to the form for a code.
    let late = browser.submit(&page, DENY_FORM, &[]).await.expect(409);
    late.expect_text("This code was used already").value(DEVICE_PAGE, "user_code");
}
