//! Reads a change of address that waits for its code.

use super::request::change_email_code_key;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::mailed_codes::IssuedCode;
use crate::sessions::AuthenticatedSession;
use crate::values::EmailAddress;

/// A change of address that waits for its code.
#[derive(Clone, Debug)]
pub struct PendingEmailChange {
    /// The address that replaces the present one after it is confirmed.
    pub email: EmailAddress,
    /// Time from which the code is no longer valid.
    pub expires_at: Timestamp,
}

/// Returns the change of address that waits for its code. It does not reveal whether another account has the address,
/// in which case no code was mailed.
///
/// # Errors
/// [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn pending_email_change(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
) -> Result<Option<PendingEmailChange>> {
    let user = &signed_in.user;
    let code: Option<IssuedCode> = ctx.table.get(&change_email_code_key(user).key()).await?;
    let code = code.filter(|code| waits_for_code(ctx, user, code));
    Ok(code.map(|code| PendingEmailChange {
        email: code.address().clone(),
        expires_at: code.valid_until(),
    }))
}

/// Returns whether a change of the user's address still waits for its code.
pub(super) fn waits_for_code(ctx: &Context, user: &User, code: &IssuedCode) -> bool {
    ctx.now() < code.valid_until() && *code.address() != user.email
}
