//! Revokes an API key.

use super::{audit_event, revoked_since};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::tokens::Token;
use crate::tokens::revoke::{RevokedToken, put_revocation};
use crate::values::TokenHolder;

/// Revokes the organization's API key with this number. Requests with the key fail from then on.
/// Revoking it again returns the first time of revocation.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization or the key does not exist.
/// * [`Error::NoAccess`] if the caller may not manage API keys.
pub async fn revoke(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    number: u32,
) -> Result<RevokedToken> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, number)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    number: u32,
) -> Attempt<RevokedToken> {
    let row = keys::token(&TokenHolder::Organization(id.clone()), number);
    let extra_keys = [row.clone()];
    let (authorized, found) = authorize(ctx, caller, id, Right::ManageKeys, &extra_keys).await?;
    let key: Token = found.read(&row)?.ok_or(Error::NotFound)?;
    if let Some(since) = revoked_since(&key, &authorized.organization) {
        return Ok(RevokedToken::new(number, since));
    }
    let now = ctx.now();
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    put_revocation(&mut tx, &key, now)?;
    tx.commit(audit_event(ctx, &caller.requester, &authorized, Action::KeyRevoked, &key)).await?;
    Ok(RevokedToken::new(number, now))
}
