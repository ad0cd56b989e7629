//! The pages that links in mails open.

use serde_json::json;
use shared::mail::LinkedPage;
use tests::{PASSWORD, PageVisitor, TestApp};

const NEW_PASSWORD: &str = "tr0ub4dor-and-3";
const RESET: &str = "/account/reset-password";

#[tokio::test]
async fn the_mailed_link_sets_a_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open("/account/forgot-password").await.expect(200);
    let typed = [("email", "ada@example.com")];
    let page = browser.submit(&page, "/account/forgot-password", &typed).await.expect(200);
    page.expect_path(RESET).expect_text("a link and a code are on their way");
    let token = app.reset_token("ada@example.com").await;
    let link = format!("{RESET}?token={token}");
    // Opening the link changes nothing, however often.
    browser.open(&link).await.expect(200);
    let page = browser.open(&link).await.expect(200);
    ada.get("/v1/me").await.expect(200);
    let page = browser.submit(&page, RESET, &[("new_password", "short")]).await.expect(400);
    assert_eq!(page.value(RESET, "token"), token);
    let page = browser.submit(&page, RESET, &[("new_password", NEW_PASSWORD)]).await.expect(200);
    page.expect_text("All sessions were ended");
    ada.get("/v1/me").await.expect(401);
    let page = browser.open(&link).await.expect(200);
    let page = browser.submit(&page, RESET, &[("new_password", NEW_PASSWORD)]).await.expect(400);
    page.expect_text("This link was used, or it has expired");
}

#[tokio::test]
async fn the_mailed_code_sets_a_password_too() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open("/account/forgot-password").await.expect(200);
    let typed = [("email", "ada@example.com")];
    let page = browser.submit(&page, "/account/forgot-password", &typed).await.expect(200);
    assert_eq!(page.value(RESET, "email"), "ada@example.com");
    let code = app.code("ada@example.com").await;
    let typed = [("code", code.as_str()), ("new_password", NEW_PASSWORD)];
    let page = browser.submit(&page, RESET, &typed).await.expect(200);
    page.expect_text("Password changed");
    let body = json!({"email": "ada@example.com", "password": NEW_PASSWORD});
    app.visitor().post("/v1/login", body).await.expect(200);
}

#[tokio::test]
async fn an_address_without_an_account_looks_the_same() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open("/account/forgot-password").await.expect(200);
    let typed = [("email", "nobody@example.com")];
    let page = browser.submit(&page, "/account/forgot-password", &typed).await.expect(200);
    page.expect_path(RESET).expect_text("a link and a code are on their way");
    assert!(app.mails("nobody@example.com").await.is_empty());
}

#[tokio::test]
async fn not_me_secures_the_account() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    ada.post("/v1/me/password", change).await.expect(200);
    let token = app.not_me_token("ada@example.com").await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open(&format!("/account/not-me?token={token}")).await.expect(200);
    ada.get("/v1/me").await.expect(200);
    let done = browser.submit(&page, "/account/not-me", &[]).await.expect(200);
    done.expect_text("Account secured");
    ada.get("/v1/me").await.expect(401);
    let again = browser.submit(&page, "/account/not-me", &[]).await.expect(400);
    again.expect_text("This link was used, or it has expired");
    browser.open("/account/not-me").await.expect(200).expect_text("The link is incomplete");
}

#[tokio::test]
async fn an_email_change_is_undone() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let change = json!({"new_email": "eve@example.com", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect(200);
    let code = app.code("eve@example.com").await;
    ada.post("/v1/me/email/confirm", json!({"code": code})).await.expect(200);
    let token = app.mailed_token("ada@example.com", LinkedPage::UndoEmail).await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open(&format!("/account/undo-email?token={token}")).await.expect(200);
    assert_eq!(ada.get("/v1/me").await.json()["user"]["email"], "eve@example.com");
    let done = browser.submit(&page, "/account/undo-email", &[]).await.expect(200);
    done.expect_text("Email change undone");
    let again = browser.submit(&page, "/account/undo-email", &[]).await.expect(400);
    again.expect_text("This link was used, or it has expired");
}
