//! Which projects an organization has.

use super::{Project, ProjectView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::page::{Page, PageRequest, Slice, query};
use crate::dynamo::{Condition, keys};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// A page of its projects, in the order in which they were made: [`crate::error::Error::NotFound`],
/// [`crate::error::Error::NoAccess`]. One round trip: who calls is read beside the list.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<ProjectView>> {
    // What is deleted stays in the table until it has been swept.
    let slice = Slice::of(keys::organization(organization_id).pk, keys::PROJECTS);
    let slice = slice.only("existing", Condition::Missing("deleted_at"));
    let authorized = authorize(ctx, caller, organization_id, Right::Work, &[]);
    let (authorized, listed) = tokio::join!(authorized, query::<Project>(ctx, &slice, page));
    authorized?;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let views = stored.iter().map(ProjectView::from).collect();
    Ok(page.with(views))
}
