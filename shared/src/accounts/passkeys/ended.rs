//! Ending passkeys together with other access to an account.

use super::PasskeyEntry;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Tx};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;

/// Adds the deletion of the passkeys' items and guards to `tx`. The caller stores the account without them in `tx`,
/// on the condition that it is unchanged.
pub(in crate::accounts) fn delete_items(
    tx: &mut Tx<'_>,
    user: &UserId,
    passkeys: &[PasskeyEntry],
) -> Result<()> {
    for passkey in passkeys {
        tx.delete(&keys::passkey(user, &passkey.id), None, AttemptError::Conflict)?;
        tx.delete(&keys::passkey_guard(&passkey.id), None, AttemptError::Conflict)?;
    }
    Ok(())
}

/// Takes the passkeys that `is_recent` selects out of the account and deletes their items in `tx`. Returns their
/// number.
pub(in crate::accounts) fn take_recent(
    tx: &mut Tx<'_>,
    user: &mut User,
    is_recent: impl Fn(Timestamp) -> bool,
) -> Result<usize> {
    let passkeys = std::mem::take(&mut user.passkeys);
    let (ended, kept): (Vec<_>, Vec<_>) =
        passkeys.into_iter().partition(|passkey| is_recent(passkey.created_at));
    user.passkeys = kept;
    delete_items(tx, &user.id, &ended)?;
    Ok(ended.len())
}
