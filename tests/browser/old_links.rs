//! Links in older mails.

use tests::{Chromium, TestApp};

#[tokio::test]
async fn a_token_after_the_hash_reaches_the_page() {
    let app = TestApp::start().await;
    let browser = Chromium::open(&app).await;
    let token = "usr_2c26b46b68ffc68ff99b453c1d304134.13422d706483bfa0";
    for (link, page, button) in [
        ("/v1/email/undo", "undo-email", "Undo the change"),
        ("/v1/account/not-me", "not-me", "Secure the account"),
    ] {
        browser.goto(&format!("{link}#{token}")).await;
        // Only a page with a token has the button.
        browser.expect_text(button).await;
        assert_eq!(browser.path().await, format!("/account/{page}?token={token}"));
    }
    browser.close().await;
}
