//! The offer to add a passkey, which pages make after a sign-in with a password.

use crate::accounts::User;
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::Result;
use crate::sessions::{AuthenticatedSession, reload_user};

/// Returns whether a page should offer to add a passkey: the account has none, and the person has not declined the
/// offer for good.
pub fn is_offered(user: &User) -> bool {
    user.passkeys.is_empty() && !user.passkey_offer_declined
}

/// Declines the offer for good.
///
/// # Errors
/// `Error::InvalidSession` if the session has ended meanwhile.
pub async fn decline_offer(ctx: &Context, signed_in: &AuthenticatedSession) -> Result<()> {
    let attempt = |before: User| async move {
        let mut tx = ctx.table.transaction();
        User { passkey_offer_declined: true, ..before }.store(&mut tx)?;
        tx.commit(Log::Nothing("the choice concerns only what pages show")).await
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}
