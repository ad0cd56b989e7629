//! Canceling a change of address that waits for its code.

use super::pending::waits_for_code;
use super::request::change_email_code_key;
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mailed_codes::{self, IssuedCode};
use crate::sessions::{AuthenticatedSession, reload_user};

/// Cancels the change of address that waits for its code. The code no longer works, and still counts for the limits of
/// codes.
///
/// # Errors
/// - [`Error::NotFound`] if no change waits for its code.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn cancel_email_change(ctx: &Context, signed_in: &AuthenticatedSession) -> Result<()> {
    let attempt = |user: User| async move {
        let row: Option<IssuedCode> = ctx.table.get(&change_email_code_key(&user).key()).await?;
        let row = row.filter(|row| waits_for_code(ctx, &user, row)).ok_or(Error::NotFound)?;
        let mut tx = ctx.table.transaction();
        user.check_unchanged(&mut tx)?;
        mailed_codes::put_code(&mut tx, &row.clone().withdrawn(ctx.now()), Some(&row))?;
        let action = Action::EmailChangeCanceled;
        tx.commit(AuditEvent::for_account(ctx, &signed_in.requester, action, &user.id)).await
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}
