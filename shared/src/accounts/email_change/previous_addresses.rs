//! The previous addresses that an account still reserves.

use super::EmailChangeUndo;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::values::EmailAddress;

/// A previous address of an account.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct PreviousAddress {
    pub(in crate::accounts) email: EmailAddress,
    /// Time until which the account can restore the address.
    pub(in crate::accounts) until: Timestamp,
    /// Whether the address can be restored. It cannot if the undo of an earlier change covered it.
    pub(in crate::accounts) can_be_restored: bool,
}

/// Reads the previous addresses that are still stored. There are at most as many as recent changes, plus
/// expired ones that DynamoDB has not deleted yet.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond.
pub(in crate::accounts) async fn previous_addresses(
    ctx: &Context,
    user: &User,
) -> Result<Vec<PreviousAddress>> {
    let undos = read_undos(ctx, user).await?;
    let now = ctx.now();
    let previous = undos.into_iter().map(|undo| PreviousAddress {
        can_be_restored: now < undo.expires_at
            && user.undoable.iter().any(|change| change.hash == undo.hash),
        until: undo.expires_at,
        email: undo.email,
    });
    Ok(previous.collect())
}

/// Reads the undos of changes of the address that are still stored.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond.
pub(super) async fn read_undos(ctx: &Context, user: &User) -> Result<Vec<EmailChangeUndo>> {
    let pk = &user.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::EMAIL_UNDOS) };
    ctx.table.query_all(&range).await
}
