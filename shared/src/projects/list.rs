//! Lists the projects of an organization.

use super::{Project, ProjectView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// Lists an organization's projects in the order of creation. Takes one round trip: the caller is
/// read together with the list.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<ProjectView>> {
    // Deleted projects stay in the table until the worker has swept them.
    let slice = ListQuery::new(keys::organization(organization_id).pk, keys::PROJECTS);
    let slice = slice.filter("existing", Condition::Missing("deleted_at"));
    let authorized = authorize(ctx, caller, organization_id, Right::ViewProjects, &[]);
    let (authorized, listed) = tokio::join!(authorized, query::<Project, _>(ctx, &slice, page));
    authorized?;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let views = stored.iter().map(ProjectView::from).collect();
    Ok(page.with_data(views))
}
