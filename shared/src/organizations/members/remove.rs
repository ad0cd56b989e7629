//! Removes a member.

use super::{check_not_owner, is_caller, member, recheck_beside};
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
use crate::organizations::end_membership;
use crate::organizations::membership_notices::MembershipNotice;
use crate::organizations::rights::Right;

/// Removes a member, whose credentials stop working in the organization. What the member created
/// stays, including API keys. Mails report it to the member and to the owner. Removing oneself counts as leaving,
/// and sends no mail.
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
pub async fn remove(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    user: &UserId,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, user)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    user: &UserId,
) -> Attempt<()> {
    let account = keys::user(user);
    let extra_keys = [keys::member(id, user), account.clone()];
    let (authorized, found) =
        authorize_with_recent_proof(ctx, caller, id, Right::ManageMembers, &extra_keys).await?;
    let member = member(&found, id, user)?;
    check_not_owner(&authorized, &member)?;
    let mut tx = ctx.table.transaction();
    recheck_beside(&authorized, &mut tx, user)?;
    end_membership(&mut tx, authorized.organization.clone(), &member)?;
    let is_caller = is_caller(&authorized, user);
    let account: Option<User> = found.read(&account)?;
    if let Some((member, actor)) = account.as_ref().zip(authorized.principal.user())
        && !is_caller
    {
        let (organization, change) = (&authorized.organization, MembershipChange::Removed);
        let notice = MembershipNotice { organization, change, member, actor };
        notice.queue(ctx, &mut tx, &caller.requester).await?;
    }
    let action = if is_caller { Action::MemberLeft } else { Action::MemberRemoved };
    let event = AuditEvent::for_organization(
        ctx,
        &caller.requester,
        id,
        authorized.principal.actor(),
        action,
    )
    .with_target(user);
    tx.commit(event.with_detail("role", member.role.name())).await
}
