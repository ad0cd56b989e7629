//! Deleting an account that was never verified.

use super::Deletion;
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{AttemptError, Tx};
use crate::error::Result;
use crate::mailed_codes::CodeKey;
use crate::requester::Requester;
use crate::values::CodePurpose;

/// Deletes an account that was never verified, because another account has proven its address. The account
/// is disabled at once and erased in the next run. Its address already belongs to the other account.
///
/// Returns the entry for the activity log.
///
/// # Errors
/// The commit fails with [`AttemptError::Conflict`] if the account has changed since it was read, if
/// an erasure is already scheduled for this second, or if its Google account is connected to another user. It fails
/// with `Error::Internal` if its default organization does not exist.
pub(in crate::accounts) fn delete_unverified_account(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    unverified: User,
) -> Result<AuditEvent> {
    let now = ctx.now();
    // The code that was mailed for this account must not verify the address any more.
    let code = CodeKey::for_address(CodePurpose::VerifyEmail, &unverified.email);
    tx.delete(&code.key(), None, AttemptError::Conflict)?;
    let deletion = Some(Deletion::scheduled_at(ctx, now));
    let unverified = unverified.with_erasure_at(tx, now)?;
    let user = User { deletion, ..unverified.reset_unverified(ctx, tx)? }.store(tx)?;
    Ok(AuditEvent::for_account(ctx, requester, Action::DeletionScheduled, &user.id))
}
