//! The authenticator's side of it: TOTP as every app speaks it (RFC 6238 with SHA-1, six digits,
//! 30 seconds; a secret of 160 bits as RFC 4226 4 recommends; one step early or late).

use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::secrets::{Keyring, Sealed};
use crate::values::EmailAddress;

/// Digits of a code.
pub(super) const DIGITS: usize = 6;

/// Seconds that a code is shown.
const STEP: u64 = 30;

/// Steps that clocks may be apart (RFC 6238 5.2 recommends no more).
const SKEW: u16 = 1;

/// What an app shows as the service's name.
const ISSUER: &str = "AIUS";

/// Bytes of a secret.
const SECRET_BYTES: usize = 20;

/// An authenticator's secret, encrypted for one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SealedSecret(Sealed);

/// The service's half of an authenticator.
pub(super) struct Authenticator(Zeroizing<[u8; SECRET_BYTES]>);

/// What an app takes in to become the other half.
#[derive(Debug)]
pub(super) struct Enrolment {
    /// To be typed in, where nothing can be scanned.
    pub(super) secret: String,
    /// What the picture says.
    pub(super) otpauth_url: String,
    /// The picture, a PNG in base64.
    pub(super) png: String,
}

impl Authenticator {
    /// A new one.
    pub(super) fn generate(ctx: &Context) -> Self {
        Self(Zeroizing::new(ctx.random.bytes()))
    }

    /// Encrypts the secret; only for this user does it open again.
    pub(super) fn seal(
        &self,
        ctx: &Context,
        keyring: &Keyring,
        user: &UserId,
    ) -> Result<SealedSecret> {
        keyring.seal(&*ctx.random, &place(user), self.0.as_slice()).map(SealedSecret)
    }

    /// The one that was sealed for that user.
    pub(super) fn open(keyring: &Keyring, user: &UserId, sealed: &SealedSecret) -> Result<Self> {
        let opened = keyring.open(&place(user), &sealed.0).map(Zeroizing::new);
        opened
            .and_then(|secret| secret.as_slice().try_into().ok())
            .map(|secret| Self(Zeroizing::new(secret)))
            .ok_or_else(|| Error::internal("an authenticator's secret can't be opened"))
    }

    /// The time step whose code that is: the present one, the one before or the one after.
    pub(super) fn step_of(&self, code: &str, now: Timestamp) -> Option<u64> {
        let now = u64::try_from(now.seconds()).ok()?;
        self.totp(None).ok()?.check(code, now)
    }

    /// What an app needs to know, for an account of that address.
    pub(super) fn enrolment(&self, email: &EmailAddress) -> Result<Enrolment> {
        let totp = self.totp(Some(email))?;
        Ok(Enrolment {
            secret: totp.secret().to_base32(),
            otpauth_url: totp.to_url().map_err(Error::internal)?,
            png: totp.to_qr_base64().map_err(Error::internal)?,
        })
    }

    fn totp(&self, account: Option<&EmailAddress>) -> Result<Totp> {
        let mut totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_step_duration(STEP)
            .with_skew(SKEW)
            .with_secret(Secret::new_stack(*self.0));
        if let Some(account) = account {
            totp = totp.with_issuer(Some(ISSUER)).with_account_name(account.as_str());
        }
        totp.build().map_err(Error::internal)
    }
}

/// What a secret is sealed for.
fn place(user: &UserId) -> String {
    format!("authenticator {user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1: the last six of its eight digits.
        let authenticator = Authenticator(Zeroizing::new(*b"12345678901234567890"));
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let step = u64::try_from(seconds).unwrap() / STEP;
            let at = |seconds| authenticator.step_of(code, Timestamp::from_seconds(seconds));
            assert_eq!(at(seconds), Some(step));
            assert_eq!(at(seconds + 30), Some(step), "one step late");
            assert_eq!(at(seconds - 30), Some(step), "one step early");
            assert_eq!(at(seconds + 61), None);
            assert_eq!(at(seconds - 60), None);
        }
    }

    #[test]
    fn a_secret_opens_for_its_user_only() {
        let ring = Keyring::parse(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap();
        let (ada, eve) = (UserId::generate(&SystemRandom), UserId::generate(&SystemRandom));
        let secret = [7; SECRET_BYTES];
        let sealed = SealedSecret(ring.seal(&SystemRandom, &place(&ada), &secret).unwrap());
        assert_eq!(*Authenticator::open(&ring, &ada, &sealed).unwrap().0, secret);
        assert!(Authenticator::open(&ring, &eve, &sealed).is_err());
    }
}
