//! Changes a member's role.

use super::{MemberView, check_not_owner, member, put_role, recheck_beside};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::mail::MembershipChange;
use crate::organizations::authorize::authorize_with_recent_proof;
use crate::organizations::membership_notices::MembershipNotice;
use crate::organizations::rights::Right;
use crate::organizations::{AssignableRole, Member, Role};

/// Changes a member's role. Setting the present role again changes nothing. Mails report a change to the member and
/// to the owner.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist or the
///   user is not a member.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not manage members, or
///   the member is the owner.
/// * [`Error::OwnsOrganizations`](crate::error::Error::OwnsOrganizations) if the caller is the
///   owner and the member.
pub async fn change_role(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    user: &UserId,
    role: AssignableRole,
) -> Result<MemberView> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, user, role.into())).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    user: &UserId,
    role: Role,
) -> Attempt<MemberView> {
    let account = keys::user(user);
    let extra_keys = [keys::member(id, user), account.clone()];
    let (authorized, found) =
        authorize_with_recent_proof(ctx, caller, id, Right::ManageMembers, &extra_keys).await?;
    let before = member(&found, id, user)?;
    check_not_owner(&authorized, &before)?;
    let account: Option<User> = found.read(&account)?;
    if before.role == role {
        return Ok(MemberView::active(&before, account.as_ref(), true));
    }
    let mut tx = ctx.table.transaction();
    recheck_beside(&authorized, &mut tx, user)?;
    put_role(&mut tx, &before, role, &authorized.organization, &authorized.organization)?;
    if let Some((member, actor)) = account.as_ref().zip(authorized.principal.user()) {
        let change = MembershipChange::RoleChanged { before: before.role, after: role };
        let organization = &authorized.organization;
        let notice = MembershipNotice { organization, change, member, actor };
        notice.queue(ctx, &mut tx, &caller.requester).await?;
    }
    let (actor, action) = (authorized.principal.actor(), Action::MemberRoleChanged);
    let event =
        AuditEvent::for_organization(ctx, &caller.requester, id, actor, action).with_target(user);
    let event = event.with_detail("before", before.role.name()).with_detail("after", role.name());
    tx.commit(event).await?;
    Ok(MemberView::active(&Member { role, ..before }, account.as_ref(), true))
}
