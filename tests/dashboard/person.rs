//! The profile's email address, export and deletion.

use tests::{Authenticator, PASSWORD, PageVisitor, TestApp};

const PROFILE: &str = "/account/profile";
const EMAIL: &str = "/account/profile/email";
const CONFIRM: &str = "/account/profile/email/confirm";
const DELETE: &str = "/account/profile/delete";

#[tokio::test]
async fn the_email_address_is_changed_with_a_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PROFILE).await.expect(200);
    assert!(!page.text().contains("waits for the code"));
    let typed = [("new_email", "countess@example.com"), ("password", "wrong-horse-9")];
    let page = browser.submit(&page, EMAIL, &typed).await.expect(401);
    let page = page.expect_text("The password is wrong");
    assert_eq!(page.value(EMAIL, "new_email"), "countess@example.com");
    let page = browser.submit(&page, EMAIL, &[("password", PASSWORD)]).await.expect(200);
    let page = page.expect_text("The change to countess@example.com waits for the code");
    let page = browser.submit(&page, CONFIRM, &[("code", "AAAAAA")]).await.expect(400);
    let page = page.expect_text("This code is wrong");
    let code = app.code("countess@example.com").await;
    let page = browser.submit(&page, CONFIRM, &[("code", &code)]).await.expect(200);
    let page = page.expect_text("Email address changed");
    assert!(!page.text().contains("waits for the code"));
    assert_eq!(page.texts("#email strong"), ["countess@example.com"]);
}

#[tokio::test]
async fn a_taken_address_looks_like_a_free_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sign_up("bob").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PROFILE).await.expect(200);
    let typed = [("new_email", "bob@example.com"), ("password", PASSWORD)];
    let page = browser.submit(&page, EMAIL, &typed).await.expect(200);
    let page = page.expect_text("The change to bob@example.com waits for the code");
    // It ends with the code.
    app.advance_clock(10 * 60).await;
    let page = browser.open(&page.path).await.expect(200);
    assert!(!page.text().contains("waits for the code"));
}

#[tokio::test]
async fn the_export_is_a_file() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open("/account/profile/export").await.expect(200);
    let disposition = page.reply.header("content-disposition").unwrap();
    assert_eq!(disposition, r#"attachment; filename="aius-account.json""#);
    assert!(page.reply.text.contains("ada@example.com"));
    let page = PageVisitor::new(&app).open("/account/profile/export").await.expect(200);
    page.expect_path("/account/sign-in");
}

#[tokio::test]
async fn the_account_is_deleted_after_saying_what_is_lost() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(DELETE).await.expect(200).expect_text("What is lost");
    let typed = [("password", PASSWORD), ("confirm", "delete")];
    let page = browser.submit(&page, DELETE, &typed).await.expect(400);
    let page = page.expect_text("Type DELETE in capital letters");
    let typed = [("password", "wrong-horse-9"), ("confirm", "DELETE")];
    let page = browser.submit(&page, DELETE, &typed).await.expect(401);
    ada.get("/v1/me").await.expect(200);
    let typed = [("password", PASSWORD), ("confirm", "DELETE")];
    let page = browser.submit(&page, DELETE, &typed).await.expect(200);
    page.expect_path("/account/sign-in").expect_text("to restore it");
    assert_eq!(browser.cookie("__Host-aius_session"), None);
}

#[tokio::test]
async fn both_factors_delete_an_account() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(DELETE).await.expect(200);
    let typed = [("password", PASSWORD), ("confirm", "DELETE")];
    let page = browser.submit(&page, DELETE, &typed).await.expect(400);
    let page = page.expect_text("Enter the code");
    let code = authenticator.code(&app).await;
    let typed = [("password", PASSWORD), ("confirm", "DELETE"), ("code", code.as_str())];
    browser.submit(&page, DELETE, &typed).await.expect(200).expect_path("/account/sign-in");
}
