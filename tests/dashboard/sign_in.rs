//! Signing in in a browser: password, second factor, and the way back.

use serde_json::json;
use tests::{Authenticator, PASSWORD, PageReply, PageVisitor, TestApp};

const SIGN_IN: &str = "/account/sign-in";
const TWO_FACTOR: &str = "/account/two-factor";

async fn sign_in(browser: &mut PageVisitor, path: &str, password: &str) -> PageReply {
    let page = browser.open(path).await.expect(200);
    let typed = [("email", "ada@example.com"), ("password", password)];
    browser.submit(&page, SIGN_IN, &typed).await
}

#[tokio::test]
async fn a_signed_out_person_comes_back_to_the_page() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open("/account/security").await.expect(200).expect_path(SIGN_IN);
    let typed = [("email", "ada@example.com"), ("password", "wrong")];
    let page = browser.submit(&page, SIGN_IN, &typed).await.expect(401);
    let page = page.expect_text("The email address or the password is wrong");
    assert_eq!(page.value(SIGN_IN, "email"), "ada@example.com");
    let page = browser.submit(&page, SIGN_IN, &[("password", PASSWORD)]).await.expect(200);
    page.expect_path("/account/security");
    // Signed in, the page for signing in leads on, and signing out leads to it.
    let page = browser.open("/account/sign-in?next=/account/connections").await.expect(200);
    let page = page.expect_path("/account/connections");
    browser.submit(&page, "/account/sign-out", &[]).await.expect(200).expect_path(SIGN_IN);
    assert_eq!(browser.cookie("__Host-aius_session"), None);
}

#[tokio::test]
async fn only_paths_on_this_site_are_led_to() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    for evil in ["https://evil.example", "//evil.example", "/%5Cevil.example", "javascript:x"] {
        let mut browser = PageVisitor::new(&app);
        let page = sign_in(&mut browser, &format!("{SIGN_IN}?next={evil}"), PASSWORD).await;
        assert!(page.path.starts_with("/account/organizations/"), "{evil}: {}", page.path);
    }
}

#[tokio::test]
async fn an_unverified_account_leads_to_the_code() {
    let app = TestApp::start().await;
    app.register_unverified("ada").await;
    let mut browser = PageVisitor::new(&app);
    let path = format!("{SIGN_IN}?next=/account/profile");
    let page = sign_in(&mut browser, &path, PASSWORD).await.expect(200);
    let page = page.expect_path("/account/verify-email").expect_text("ada@example.com");
    let code = app.code("ada@example.com").await;
    let page = browser.submit(&page, "/account/verify-email", &[("code", &code)]).await;
    page.expect(200).expect_path("/account/profile");
}

#[tokio::test]
async fn the_second_factor_is_asked_for_without_a_url_secret() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::new(&app);
    let path = format!("{SIGN_IN}?next=/account/profile");
    let page = sign_in(&mut browser, &path, PASSWORD).await.expect(200).expect_path(TWO_FACTOR);
    let challenge = browser.cookie("__Host-aius_challenge").expect("a challenge").to_owned();
    assert!(!page.path.contains(&challenge) && !page.reply.text.contains(&challenge));
    let wrong = authenticator.wrong_code(&app).await;
    let page = browser.submit(&page, TWO_FACTOR, &[("code", &wrong)]).await.expect(401);
    let page = page.expect_text("This code is wrong");
    let code = authenticator.code(&app).await;
    let page = browser.submit(&page, TWO_FACTOR, &[("code", &code)]).await.expect(200);
    page.expect_path("/account/profile");
    assert_eq!(browser.cookie("__Host-aius_challenge"), None);
}

#[tokio::test]
async fn a_recovery_code_signs_in() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::new(&app);
    let page = sign_in(&mut browser, SIGN_IN, PASSWORD).await.expect(200).expect_path(TWO_FACTOR);
    let recovery = page.attributes("main a[href*=recovery]", "href");
    let page = browser.open(&recovery[0]).await.expect(200).expect_text("Recovery code");
    let typed = [("code", authenticator.recovery_codes[0].as_str())];
    browser.submit(&page, TWO_FACTOR, &typed).await;
    assert!(browser.cookie("__Host-aius_session").is_some());
}

#[tokio::test]
async fn a_challenge_that_is_over_leads_back() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::new(&app);
    let page = sign_in(&mut browser, SIGN_IN, PASSWORD).await.expect_path(TWO_FACTOR);
    app.advance_clock(5 * 60).await;
    let code = authenticator.code(&app).await;
    let page = browser.submit(&page, TWO_FACTOR, &[("code", &code)]).await.expect(401);
    page.expect_text("This took too long");
    assert_eq!(browser.cookie("__Host-aius_challenge"), None);
    browser.open(TWO_FACTOR).await.expect(200).expect_text("Sign in again");
}

#[tokio::test]
async fn a_deleted_account_is_restored_after_signing_in() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.delete("/v1/me", json!({"password": PASSWORD, "confirm": "DELETE"})).await.expect(200);
    let mut browser = PageVisitor::new(&app);
    let page = sign_in(&mut browser, SIGN_IN, PASSWORD).await.expect(200);
    let page = page.expect_path("/account/restore").expect_text("scheduled for deletion");
    // Every other page leads here.
    browser.open("/account/security").await.expect(200).expect_path("/account/restore");
    let page = browser.submit(&page, "/account/restore", &[]).await.expect(200);
    page.expect_path("/account/profile").expect_text("Account restored");
    let page = browser.open("/account/restore").await;
    assert!(page.path.starts_with("/account/organizations/"), "{}", page.path);
}
