//! `/account/organizations/{client_id}/settings`: name, requirement of two-factor authentication, deletion.

pub(crate) mod delete;
pub(crate) mod page;
pub(crate) mod rename;
pub(crate) mod two_factor;

use shared::ids::OrganizationId;

use crate::pages::OrganizationPage;

/// Returns the path of the page.
fn settings_path(organization: &OrganizationId) -> String {
    OrganizationPage::Settings.path(organization)
}
