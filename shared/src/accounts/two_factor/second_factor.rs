//! The second factor as stored with the user, and checking a code against it.

use serde::{Deserialize, Serialize};

use super::recovery_codes::RecoveryCodeHashes;
use super::second_factor_code::SecondFactorCode;
use super::totp::{Authenticator, SealedSecret};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::secrets::AccountKeys;
use crate::sessions::SignInMethod;

/// The second factor of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecondFactor {
    pub(super) secret: SealedSecret,
    /// Time step of the last accepted code. This step and all earlier ones are used up.
    pub(super) last_step: u64,
    pub(super) recovery_codes: RecoveryCodeHashes,
    /// Time when it was enabled.
    pub since: Timestamp,
}

/// An accepted code, and the second factor with that code used up. The code counts only once the user is
/// stored with `after`, on the condition that the user is unchanged since it was read.
#[derive(Debug)]
pub(super) struct AcceptedCode {
    /// The second factor to store.
    pub(super) after: SecondFactor,
    /// Kind of the code.
    pub(super) method: SignInMethod,
}

impl SecondFactor {
    /// Checks a code. Returns [`Error::InvalidCode`] if it is wrong, or if its time step is used up.
    pub(super) fn check_code(
        &self,
        ctx: &Context,
        keys: &AccountKeys,
        user: &UserId,
        code: &SecondFactorCode,
    ) -> Result<AcceptedCode> {
        match code {
            SecondFactorCode::Authenticator(digits) => {
                let step = Authenticator::open(keys, user, &self.secret)?
                    .matching_step(digits, ctx.now())
                    .filter(|step| *step > self.last_step)
                    .ok_or(Error::InvalidCode)?;
                let after = Self { last_step: step, ..self.clone() };
                Ok(AcceptedCode { after, method: SignInMethod::Authenticator })
            }
            SecondFactorCode::Recovery(code) => {
                let recovery_codes =
                    self.recovery_codes.without_code(keys, user, code).ok_or(Error::InvalidCode)?;
                let after = Self { recovery_codes, ..self.clone() };
                Ok(AcceptedCode { after, method: SignInMethod::RecoveryCode })
            }
            SecondFactorCode::Malformed => Err(Error::InvalidCode),
        }
    }
}
