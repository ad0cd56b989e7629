//! Disabling the second factor.

use super::change_second_factor::{SecondFactorChange, change_second_factor};
use crate::accounts::{IdentityProof, User};
use crate::activity::Action;
use crate::context::Context;
use crate::error::Result;
use crate::mail::Message;
use crate::sessions::AuthenticatedSession;

/// Disables the second factor and ends all other sessions. Requires both factors.
///
/// # Errors
/// - `Error::TwoFactorNotEnabled` if the account has no second factor.
/// - `Error::Missing`, `Error::InvalidCredentials` or `Error::ReauthRequired` if reauthentication fails.
/// - `Error::InvalidCode` if the code is wrong or used up.
/// - `Error::RateLimited` after too many wrong passwords or codes.
pub async fn disable_two_factor(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    proof: IdentityProof<'_>,
) -> Result<()> {
    let disabled = |user: &User| SecondFactorChange {
        factor: None,
        action: Action::TwoFactorDisabled,
        message: Message::two_factor_off(ctx, &signed_in.requester, user),
        answer: (),
    };
    change_second_factor(ctx, signed_in, proof, disabled).await
}
