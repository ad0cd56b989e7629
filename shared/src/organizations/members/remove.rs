//! Removing a member.

use super::{is_caller, member, not_the_owner, recheck_beside};
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{keys, retry_conflicts};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::organizations::authorize::authorize;
use crate::organizations::end_membership;
use crate::organizations::rights::Right;

/// The person belongs to the organization no more, and nothing of theirs works in it from then on; what
/// they made for it stays, its keys among it. Removing oneself is leaving.
///
/// [`crate::error::Error::NotFound`] of somebody who is no member; of the owner
/// [`crate::error::Error::NoAccess`], and [`crate::error::Error::OwnsOrganizations`] where that is the caller.
pub async fn remove(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    user: &UserId,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, user)).await
}

async fn attempt(ctx: &Context, caller: &Caller, id: &OrganizationId, user: &UserId) -> Result<()> {
    let also = [keys::member(id, user)];
    let (authorized, found) = authorize(ctx, caller, id, Right::ManageMembers, &also).await?;
    let member = member(&found, id, user)?;
    not_the_owner(&authorized, &member)?;
    let mut tx = ctx.table.transaction();
    recheck_beside(&authorized, &mut tx, user)?;
    end_membership(&mut tx, authorized.organization.clone(), &member)?;
    let is_caller = is_caller(&authorized, user);
    let action = if is_caller { Action::MemberLeft } else { Action::MemberRemoved };
    let entry = Entry::of_client(ctx, &caller.requester, id, authorized.principal.actor(), action)
        .with_target(user);
    tx.commit(entry.detail("role", member.role.name())).await
}
