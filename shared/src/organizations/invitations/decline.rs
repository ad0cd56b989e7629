//! Declines an invitation.

use super::InvitationToken;
use super::held::look;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::Result;
use crate::organizations::Role;
use crate::requester::Requester;

/// Deletes the invitation on behalf of the person it was sent to.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the token is unknown, used, revoked,
///   replaced or expired.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the invitation is for another address.
/// * [`Error::EmailNotVerified`](crate::error::Error::EmailNotVerified) if the caller has not
///   verified their address.
pub async fn decline(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    token: &InvitationToken,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, token)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    token: &InvitationToken,
) -> Result<()> {
    let held = look(ctx, requester, credential, token).await?.held(ctx.now(), token)?;
    let mut tx = ctx.table.transaction();
    held.spend(&mut tx)?;
    let (invitation, action) = (&held.invitation, Action::InvitationDeclined);
    let user = &held.user.id;
    let entry =
        Entry::of_client(ctx, requester, &held.organization.id, user, action, &invitation.id);
    tx.commit(entry.detail("role", Role::from(invitation.role).name())).await
}
