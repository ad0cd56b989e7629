//! Leaves an organization.

use super::{member, not_the_owner};
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::admit::admit;
use crate::organizations::end_membership;
use crate::organizations::rights::Right;
use crate::requester::Requester;

/// Ends the caller's own membership.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::OwnsOrganizations`] if the caller is the owner, who must transfer or delete it first.
/// * [`Error::NoAccess`] for an API key, which has no membership.
pub async fn leave(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, id)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
) -> Result<()> {
    let (admitted, found) = admit(ctx, requester, credential, id, Right::Leave, &[]).await?;
    let user = &admitted.caller.user().ok_or(Error::NoAccess)?.id;
    let member = member(&found, id, user)?;
    not_the_owner(&admitted, &member)?;
    let mut tx = ctx.table.transaction();
    end_membership(&mut tx, admitted.organization.clone(), &member)?;
    let entry = Entry::of_client(ctx, requester, id, user, Action::MemberLeft, user);
    tx.commit(entry.detail("role", member.role.name())).await
}
