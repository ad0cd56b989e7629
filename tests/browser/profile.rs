//! The page of the profile, in Chromium.

use tests::{Chromium, TestApp};

#[tokio::test]
async fn a_person_signs_in_and_changes_their_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let browser = Chromium::open(&app).await;
    browser.goto("/account/profile").await;
    browser.expect_path("/account/sign-in").await;
    browser.fill("Email address", &ada.email).await;
    browser.fill("Password", tests::PASSWORD).await;
    browser.press("Sign in").await;
    browser.expect_path("/account/profile").await;
    browser.fill("Full name", "Ada King").await;
    browser.press("Save name").await;
    browser.expect_text("Name changed").await;
    assert_eq!(browser.title().await, "Profile · AIUS");
    browser.close().await;
}
