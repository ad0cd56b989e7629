//! Renames an organization.

use super::authorize::{Authorized, authorize};
use super::rights::Right;
use super::{Organization, OrganizationView};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::values::Name;

/// Renames an organization. Setting the present name again changes nothing.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not rename it.
pub async fn rename(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    name: &Name,
) -> Result<OrganizationView> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, name)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    name: &Name,
) -> Attempt<OrganizationView> {
    let (authorized, _) = authorize(ctx, caller, id, Right::Rename, &[]).await?;
    if authorized.organization.name == *name {
        return Ok(authorized.view(ctx).await?);
    }
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    let before = authorized.organization.name.clone();
    let organization =
        Organization { name: name.clone(), ..authorized.organization.clone() }.store(&mut tx)?;
    let (actor, action) = (authorized.principal.actor(), Action::OrganizationRenamed);
    let event = AuditEvent::for_organization(ctx, &caller.requester, id, actor, action);
    tx.commit(event.with_detail("before", &before).with_detail("after", name)).await?;
    Ok(Authorized { organization, ..authorized }.view(ctx).await?)
}
