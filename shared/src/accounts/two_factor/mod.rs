//! The second factor: an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

mod both_factors;
pub mod challenge;
pub mod disable;
pub mod enable;
mod recovery;
pub mod replace_recovery_codes;
pub mod setup;
pub mod status;
mod stored;
mod totp;

use serde::{Deserialize, Serialize};

use super::User;
use super::guesses::{Failures, Guessed};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::secrets::Keyring;
use crate::sessions::Method;
use recovery::{RecoveryCode, RecoveryCodes};
pub use stored::StoredTwoFactor;
pub(super) use stored::stored;
use totp::{Authenticator, SealedSecret};

/// What signing in asks for besides the password or Google.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecondFactor {
    secret: SealedSecret,
    /// The time step of the last code that was taken: that step and all before are spent.
    last_step: u64,
    recovery_codes: RecoveryCodes,
    /// Since when it is asked for.
    pub since: Timestamp,
}

/// What somebody typed in.
#[derive(Debug)]
pub enum Code {
    /// Six digits from the authenticator.
    Authenticator(String),
    /// A recovery code.
    Recovery(RecoveryCode),
    /// Neither.
    Nonsense,
}

impl Code {
    /// Reads a code as people type it, with spaces or hyphens between.
    pub fn parse(text: &str) -> Self {
        // Longer than any spaced-out code: not worth a look.
        if text.len() > 64 {
            return Self::Nonsense;
        }
        let bare: String =
            text.chars().filter(|c| !matches!(c, ' ' | '-' | '\t' | '\u{a0}')).collect();
        if bare.len() == totp::DIGITS && bare.bytes().all(|b| b.is_ascii_digit()) {
            return Self::Authenticator(bare);
        }
        RecoveryCode::parse(&bare).map_or(Self::Nonsense, Self::Recovery)
    }
}

/// A right code, and the second factor with that code spent. It counts only when the user is stored
/// with it, under a condition on what it was judged by.
#[derive(Debug)]
pub(super) struct Spent {
    /// To be stored.
    pub(super) after: SecondFactor,
    /// Which kind of code it was.
    pub(super) method: Method,
}

impl SecondFactor {
    /// Judges a code. [`Error::InvalidCode`] for a wrong one, and for one whose time step has been
    /// used.
    fn judge(&self, ctx: &Context, keyring: &Keyring, user: &UserId, code: &Code) -> Result<Spent> {
        match code {
            Code::Authenticator(digits) => {
                let step = Authenticator::open(keyring, user, &self.secret)?
                    .step_of(digits, ctx.now())
                    .filter(|step| *step > self.last_step)
                    .ok_or(Error::InvalidCode)?;
                let after = Self { last_step: step, ..self.clone() };
                Ok(Spent { after, method: Method::Authenticator })
            }
            Code::Recovery(code) => {
                let recovery_codes =
                    self.recovery_codes.without(keyring, user, code).ok_or(Error::InvalidCode)?;
                let after = Self { recovery_codes, ..self.clone() };
                Ok(Spent { after, method: Method::RecoveryCode })
            }
            Code::Nonsense => Err(Error::InvalidCode),
        }
    }
}

/// Counts a guess before it is judged. Recovery codes aren't limited: 80 bits can't be guessed, and
/// whoever is being locked out by somebody else's guesses gets in with one.
/// [`Error::RateLimited`] after ten failures.
async fn count_guess(
    ctx: &Context,
    user: &User,
    before: Option<Failures>,
    code: &Code,
) -> Result<()> {
    match code {
        Code::Authenticator(_) | Code::Nonsense => {
            let guessed = Guessed::second_factor(&*ctx.secrets.keyring().await, &user.id);
            guessed.count_attempt(ctx, before).await
        }
        Code::Recovery(_) => Ok(()),
    }
}

/// Counts a guess of somebody who is signed in, before it is judged: as at signing in.
pub(super) async fn count_signed_in_guess(ctx: &Context, user: &User, code: &Code) -> Result<()> {
    let guessed = Guessed::second_factor(&*ctx.secrets.keyring().await, &user.id);
    count_guess(ctx, user, ctx.table.get(&guessed.key()).await?, code).await
}

/// Judges a code of an account that has a second factor, and adds to a change what a right one
/// brings along: counted failures are forgotten, and a spent recovery code is told by mail. The
/// change must store the user that comes back, on the condition that the account is as it was read.
/// [`Error::TwoFactorNotEnabled`] without a second factor; [`Error::InvalidCode`].
pub(super) async fn spend(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: User,
    code: &Code,
) -> Result<(User, Method)> {
    let keyring = ctx.secrets.keyring().await;
    let factor = user.second_factor.as_ref().ok_or(Error::TwoFactorNotEnabled)?;
    let Spent { after, method } = factor.judge(ctx, &keyring, &user.id, code)?;
    Guessed::second_factor(&keyring, &user.id).forget(tx)?;
    if method == Method::RecoveryCode {
        let left = after.recovery_codes.left();
        let message = Message::recovery_code_used(ctx, requester, &user, left);
        mail::queue(ctx, &keyring, tx, &user.email, message)?;
    }
    Ok((User { second_factor: Some(after), ..user }, method))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        for typed in ["123456", " 123 456 ", "123-456"] {
            assert!(matches!(Code::parse(typed), Code::Authenticator(code) if code == "123456"));
        }
        for typed in ["abcd-efgh-jklm-npqr", "ABCD EFGH JKLM NPQR", "abcdefghjklmnpqr"] {
            assert!(matches!(Code::parse(typed), Code::Recovery(_)), "{typed}");
        }
        for typed in ["", "12345", "1234567", "１２３４５６", "abcd-efgh", "abcd-efgh-jklm-npq1"]
        {
            assert!(matches!(Code::parse(typed), Code::Nonsense), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_not_without_trouble(text in "\\PC{0,80}") {
            let _ = Code::parse(&text);
        }
    }
}
