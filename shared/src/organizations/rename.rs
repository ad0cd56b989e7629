//! Renames an organization.

use super::admit::{Admitted, admit};
use super::rights::Right;
use super::{Organization, OrganizationView};
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::requester::Requester;
use crate::values::Name;

/// Renames an organization. Setting the present name again changes nothing.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not rename it.
pub async fn rename(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    name: &Name,
) -> Result<OrganizationView> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, id, name)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    name: &Name,
) -> Result<OrganizationView> {
    let (admitted, _) = admit(ctx, requester, credential, id, Right::Rename, &[]).await?;
    if admitted.organization.name == *name {
        return admitted.view(ctx).await;
    }
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    let before = admitted.organization.name.clone();
    let organization =
        Organization { name: name.clone(), ..admitted.organization.clone() }.store(&mut tx)?;
    let (actor, action) = (admitted.caller.actor(), Action::OrganizationRenamed);
    let entry = Entry::of_client(ctx, requester, id, actor, action, id);
    tx.commit(entry.detail("before", &before).detail("after", name)).await?;
    Admitted { organization, ..admitted }.view(ctx).await
}
