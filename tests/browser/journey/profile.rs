//! Edits the profile.

use tests::PASSWORD;

use super::Traveler;

/// Changes the name, the contact details and the email address. `time_zone` is the one from the sign-up.
pub(super) async fn edit_profile(person: &mut Traveler<'_>, time_zone: &str) {
    let browser = person.browser;
    browser.open_account_page("Profile").await;
    assert_eq!(browser.title().await, "Profile · AIUS");
    assert_eq!(browser.value("Full name").await, person.name);
    person.name = "Ada King";
    browser.fill("Full name", person.name).await;
    browser.press("Save name").await;
    browser.expect_text("Name changed").await;
    browser.fill("Phone", "12").await;
    browser.fill("Company", "Analytical Engines").await;
    assert_eq!(browser.value("Time zone").await, time_zone);
    browser.fill("Time zone", "Europe/London").await;
    browser.press("Save details").await;
    // An error stands beside its field, and what was typed is kept.
    browser.expect_text("⚠").await;
    assert_eq!(browser.value("Company").await, "Analytical Engines");
    browser.fill("Phone", "+442071234567").await;
    browser.press("Save details").await;
    browser.expect_text("Details changed").await;
    assert_eq!(browser.value("Time zone").await, "Europe/London");
    person.email = "ada.king@example.com".to_owned();
    browser.unfold("Change email address").await;
    browser.fill("New email address", &person.email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Send code").await;
    browser.expect_text("a code is on its way there").await;
    browser.fill("Code from the mail", &person.app.code(&person.email).await).await;
    browser.press("Confirm new address").await;
    browser.expect_text("Email address changed").await;
}
