//! Signing up with the code from the mail.

use tests::PASSWORD;

use super::Traveler;

/// Comes to the site, creates an account, and is signed in from then on.
pub(super) async fn sign_up(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.goto("/").await;
    browser.expect_path("/account/sign-in").await;
    browser.follow("Create an account").await;
    fill_in(person).await;
    browser.expect_text("Email address verified").await;
    // Nothing asks for the password again, neither a page nor the next visit.
    browser.goto("/").await;
    browser.expect_text("Quick start").await;
    browser.goto("/account/sign-in").await;
    browser.expect_text("Quick start").await;
}

/// Fills in the form for an account, and enters the code.
pub(super) async fn fill_in(person: &Traveler<'_>) {
    let Traveler { app, browser, name, email, .. } = person;
    browser.expect_path("/account/sign-up").await;
    browser.fill("Full name", name).await;
    browser.fill("Email address", email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Create account").await;
    browser.expect_path("/account/verify-email").await;
    browser.fill("Code", &app.code(email).await).await;
    browser.press("Verify email address").await;
}
