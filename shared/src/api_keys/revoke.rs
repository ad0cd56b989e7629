//! Revokes an API key.

use super::{dead_since, entry};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::tokens::revoke::{Revoked, put_end};
use crate::tokens::{Holder, Token};

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
) -> Result<Revoked> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, number)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    number: u32,
) -> Result<Revoked> {
    let row = keys::token(&Holder::Organization(id.clone()), number);
    let also = [row.clone()];
    let (authorized, found) = authorize(ctx, caller, id, Right::ManageKeys, &also).await?;
    let key: Token = found.read(&row)?.ok_or(Error::NotFound)?;
    if let Some(since) = dead_since(&key, &authorized.organization) {
        return Ok(Revoked::since(number, since));
    }
    let now = ctx.now();
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    put_end(&mut tx, &key, now)?;
    tx.commit(entry(ctx, &caller.requester, &authorized, Action::KeyRevoked, &key)).await?;
    Ok(Revoked::since(number, now))
}
