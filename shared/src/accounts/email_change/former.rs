//! The addresses that an account had before and still keeps from others.

use super::Undo;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::values::EmailAddress;

/// An address from before.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct FormerAddress {
    /// The address.
    pub(in crate::accounts) email: EmailAddress,
    /// Until when the account can have it back, if the change has not been undone with an earlier one.
    pub(in crate::accounts) until: Timestamp,
    /// Whether it can be had back.
    pub(in crate::accounts) can_be_restored: bool,
}

/// The addresses from before that are still stored: at most as many as there were changes within the
/// days that a change can be undone, and those whose time is over and that aren't deleted yet.
pub(in crate::accounts) async fn former_addresses(
    ctx: &Context,
    user: &User,
) -> Result<Vec<FormerAddress>> {
    let pk = &user.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::EMAIL_UNDOS) };
    let undos: Vec<Undo> = ctx.table.all(&range).await?;
    let now = ctx.now();
    let former = undos.into_iter().map(|undo| FormerAddress {
        can_be_restored: now < undo.expires_at
            && user.undoable.iter().any(|change| change.hash == undo.hash),
        until: undo.expires_at,
        email: undo.email,
    });
    Ok(former.collect())
}
