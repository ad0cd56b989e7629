//! Declines an invitation.

use super::InvitationToken;
use super::held::look;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::retry_conflicts;
use crate::error::Result;
use crate::organizations::Role;

/// Deletes the invitation on behalf of the person it was sent to.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the token is unknown, used, revoked,
///   replaced or expired.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the invitation is for another address.
/// * [`Error::EmailNotVerified`](crate::error::Error::EmailNotVerified) if the caller has not
///   verified their address.
pub async fn decline(ctx: &Context, caller: &Caller, token: &InvitationToken) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, token)).await
}

async fn attempt(ctx: &Context, caller: &Caller, token: &InvitationToken) -> Result<()> {
    let held = look(ctx, caller, token).await?.held(ctx.now(), token)?;
    let mut tx = ctx.table.transaction();
    held.spend(&mut tx)?;
    let (invitation, action) = (&held.invitation, Action::InvitationDeclined);
    let user = &held.user.id;
    let entry = Entry::of_client(ctx, &caller.requester, &held.organization.id, user, action)
        .with_target(&invitation.id);
    tx.commit(entry.detail("role", Role::from(invitation.role).name())).await
}
