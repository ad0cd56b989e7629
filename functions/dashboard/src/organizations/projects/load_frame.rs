//! The frame of the pages below a project's page.

use shared::context::Context;
use shared::projects::ProjectView;
use shared::projects::read::read;

use super::ProjectPath;
use crate::pages::{Frame, NavigationItem, OrganizationPage, PageError, Visitor};

/// Reads the project of a page below the project's page, beside the frame.
pub(super) async fn load_frame(
    ctx: &Context,
    paths: &ProjectPath,
    visitor: &Visitor,
) -> Result<(Frame, ProjectView), PageError> {
    let item = NavigationItem::Organization(&paths.organization, OrganizationPage::Projects);
    let (frame, project) =
        tokio::join!(Frame::load(ctx, visitor, item), read(ctx, &visitor.caller, &paths.project));
    Ok((frame?, project?))
}
