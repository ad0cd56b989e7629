//! Signing up in a browser, and the mailed code.

use serde_json::json;
use tests::{PASSWORD, PageReply, PageVisitor, TestApp};

const SIGN_UP: &str = "/account/sign-up";
const VERIFY: &str = "/account/verify-email";
const RESEND: &str = "/account/verify-email/resend";

async fn sign_up(browser: &mut PageVisitor, path: &str, typed: &[(&str, &str)]) -> PageReply {
    let page = browser.open(path).await.expect(200);
    let ada = [("name", "Ada Lovelace"), ("email", "ada@example.com"), ("password", PASSWORD)];
    let typed: Vec<_> = ada
        .into_iter()
        .map(|(name, value)| {
            typed.iter().find(|(own, _)| *own == name).copied().unwrap_or((name, value))
        })
        .chain(typed.iter().filter(|(name, _)| !ada.iter().any(|(own, _)| own == name)).copied())
        .collect();
    browser.submit(&page, SIGN_UP, &typed).await
}

#[tokio::test]
async fn the_code_signs_in_and_leads_to_the_page_asked_for() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    let path = "/account/sign-up?next=%2Faccount%2Fprofile%3Fx%3D1";
    let typed = [("timezone", "Europe/Berlin")];
    let page = sign_up(&mut browser, path, &typed).await.expect(200).expect_path(VERIFY);
    let page =
        page.expect_text("ada@example.com").expect_text("You can send a new code in 60 seconds");
    let code = app.code("ada@example.com").await;
    let page = browser.submit(&page, VERIFY, &[("code", &code)]).await.expect(200);
    assert_eq!(page.path, "/account/profile?x=1");
    let page = page.expect_text("Email address verified");
    assert_eq!(page.value("/account/profile/details", "timezone"), "Europe/Berlin");
    // The person keeps the password that they chose.
    let credentials = json!({"email": "ada@example.com", "password": PASSWORD});
    app.visitor().post("/v1/login", credentials).await.expect(200);
}

#[tokio::test]
async fn the_mail_with_the_code_leads_to_its_page() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    sign_up(&mut browser, SIGN_UP, &[("email", "ada+x@example.com")]).await.expect(200);
    let mail = app.mails("ada+x@example.com").await.remove(0);
    let text = mail["text"].as_str().unwrap();
    let link = text.lines().find(|line| line.contains(VERIFY)).expect(text);
    let page = browser.open(&link[link.find(VERIFY).unwrap()..]).await.expect(200);
    assert_eq!(page.value(VERIFY, "email"), "ada+x@example.com");
    let code = app.code("ada+x@example.com").await;
    let page = browser.submit(&page, VERIFY, &[("code", &code)]).await.expect(200);
    page.expect_text("Email address verified");
}

#[tokio::test]
async fn what_was_typed_is_kept_beside_the_error() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    let page = sign_up(&mut browser, SIGN_UP, &[("password", "short")]).await.expect(400);
    assert_eq!(page.value(SIGN_UP, "name"), "Ada Lovelace");
    assert_eq!(page.value(SIGN_UP, "email"), "ada@example.com");
    assert_eq!(page.value(SIGN_UP, "password"), "");
    let error = page.texts("#account-sign-up-password-error");
    assert!(error[0].contains("at least 8 characters"), "{error:?}");
    // An unknown time zone of the browser is no error.
    let typed = [("timezone", "Moon/Sea"), ("next", "//evil.example")];
    let page = sign_up(&mut browser, SIGN_UP, &typed).await.expect(200).expect_path(VERIFY);
    let code = app.code("ada@example.com").await;
    let wrong = if code == "AAAAAA" { "BBBBBB" } else { "AAAAAA" };
    let page = browser.submit(&page, VERIFY, &[("code", wrong)]).await.expect(400);
    let page = page.expect_text("This code is wrong or has expired");
    let page = browser.submit(&page, VERIFY, &[("code", &code)]).await;
    assert!(page.path.starts_with("/account/organizations/"), "{}", page.path);
}

#[tokio::test]
async fn a_new_code_is_sent_after_its_waiting_time() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    let page = sign_up(&mut browser, SIGN_UP, &[]).await.expect_path(VERIFY);
    let early = browser.submit(&page, RESEND, &[]).await.expect(429);
    early.expect_text("Too many attempts. Try again in");
    app.advance_clock(61).await;
    let page = browser.submit(&page, RESEND, &[]).await.expect(200).expect_path(VERIFY);
    page.expect_text("a new code is on its way");
    assert_eq!(app.mails("ada@example.com").await.len(), 2);
}

#[tokio::test]
async fn a_contested_registration_asks_for_a_new_password() {
    let app = TestApp::start().await;
    app.register_unverified("ada").await;
    app.advance_clock(61).await;
    app.register_unverified("ada").await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open(VERIFY).await.expect(200);
    let code = app.code("ada@example.com").await;
    let typed = [("email", "ada@example.com"), ("code", code.as_str())];
    let page = browser.submit(&page, VERIFY, &typed).await.expect(200);
    let page = page.expect_path("/account/security#password").expect_text("set a new password");
    let typed = [("new_password", "tr0ub4dor-and-3")];
    let page = browser.submit(&page, "/account/security/password", &typed).await.expect(200);
    page.expect_text("Password changed");
}

#[tokio::test]
async fn public_paths_lead_to_their_pages() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    for (old, new) in [("signin", "/account/sign-in"), ("signup", SIGN_UP), ("verify", VERIFY)] {
        let page = browser.open(&format!("/account/{old}?email=a@b.example")).await.expect(200);
        assert_eq!(page.path, format!("{new}?email=a@b.example"));
        assert_eq!(page.texts("h1").len(), 1);
    }
}
