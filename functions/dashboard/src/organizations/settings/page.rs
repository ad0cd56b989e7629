//! `GET /account/organizations/{client_id}/settings`

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::error::AffectedMember;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::OrganizationView;
use shared::organizations::read::read;
use shared::organizations::rights::Right;

use super::settings_path;
use crate::pages::{ForPage, Frame, NavigationItem, OrganizationPage, PageResult, Visitor, html};

#[derive(Template)]
#[template(path = "organizations/settings/page.html")]
struct SettingsPage<'a> {
    frame: &'a Frame,
    path: String,
    organization: OrganizationView,
    /// The members who would lose access by the submitted change, which the person has to confirm.
    affected: &'a [AffectedMember],
}

/// Shows the settings.
pub(crate) async fn settings_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, &visitor, &[]).await
}

/// Shows the settings, with a form to show again and the members that a change affects.
pub(super) async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
    affected: &[AffectedMember],
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Settings);
    let (frame, view) =
        tokio::join!(Frame::load(ctx, visitor, item), read(ctx, &visitor.caller, organization));
    let (frame, organization, path) = (frame?, view?, settings_path(organization));
    let page = html(&SettingsPage { frame: &frame, path, organization, affected })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

impl SettingsPage<'_> {
    /// Returns a path below the page's.
    fn subpath(&self, part: &str) -> String {
        format!("{}/{part}", self.path)
    }

    /// Returns whether the person may rename the organization.
    fn can_rename(&self) -> bool {
        self.organization.role.has_right(Right::Rename)
    }

    /// Returns whether the person may require two-factor authentication.
    fn can_change_policy(&self) -> bool {
        self.organization.role.has_right(Right::ChangePolicy)
    }

    /// Returns whether the person may delete the organization.
    fn can_delete(&self) -> bool {
        self.organization.role.has_right(Right::Delete)
    }
}
