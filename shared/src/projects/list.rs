//! Which projects an organization has.

use super::{Project, ProjectView};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::admit::admit;
use crate::organizations::rights::Right;
use crate::requester::Requester;

/// A page of its projects, in the order in which they were made: [`crate::error::Error::NotFound`],
/// [`crate::error::Error::NoAccess`]. One round trip: who calls is read beside the list.
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<ProjectView>> {
    // What is deleted stays in the table until it has been swept.
    let slice = ListQuery::new(keys::organization(organization_id).pk, keys::PROJECTS);
    let slice = slice.filter("existing", Condition::Missing("deleted_at"));
    let admitted = admit(ctx, requester, credential, organization_id, Right::Work, &[]);
    let (admitted, listed) = tokio::join!(admitted, query::<Project, _>(ctx, &slice, page));
    admitted?;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let views = stored.iter().map(ProjectView::from).collect();
    Ok(page.with(views))
}
