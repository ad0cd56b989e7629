//! Replacing the recovery codes.

use super::SecondFactor;
use super::change_second_factor::{SecondFactorChange, change_second_factor};
use super::recovery_codes::RecoveryCodeHashes;
use crate::accounts::{IdentityProof, User};
use crate::activity::Action;
use crate::context::Context;
use crate::error::Result;
use crate::mail::Message;
use crate::sessions::AuthenticatedSession;

/// Replaces all recovery codes and ends all other sessions. Requires both factors. Returns the new codes,
/// which cannot be read again.
///
/// # Errors
/// - `Error::TwoFactorNotEnabled` if the account has no second factor.
/// - `Error::Missing`, `Error::InvalidCredentials` or `Error::ReauthRequired` if reauthentication fails.
/// - `Error::InvalidCode` if the code is wrong or used up.
/// - `Error::RateLimited` after too many wrong passwords or codes.
pub async fn replace_recovery_codes(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    proof: IdentityProof<'_>,
) -> Result<Vec<String>> {
    let keyring = &ctx.secrets.keyring().await;
    let keys = keyring.account()?;
    let replaced = |user: &User| {
        let (recovery_codes, shown) = RecoveryCodeHashes::generate(ctx, keys, &user.id);
        let factor = user.second_factor.clone();
        SecondFactorChange {
            factor: factor.map(|factor| SecondFactor { recovery_codes, ..factor }),
            action: Action::RecoveryCodesReplaced,
            message: Message::recovery_codes_replaced(ctx, &signed_in.requester, user),
            answer: shown,
        }
    };
    change_second_factor(ctx, signed_in, proof, replaced).await
}
