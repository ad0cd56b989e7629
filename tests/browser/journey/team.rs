//! An organization and its members.

use tests::mailed_links::token_in;

use super::{Traveler, sign_up};

/// The name of the organization.
const NAME: &str = "Acme Corp";

/// Creates the organization.
pub(super) async fn create_organization(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.open_account_page("Organizations").await;
    browser.fill("Name", NAME).await;
    browser.press("Create organization").await;
    browser.expect_text("Organization created").await;
    assert_eq!(browser.read_css("h1").await, "Overview");
}

/// Invites a person, who creates an account in another browser and accepts.
pub(super) async fn invite(owner: &Traveler<'_>, guest: &Traveler<'_>) {
    let browser = owner.browser;
    browser.open_organization_page("Team").await;
    browser.fill("Email", &guest.email).await;
    browser
        .choose("Role", "Admin: manages members, API keys and settings, and works on projects")
        .await;
    browser.press("Send invitation").await;
    browser.expect_text("Invitation sent to").await;
    let browser = guest.browser;
    browser.goto(&mailed_path(guest).await).await;
    browser.expect_text("to join Acme Corp as").await;
    browser.follow("Create an account").await;
    sign_up::fill_in(guest).await;
    browser.press("Accept invitation").await;
    browser.expect_text("You joined Acme Corp").await;
}

/// Gives the member another role, then removes them.
pub(super) async fn change_role_and_remove(owner: &Traveler<'_>, member: &Traveler<'_>) {
    let (browser, name) = (owner.browser, member.name);
    let label = format!("{name} ({})", member.email);
    browser.open_organization_page("Team").await;
    browser.choose(&format!("Role of {label}"), "Viewer").await;
    browser.press(&format!("Change role of {label}")).await;
    browser.expect_text(&format!("{name} has the role Viewer now")).await;
    browser.follow(&format!("Remove {label}")).await;
    browser.press("Remove member").await;
    browser.expect_text("Member removed").await;
    let browser = member.browser;
    browser.open_account_page("Organizations").await;
    assert!(!browser.text().await.contains(NAME), "{name} still sees {NAME}");
}

/// Returns the path of the link in the invitation to a person.
async fn mailed_path(guest: &Traveler<'_>) -> String {
    let page = shared::mail::LinkedPage::Invitation;
    let mails = guest.app.mails(&guest.email).await;
    let token = mails.iter().find_map(|mail| token_in(mail, page)).expect("an invitation");
    format!("{}?token={token}", page.path())
}
