//! Confirmations open in a dialog.

use serde_json::{Value, json};
use tests::tokens::{create_token, list_tokens};
use tests::{Chromium, Person, TestApp};

const PATH: &str = "/account/tokens";

/// The key Escape, as `WebDriver` writes it.
const ESCAPE: &str = "\u{e00c}";

/// Returns whether a dialog is open.
async fn has_dialog(browser: &Chromium) -> bool {
    let script = "return document.querySelector('dialog[open]') !== null";
    browser.execute(script, Vec::new()).await == json!(true)
}

/// Returns the text of the element that has the focus.
async fn focused(browser: &Chromium) -> Value {
    browser.execute("return document.activeElement.textContent", Vec::new()).await
}

/// Opens the page of tokens as a person with the token "laptop".
async fn open_page_with_a_token(app: &TestApp) -> (Person, Chromium) {
    let ada = app.sign_up("ada").await;
    create_token(&ada, json!({"token_name": "laptop"})).await.expect(200);
    let browser = Chromium::open(app).await;
    browser.sign_in(&ada).await;
    browser.goto(PATH).await;
    (ada, browser)
}

#[tokio::test]
async fn a_confirmation_opens_in_a_dialog() {
    let app = TestApp::start().await;
    let (ada, browser) = open_page_with_a_token(&app).await;
    browser.follow("Revoke laptop").await;
    // The link of the dialog that leads back closes it.
    browser.follow("Cancel").await;
    assert!(!has_dialog(&browser).await);
    assert!(list_tokens(&ada).await[0]["revoked_at"].is_null());
    browser.follow("Revoke laptop").await;
    browser.expect_text("It was never used.").await;
    assert!(has_dialog(&browser).await);
    browser.expect_path(PATH).await;
    browser.press("Revoke token").await;
    browser.expect_text("Token revoked").await;
    assert!(list_tokens(&ada).await[0]["revoked_at"].is_i64());
    browser.close().await;
}

#[tokio::test]
async fn a_confirmation_that_does_not_load_has_a_page() {
    let app = TestApp::start().await;
    let (_, browser) = open_page_with_a_token(&app).await;
    browser.execute("window.fetch = () => Promise.reject(new Error('offline'))", Vec::new()).await;
    browser.follow("Revoke laptop").await;
    browser.expect_path("/account/tokens/1/revoke").await;
    browser.press("Revoke token").await;
    browser.expect_text("Token revoked").await;
    browser.close().await;
}

#[tokio::test]
async fn escape_closes_a_dialog_and_gives_the_focus_back() {
    let app = TestApp::start().await;
    let (_, browser) = open_page_with_a_token(&app).await;
    browser.follow("Revoke laptop").await;
    browser.expect_text("It was never used.").await;
    // The safe choice has the focus.
    assert_eq!(focused(&browser).await, "Cancel");
    browser.type_keys(ESCAPE).await;
    assert!(!has_dialog(&browser).await);
    assert_eq!(focused(&browser).await, "Revoke laptop");
    browser.close().await;
}

#[tokio::test]
async fn keys_of_one_character_can_be_turned_off() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let browser = Chromium::open(&app).await;
    browser.sign_in(&ada).await;
    browser.goto(PATH).await;
    browser.type_keys("?").await;
    browser.press("Turn these keys off").await;
    browser.press("Close").await;
    browser.type_keys("?").await;
    assert!(!has_dialog(&browser).await);
    browser.press("Keyboard").await;
    browser.press("Turn these keys on").await;
    browser.press("Close").await;
    browser.type_keys("?").await;
    assert!(has_dialog(&browser).await);
    browser.close().await;
}
