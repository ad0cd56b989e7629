//! The errors of RFC 8628, 3.5 and RFC 6749, 5.2.

use shared::device_sign_in::{DEVICE_CODE_TTL, POLL_INTERVAL, POLL_INTERVAL_STEP};
use tests::PageVisitor;
use tests::TestApp;
use tests::device_sign_in::{
    CommandLine, DEVICE_PAGE, GRANT_TYPE, PROGRAM, approve, deny, enter_code, request_token,
};
use tests::tokens::list_tokens;

#[tokio::test]
async fn each_poll_that_is_too_early_makes_the_interval_longer() {
    let app = TestApp::start().await;
    let program = CommandLine::start(&app).await;
    let (mut interval, step) = (POLL_INTERVAL.as_secs(), POLL_INTERVAL_STEP.as_secs());
    program.poll().await.expect_oauth_error("authorization_pending");
    app.advance_clock(interval - 1).await;
    program.poll().await.expect_oauth_error("slow_down");
    for _ in 0..3 {
        // The former interval is not enough any more.
        app.advance_clock(interval).await;
        let early = program.poll().await.expect_oauth_error("slow_down");
        interval += step;
        let wait = format!("wait {} seconds", interval + step);
        assert!(early.text.contains(&wait), "no {wait}: {}", early.text);
    }
    app.advance_clock(interval + step).await;
    program.poll().await.expect_oauth_error("authorization_pending");
    app.advance_clock(interval + step - 1).await;
    program.poll().await.expect_oauth_error("slow_down");
    // Another program keeps the interval of the standard.
    let other = CommandLine::start(&app).await;
    other.poll().await.expect_oauth_error("authorization_pending");
    app.advance_clock(POLL_INTERVAL.as_secs()).await;
    other.poll().await.expect_oauth_error("authorization_pending");
}

#[tokio::test]
async fn an_approval_is_answered_however_fast_a_program_asks() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    program.poll().await.expect_oauth_error("authorization_pending");
    program.poll().await.expect_oauth_error("slow_down");
    approve(&app, &ada, &program).await.expect(200);
    program.poll().await.expect(200);
}

#[tokio::test]
async fn codes_expire_after_ten_minutes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let [pending, approved, seen] = [
        CommandLine::start(&app).await,
        CommandLine::start(&app).await,
        CommandLine::start(&app).await,
    ];
    let mut browser = PageVisitor::signed_in(&app, &ada);
    app.advance_clock(DEVICE_CODE_TTL.as_secs() - 1).await;
    ada.reauthenticate().await;
    let page = enter_code(&mut browser, &seen.user_code).await.expect(200);
    pending.poll().await.expect_oauth_error("authorization_pending");
    approve(&app, &ada, &approved).await.expect(200);
    app.advance_clock(1).await;
    for program in [&pending, &approved, &seen] {
        program.poll().await.expect_oauth_error("expired_token");
    }
    let entered = enter_code(&mut browser, &pending.user_code).await.expect(409);
    entered.expect_text("This code has expired; start the sign-in again");
    for form in ["approve", "deny"] {
        let late = browser.submit(&page, &format!("{DEVICE_PAGE}/{form}"), &[]).await;
        late.expect(409).expect_text("This code has expired");
    }
    assert!(list_tokens(&ada).await.is_empty());
}

#[tokio::test]
async fn a_denied_program_gets_no_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    deny(&app, &ada, &program).await.expect(200).expect_path("/account/device/denied");
    program.poll().await.expect_oauth_error("access_denied");
    // Denying again is the same answer, and allowing comes too late.
    let again = browser.submit(&page, &format!("{DEVICE_PAGE}/deny"), &[]).await;
    again.expect(200).expect_path("/account/device/denied");
    let late = browser.submit(&page, &format!("{DEVICE_PAGE}/approve"), &[]).await;
    late.expect(409).expect_text("This request was denied");
    let entered = enter_code(&mut browser, &program.user_code).await.expect(409);
    entered.expect_text("This request was denied");
    program.poll().await.expect_oauth_error("access_denied");
    let denied = tests::activity::list_user_log_entries(&app, "device.denied").await;
    assert_eq!(denied.len(), 1);
    assert!(list_tokens(&ada).await.is_empty());
}

#[tokio::test]
async fn an_approval_is_final_and_counts_once() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let program = CommandLine::start(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let mut other = PageVisitor::signed_in(&app, &eve);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    let of_eve = enter_code(&mut other, &program.user_code).await.expect(200);
    for _ in 0..2 {
        let approved = browser.submit(&page, &format!("{DEVICE_PAGE}/approve"), &[]).await;
        approved.expect(200).expect_path("/account/device/approved");
    }
    for form in ["approve", "deny"] {
        let late = other.submit(&of_eve, &format!("{DEVICE_PAGE}/{form}"), &[]).await;
        late.expect(409).expect_text("This code was used already");
    }
    let denied = browser.submit(&page, &format!("{DEVICE_PAGE}/deny"), &[]).await;
    denied.expect(409).expect_text("This code was used already");
    program.poll().await.expect(200);
    let entered = enter_code(&mut browser, &program.user_code).await.expect(409);
    entered.expect_text("This code was used already");
    assert_eq!((list_tokens(&ada).await.len(), list_tokens(&eve).await.len()), (1, 0));
    let subjects = app.subjects(&ada.email).await;
    let mails = subjects.iter().filter(|subject| subject.starts_with("A program was signed in"));
    assert_eq!(mails.count(), 1);
}

#[tokio::test]
async fn a_foreign_or_unknown_device_code_is_an_invalid_grant() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    let other = CommandLine::start(&app).await;
    approve(&app, &ada, &program).await.expect(200);
    let (id, secret) = program.device_code.split_once('.').unwrap();
    let (other_id, other_secret) = other.device_code.split_once('.').unwrap();
    let unknown = format!("AAAAAAAAAAAAAAAAAAAAAA.{secret}");
    let [mixed, swapped] = [format!("{id}.{other_secret}"), format!("{other_id}.{secret}")];
    for code in [&mixed, &swapped, &unknown, id, secret, "x", &program.user_code] {
        let parameters =
            [("grant_type", GRANT_TYPE), ("device_code", code), ("client_id", PROGRAM)];
        request_token(&app.visitor(), &parameters).await.expect_oauth_error("invalid_grant");
    }
    // The code of one program is of no use to another.
    let parameters = [
        ("grant_type", GRANT_TYPE),
        ("device_code", &*program.device_code),
        ("client_id", "other-cli"),
    ];
    request_token(&app.visitor(), &parameters).await.expect_oauth_error("invalid_grant");
    program.poll().await.expect(200);
    assert_eq!(list_tokens(&ada).await.len(), 1);
}
