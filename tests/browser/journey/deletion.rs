//! Deleting the account, and coming back.

use tests::PASSWORD;

use super::Traveler;
use super::sign_in::{next_code, sign_in_with_code};

/// Deletes the account, signs in again, and restores it with its organizations.
pub(super) async fn delete_and_come_back(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.open_account_page("Profile").await;
    browser.follow("Delete account").await;
    browser.fill("Password", PASSWORD).await;
    browser.fill("Code from your authenticator app", &next_code(person).await).await;
    browser.fill("Type DELETE to confirm", "DELETE").await;
    browser.press("Delete account").await;
    browser.expect_text("Account deleted").await;
    sign_in_with_code(person).await;
    browser.expect_path("/account/restore").await;
    browser.press("Restore account").await;
    browser.expect_text("Account restored").await;
    browser.open_account_page("Organizations").await;
    browser.follow("Acme Corp").await;
    browser.expect_text("Quick start").await;
}
