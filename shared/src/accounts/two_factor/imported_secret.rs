//! The secret of an authenticator that another system generated.

use std::fmt;

use super::SecondFactor;
use super::recovery_codes::RecoveryCodeHashes;
use super::totp::Authenticator;
use crate::context::Context;
use crate::error::Result;
use crate::ids::UserId;
use crate::secrets::AccountKeys;

/// The secret of an authenticator that goes on working after an import.
pub struct ImportedTotpSecret(Authenticator);

impl ImportedTotpSecret {
    /// Parses the secret in base32. Its codes must be those of this service: SHA-1, six digits, 30 seconds. Returns
    /// `None` if it is malformed, or shorter than 10 or longer than 64 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        Authenticator::parse(text).map(Self)
    }

    /// Makes the second factor of a user. It has no recovery codes, because only their owner may see them; the owner
    /// can create them.
    ///
    /// # Errors
    /// `Error::Internal` if the cipher fails.
    pub(in crate::accounts) fn to_second_factor(
        &self,
        ctx: &Context,
        keys: &AccountKeys,
        user: &UserId,
    ) -> Result<SecondFactor> {
        Ok(SecondFactor {
            secret: self.0.seal(ctx, keys, user)?,
            last_step: 0,
            recovery_codes: RecoveryCodeHashes::none(),
            since: ctx.now(),
        })
    }
}

impl fmt::Debug for ImportedTotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportedTotpSecret(…)")
    }
}
