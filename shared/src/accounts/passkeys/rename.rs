//! Renames a passkey.

use super::{Passkey, PasskeyView};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_from};
use crate::error::{Error, Result};
use crate::ids::PasskeyId;
use crate::keys;
use crate::requester::Requester;
use crate::sessions::{AuthenticatedSession, reload_user};
use crate::values::Name;

/// Renames a passkey of the session's user.
///
/// # Errors
/// - [`Error::NotFound`] if the account has no such passkey.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn rename_passkey(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    id: &PasskeyId,
    name: &Name,
) -> Result<PasskeyView> {
    let attempt = |user: User| attempt(ctx, &signed_in.requester, user, id, name);
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    user: User,
    id: &PasskeyId,
    name: &Name,
) -> Attempt<PasskeyView> {
    let passkey = read_passkey(ctx, &user, id).await?;
    let mut tx = ctx.table.transaction();
    // Nobody may rename a passkey that has ended.
    user.check_unchanged(&mut tx)?;
    let renamed = Passkey { name: name.clone(), ..passkey };
    let view = PasskeyView::from(&renamed);
    renamed.store(&mut tx)?;
    let entry = AuditEvent::for_account(ctx, requester, Action::PasskeyRenamed, &user.id);
    tx.commit(entry.with_target(id).with_detail("name", name)).await?;
    Ok(view)
}

/// Reads a passkey of an account.
///
/// # Errors
/// [`Error::NotFound`] if the account has no such passkey.
pub(super) async fn read_passkey(ctx: &Context, user: &User, id: &PasskeyId) -> Result<Passkey> {
    if !user.has_passkey(id) {
        return Err(Error::NotFound);
    }
    ctx.table.get(&keys::passkey(&user.id, id)).await?.ok_or(Error::NotFound)
}
