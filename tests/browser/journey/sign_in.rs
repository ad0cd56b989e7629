//! Signing in with the password, and with a code if the account wants one.

use tests::{Authenticator, PASSWORD};

use super::Traveler;

/// Enters address and password on the page for signing in.
pub(super) async fn enter_password(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.expect_path("/account/sign-in").await;
    browser.fill("Email address", &person.email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
}

/// Signs in with the password and a code of the authenticator app.
pub(super) async fn sign_in_with_code(person: &Traveler<'_>) {
    enter_password(person).await;
    person.browser.expect_path("/account/two-factor").await;
    person.browser.fill("Code", &next_code(person).await).await;
    person.browser.press("Sign in").await;
}

/// Waits for a code of the authenticator app that was not used yet, and returns it.
pub(super) async fn next_code(person: &Traveler<'_>) -> String {
    person.app.advance_clock(30).await;
    authenticator(person).code(person.app).await
}

/// Returns the authenticator app of a person who has one.
pub(super) fn authenticator<'a>(person: &'a Traveler<'_>) -> &'a Authenticator {
    person.authenticator.as_ref().expect("two-factor authentication is on")
}
