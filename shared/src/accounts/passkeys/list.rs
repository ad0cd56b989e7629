//! Listing the passkeys of an account.

use super::{Passkey, PasskeyView};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::{Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;

/// Returns the passkeys of an account, in the order in which they were registered.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond.
pub async fn list_passkeys(ctx: &Context, user: &User) -> Result<Vec<PasskeyView>> {
    Ok(read_passkeys(ctx, user).await?.iter().map(PasskeyView::from).collect())
}

/// Reads the valid passkeys of an account, in the order in which they were registered. An account without passkeys
/// costs no read.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond.
pub(super) async fn read_passkeys(ctx: &Context, user: &User) -> Result<Vec<Passkey>> {
    if user.passkeys.is_empty() {
        return Ok(Vec::new());
    }
    let pk = &user.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::PASSKEYS) };
    let mut passkeys: Vec<Passkey> = ctx.table.query_all(&range).await?;
    let position =
        |passkey: &Passkey| user.passkeys.iter().position(|entry| entry.id == passkey.id);
    passkeys.retain(|passkey| position(passkey).is_some());
    passkeys.sort_by_key(position);
    Ok(passkeys)
}
