//! Connecting a Google account, and signing in with it.

use super::Traveler;

/// Connects a new account of the Google simulator, signs out, and comes back with it.
pub(super) async fn connect_and_sign_in(person: &Traveler<'_>) {
    let (browser, address) = (person.browser, "ada@gmail.com");
    browser.open_account_page("Connections").await;
    browser.follow("Connect Google").await;
    browser.expect_path("/local/google/authorize").await;
    browser.fill("Email address", address).await;
    browser.fill("Name", person.name).await;
    browser.press("Add and continue").await;
    browser.expect_path("/account/connections").await;
    assert_eq!(browser.read_fact("Connected account").await, address);
    browser.sign_out().await;
    browser.follow("Continue with Google").await;
    browser.expect_path("/local/google/authorize").await;
    // The name and the address are two lines.
    browser.press(&format!("{}{address}", person.name)).await;
    browser.expect_text("Quick start").await;
}
