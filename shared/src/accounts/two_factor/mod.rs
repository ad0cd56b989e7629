//! The second factor: an authenticator app (TOTP, RFC 6238), and recovery codes in case it is lost.

pub mod challenge;
mod change_second_factor;
pub mod disable;
pub mod enable;
mod imported_secret;
mod recovery_codes;
pub mod replace_recovery_codes;
pub mod reset;
mod second_factor_code;
pub mod setup;
pub mod status;
mod stored;
mod totp;

use serde::{Deserialize, Serialize};

use super::User;
use super::attempt_limiter::{AttemptLimiter, FailedAttempts};
use crate::accounts::queue_security_notice;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::mail::{Message, ResetStopMethod};
use crate::requester::Requester;
use crate::secrets::AccountKeys;
use crate::sessions::SignInMethod;
pub use imported_secret::ImportedTotpSecret;
use recovery_codes::RecoveryCodeHashes;
use reset::stop_waiting_reset;
pub use second_factor_code::SecondFactorCode;
pub use stored::StoredTwoFactor;
pub(super) use stored::read_stored_two_factor;
use totp::{Authenticator, SealedSecret};

/// The second factor of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecondFactor {
    secret: SealedSecret,
    /// Time step of the last accepted code. This step and all earlier ones are used up.
    last_step: u64,
    recovery_codes: RecoveryCodeHashes,
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
    fn check_code(
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
                    self.recovery_codes.without(keys, user, code).ok_or(Error::InvalidCode)?;
                let after = Self { recovery_codes, ..self.clone() };
                Ok(AcceptedCode { after, method: SignInMethod::RecoveryCode })
            }
            SecondFactorCode::Malformed => Err(Error::InvalidCode),
        }
    }
}

/// Counts an attempt before the code is checked. Returns [`Error::RateLimited`] from the tenth failure on.
///
/// Recovery codes are not limited. Their 80 bits cannot be guessed, and they let an owner in whom an
/// attacker locks out with wrong codes.
async fn count_second_factor_attempt(
    ctx: &Context,
    requester: &Requester,
    user: &User,
    before: Option<FailedAttempts>,
    code: &SecondFactorCode,
) -> Result<()> {
    match code {
        SecondFactorCode::Authenticator(_) | SecondFactorCode::Malformed => {
            let keyring = ctx.secrets.keyring().await;
            let limiter = AttemptLimiter::for_second_factor(&keyring, user, requester);
            limiter.count_attempt(ctx, before).await
        }
        SecondFactorCode::Recovery(_) => Ok(()),
    }
}

/// Counts an attempt of a signed-in user, as [`count_second_factor_attempt`] does for sign-ins.
///
/// # Errors
/// [`Error::RateLimited`] while the delay of an earlier failure lasts, unless it is a recovery code. The tenth
/// failure in a row is the first with a delay.
pub(super) async fn count_signed_in_attempt(
    ctx: &Context,
    requester: &Requester,
    user: &User,
    code: &SecondFactorCode,
) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let limiter = AttemptLimiter::for_second_factor(&keyring, user, requester);
    let before = ctx.table.get(&limiter.key()).await?;
    count_second_factor_attempt(ctx, requester, user, before, code).await
}

/// Checks a code and returns the user with that code used up. The caller must store this user in `tx`, on
/// the condition that the account is unchanged since it was read.
///
/// Also clears the failed attempts in `tx`, and queues a mail if a recovery code was used. A reset of the second factor
/// that waits is stopped, logged and mailed in `tx`, because the person still has it.
///
/// # Errors
/// - [`Error::TwoFactorNotEnabled`] if the account has no second factor.
/// - [`Error::InvalidCode`] if the code is wrong or used up.
pub(super) async fn consume_code(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: User,
    code: &SecondFactorCode,
) -> Result<(User, SignInMethod)> {
    let keyring = ctx.secrets.keyring().await;
    let factor = user.second_factor.as_ref().ok_or(Error::TwoFactorNotEnabled)?;
    let AcceptedCode { after, method } =
        factor.check_code(ctx, keyring.account()?, &user.id, code)?;
    AttemptLimiter::for_second_factor(&keyring, &user, requester).clear(tx)?;
    let stop_method = if method == SignInMethod::RecoveryCode {
        let left = after.recovery_codes.left();
        let message = Message::recovery_code_used(ctx, requester, &user, left);
        queue_security_notice(ctx, &keyring, tx, &user, message)?;
        ResetStopMethod::RecoveryCode
    } else {
        ResetStopMethod::Authenticator
    };
    let mut user = User { second_factor: Some(after), ..user };
    stop_waiting_reset(ctx, tx, requester, &mut user, stop_method).await?;
    Ok((user, method))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typed_codes_parse_in_any_spacing() {
        for typed in ["123456", " 123 456 ", "123-456"] {
            assert!(
                matches!(SecondFactorCode::parse(typed), SecondFactorCode::Authenticator(code) if code == "123456")
            );
        }
        for typed in ["abcd-efgh-jklm-npqr", "ABCD EFGH JKLM NPQR", "abcdefghjklmnpqr"] {
            assert!(
                matches!(SecondFactorCode::parse(typed), SecondFactorCode::Recovery(_)),
                "{typed}"
            );
        }
        for typed in ["", "12345", "1234567", "１２３４５６", "abcd-efgh", "abcd-efgh-jklm-npq1"]
        {
            assert!(
                matches!(SecondFactorCode::parse(typed), SecondFactorCode::Malformed),
                "{typed}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,80}") {
            let _ = SecondFactorCode::parse(&text);
        }
    }
}
