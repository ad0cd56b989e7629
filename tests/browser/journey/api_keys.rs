//! The API keys of an organization.

use super::Traveler;

/// Creates a key and uses it, rotates it, and revokes it.
pub(super) async fn make_use_and_lose_a_key(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.open_organization_page("API keys").await;
    browser.fill("Name", "ci").await;
    browser.press("Create API key").await;
    let first = read_value(person).await;
    expect_status(person, &first, 200).await;
    browser.follow("I have stored it").await;
    browser.follow("Rotate ci").await;
    browser.choose("How long the present value still works", "Stops at once").await;
    browser.press("Rotate key").await;
    let second = read_value(person).await;
    assert_ne!(first, second);
    expect_status(person, &first, 401).await;
    expect_status(person, &second, 200).await;
    browser.follow("I have stored it").await;
    browser.follow("Revoke ci").await;
    browser.press("Revoke key").await;
    browser.expect_text("API key revoked").await;
    expect_status(person, &second, 401).await;
}

/// Reads the value that the page shows once, and checks the line for the shell.
async fn read_value(person: &Traveler<'_>) -> String {
    person.browser.expect_text("Copy it now.").await;
    let value = person.browser.read("The value").await;
    let line = person.browser.read("The line for the shell").await;
    assert_eq!(line, format!("export AIUS_API_KEY={value}"));
    value
}

async fn expect_status(person: &Traveler<'_>, key: &str, status: u16) {
    person.app.visitor().with_bearer(key).get("/v1/token").await.expect(status);
}
