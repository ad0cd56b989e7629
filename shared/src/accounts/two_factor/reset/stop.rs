//! Stopping a reset of the second factor by the owner, who is signed in.

use super::stop_waiting_reset;
use crate::accounts::User;
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mail::ResetStopMethod;
use crate::sessions::{AuthenticatedSession, reload_user};

/// Stops the reset that waits, and mails the owner. It needs no proof of identity, because it only keeps what protects
/// the account.
///
/// # Errors
/// - [`Error::NotFound`] if no reset waits.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn stop_two_factor_reset(ctx: &Context, signed_in: &AuthenticatedSession) -> Result<()> {
    let attempt = |mut user: User| async move {
        let mut tx = ctx.table.transaction();
        let method = ResetStopMethod::SecurityPage;
        if !stop_waiting_reset(ctx, &mut tx, &signed_in.requester, &mut user, method).await? {
            return Err(Error::NotFound.into());
        }
        user.store(&mut tx)?;
        tx.commit(Log::Nothing("the transaction has the event of the stop already")).await
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}
