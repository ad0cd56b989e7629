//! Password, two-factor authentication, sessions and events on the page about security.

use tests::two_factor::{answer_challenge, start_challenge};
use tests::{Authenticator, PASSWORD, PageReply, PageVisitor, Person, TestApp, session_cookie};

const SECURITY: &str = "/account/security";
const CHANGE_PASSWORD: &str = "/account/security/password";
const TWO_FACTOR: &str = "/account/security/two-factor";
const ENABLE: &str = "/account/security/two-factor/enable";
const TURN_OFF: &str = "/account/security/two-factor/turn-off";
const RECOVERY_CODES: &str = "/account/security/recovery-codes";
const DOWNLOAD: &str = "/account/security/recovery-codes.txt";
const SAVED: &str = "/account/security/recovery-codes/saved";
const END_OTHERS: &str = "/account/security/sessions/end-others";
const NEW_PASSWORD: &str = "tr0ub4dor-and-3";

/// Reads the URL of an authenticator app from the drawn QR code.
fn scan(page: &PageReply) -> String {
    let view_box = page.attributes("svg.qr", "viewBox").remove(0);
    let size: usize = view_box.split(' ').next_back().unwrap().parse().unwrap();
    let path = page.attributes("svg.qr path", "d").remove(0);
    let mut dark = vec![vec![false; size]; size];
    for module in path.split('M').filter(|module| !module.is_empty()) {
        let (x, rest) = module.split_once(' ').unwrap();
        let (y, _) = rest.split_once('h').unwrap();
        dark[y.parse::<usize>().unwrap()][x.parse::<usize>().unwrap()] = true;
    }
    const SCALE: usize = 8;
    let is_dark = |x: usize, y: usize| dark[y / SCALE][x / SCALE];
    let grey = |x, y| if is_dark(x, y) { 0 } else { 255 };
    let (side, draw) = (size * SCALE, grey);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, draw);
    let codes = image.detect_grids();
    codes.first().expect("a QR code").decode().expect("readable").1
}

#[tokio::test]
async fn the_password_is_changed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let other = ada.sign_in(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(SECURITY).await.expect(200);
    let typed = [("current_password", "wrong-horse-9"), ("new_password", NEW_PASSWORD)];
    let page = browser.submit(&page, CHANGE_PASSWORD, &typed).await.expect(401);
    let error = page.texts("#account-security-password-current_password-error");
    assert!(error[0].contains("The password is wrong"), "{error:?}");
    let typed = [("current_password", PASSWORD), ("new_password", "short")];
    let page = browser.submit(&page, CHANGE_PASSWORD, &typed).await.expect(400);
    let page = page.expect_text("at least 8 characters");
    let typed = [
        ("current_password", PASSWORD),
        ("new_password", NEW_PASSWORD),
        ("new_password_again", "tr0ub4dor-and-4"),
    ];
    let page = browser.submit(&page, CHANGE_PASSWORD, &typed).await.expect(400);
    let error = page.texts("#account-security-password-new_password_again-error");
    assert!(error[0].contains("This is not the new password"), "{error:?}");
    let typed = [typed[0], typed[1], ("new_password_again", NEW_PASSWORD)];
    let page = browser.submit(&page, CHANGE_PASSWORD, &typed).await.expect(200);
    page.expect_text("Password changed. All other sessions were ended");
    other.get("/v1/me").await.expect(401);
}

#[tokio::test]
async fn two_factor_is_set_up_from_the_qr_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(SECURITY).await.expect(200);
    let page = browser.submit(&page, TWO_FACTOR, &[]).await.expect(200).expect_path(TWO_FACTOR);
    let url = scan(&page);
    let secret = page.texts("#secret").remove(0);
    assert!(secret.split(' ').all(|group| group.len() == 4), "{secret}");
    assert!(url.contains(&secret.replace(' ', "")), "{url}");
    let authenticator = Authenticator::scan(&url);
    let wrong = authenticator.wrong_code(&app).await;
    let page = browser.submit(&page, ENABLE, &[("code", &wrong)]).await.expect(400);
    assert_eq!(page.texts("#secret"), [secret], "the app need not be set up again");
    let code = authenticator.code(&app).await;
    let page = browser.submit(&page, ENABLE, &[("code", &code)]).await.expect(200);
    let codes = page.texts("#recovery-codes").remove(0);
    assert_eq!(codes.split(' ').count(), 10, "{codes}");
    let file = browser.submit(&page, DOWNLOAD, &[]).await.expect(200);
    assert_eq!(file.reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(codes.split(' ').all(|code| file.reply.text.contains(code)));
    let page = browser.submit(&page, SAVED, &[("saved", "1")]).await.expect(200);
    let page = page.expect_path(SECURITY).expect_text("Recovery codes left 10");
    assert!(!page.text().contains("Few recovery codes"));
    // The secret is not shown again.
    browser.open(TWO_FACTOR).await.expect(200).expect_path("/account/security#two-factor");
}

#[tokio::test]
async fn a_pending_secret_is_shown_after_a_recent_proof_only() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(SECURITY).await.expect(200);
    browser.submit(&page, TWO_FACTOR, &[]).await.expect(200).expect_path(TWO_FACTOR);
    app.expire_proof().await;
    let page = browser.open(TWO_FACTOR).await.expect(200);
    assert!(page.texts("#secret").is_empty());
    let prompt = browser.submit(&page, TWO_FACTOR, &[]).await.expect(401);
    let typed = [("reauth_password", PASSWORD)];
    let page = browser.submit(&prompt, TWO_FACTOR, &typed).await.expect(200);
    assert_eq!(page.texts("#secret").len(), 1);
}

#[tokio::test]
async fn recovery_codes_are_replaced_and_run_low() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    for code in &authenticator.recovery_codes[..7] {
        let challenge = start_challenge(&app, &ada).await;
        answer_challenge(&app, &challenge, code).await.expect(200);
    }
    let page = browser.open(SECURITY).await.expect(200);
    page.expect_text("Recovery codes left 3").expect_text("Few recovery codes are left");
    let page = browser.open(RECOVERY_CODES).await.expect(200);
    let page = browser.submit(&page, RECOVERY_CODES, &[("password", PASSWORD)]).await.expect(400);
    let code = authenticator.code(&app).await;
    let typed = [("password", PASSWORD), ("code", code.as_str())];
    let page = browser.submit(&page, RECOVERY_CODES, &typed).await.expect(200);
    assert_eq!(page.texts("#recovery-codes")[0].split(' ').count(), 10);
    browser.open(SECURITY).await.expect(200).expect_text("Recovery codes left 10");
}

#[tokio::test]
async fn only_recovery_codes_are_sent_back_as_a_file() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(RECOVERY_CODES).await.expect(200);
    let code = authenticator.code(&app).await;
    let typed = [("password", PASSWORD), ("code", code.as_str())];
    let page = browser.submit(&page, RECOVERY_CODES, &typed).await.expect(200);
    let typed = [("recovery_codes", "visit https://evil.example")];
    browser.submit(&page, DOWNLOAD, &typed).await.expect(400);
}

#[tokio::test]
async fn two_factor_is_turned_off_with_both_factors() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(TURN_OFF).await.expect(200);
    let wrong = authenticator.wrong_code(&app).await;
    let typed = [("password", PASSWORD), ("code", wrong.as_str())];
    let page = browser.submit(&page, TURN_OFF, &typed).await.expect(400);
    let code = authenticator.code(&app).await;
    let typed = [("password", PASSWORD), ("code", code.as_str())];
    let page = browser.submit(&page, TURN_OFF, &typed).await.expect(200).expect_path(SECURITY);
    page.expect_text("Two-factor authentication is off");
    browser.open(TURN_OFF).await.expect(200).expect_path("/account/security#two-factor");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    let visitor = app.visitor().with_header("user-agent", firefox);
    let reply = visitor.post("/v1/login", ada.credentials()).await.expect(200);
    let other = Person::from_session(&visitor, &ada.email, &reply);
    let third = ada.sign_in(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(SECURITY).await.expect(200).expect_text("Firefox on Linux");
    assert_eq!(page.texts("#sessions tbody tr").len(), 3);
    assert_eq!(page.texts("#sessions .badge"), ["This device"]);
    // The person's own session has no button.
    let ends = page.attributes("#sessions td form", "action");
    assert_eq!(ends.len(), 2);
    let row =
        page.texts("#sessions tbody tr").into_iter().filter(|row| !row.contains("This device"));
    let at = row.into_iter().position(|row| row.contains("Firefox")).unwrap();
    let page = browser.submit(&page, &ends[at], &[]).await.expect(200);
    let page = page.expect_text("Session ended");
    other.get("/v1/me").await.expect(401);
    third.get("/v1/me").await.expect(200);
    let page = browser.submit(&page, END_OTHERS, &[]).await.expect(200);
    let page = page.expect_text("All other sessions ended");
    third.get("/v1/me").await.expect(401);
    assert_eq!(page.texts("#sessions tbody tr").len(), 1);
    page.expect_text("You signed in");
}

#[tokio::test]
async fn a_session_of_another_person_is_not_ended() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    ada.sign_in(&app).await;
    let mut adas = PageVisitor::signed_in(&app, &ada);
    let page = adas.open(SECURITY).await.expect(200);
    let ends = page.attributes("#sessions td form", "action");
    // Eve's own token of the form does not fit Ada's session, nor does Ada's token fit Eve.
    let mut eves = PageVisitor::signed_in(&app, &eve);
    let fields = page.form_fields(&ends[0]);
    eves.post(&ends[0], &fields).await.expect(403);
    let page = adas.open(SECURITY).await.expect(200);
    assert_eq!(page.texts("#sessions tbody tr").len(), 2);
}

#[tokio::test]
async fn events_of_the_last_90_days_are_shown() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.advance_clock_only(91 * 86_400).await;
    let later = ada.sign_in(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &later);
    let page = browser.open(SECURITY).await.expect(200);
    assert!(page.texts("#events tbody tr")[0].starts_with("You signed in"), "{}", page.text());
    assert!(!page.text().contains("created the account"));
}

#[tokio::test]
async fn a_google_account_sets_its_first_password() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let visitor = app.visitor();
    let reply = app.sign_in_with_google(&visitor, "ada@example.com").await;
    let session = session_cookie(&reply).expect("a session");
    let ada = Person { email: "ada@example.com".to_owned(), visitor, session: Some(session) };
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(SECURITY).await.expect(200).expect_text("You sign in with Google");
    let page = browser.submit(&page, CHANGE_PASSWORD, &[("new_password", NEW_PASSWORD)]).await;
    page.expect(200).expect_text("Password changed");
    let page = browser.open("/account/profile").await.expect(200);
    assert!(page.value("/account/profile/email", "new_email").is_empty());
}
