//! Time-based one-time passwords (TOTP, RFC 6238) with the parameters that all authenticator apps support:
//! SHA-1, six digits, steps of 30 seconds, and a secret of 160 bits (RFC 4226 4).
//!
//! A code is accepted one step early or late.

use std::ops::RangeInclusive;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::secrets::{AccountKeys, Sealed};
use crate::values::EmailAddress;

/// Number of digits in a code.
pub(super) const CODE_DIGITS: usize = 6;

/// Length of a time step in seconds.
const STEP_SECONDS: u64 = 30;

/// Number of steps that the clocks may differ by (RFC 6238 5.2 recommends no more).
const MAX_SKEW_STEPS: u16 = 1;

/// Name of the service in authenticator apps.
const ISSUER: &str = "AIUS";

/// Number of bytes in a secret that this service generates.
const SECRET_BYTES: usize = 20;

/// Number of bytes in a secret that another system generated. RFC 4226 requires 16; many systems have used 10.
const IMPORTED_SECRET_BYTES: RangeInclusive<usize> = 10..=64;

/// The secret of an authenticator, encrypted for one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SealedSecret(Sealed);

/// An authenticator, by its shared secret.
pub(super) struct Authenticator(Zeroizing<Vec<u8>>);

/// The data that an authenticator app needs to share the secret.
#[derive(Debug)]
pub(super) struct Enrollment {
    /// The secret in base32, for typing.
    pub(super) secret: String,
    /// The content of the QR code.
    pub(super) otpauth_url: String,
    /// The QR code as a PNG image in base64.
    pub(super) png: String,
}

impl Authenticator {
    /// Generates a new secret.
    pub(super) fn generate(ctx: &Context) -> Self {
        let secret: [u8; SECRET_BYTES] = ctx.random.bytes();
        Self(Zeroizing::new(secret.to_vec()))
    }

    /// Parses the secret of another system in base32, in any case and with or without spaces and padding. Its codes
    /// must be those of this service: SHA-1, six digits, 30 seconds. Returns `None` if it is malformed, or shorter or
    /// longer than 10 to 64 bytes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bare: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|c| !matches!(c, ' ' | '-' | '='))
                .collect::<String>()
                .to_ascii_uppercase(),
        );
        let secret = BASE32_NOPAD.decode(bare.as_bytes()).ok().map(Zeroizing::new)?;
        IMPORTED_SECRET_BYTES.contains(&secret.len()).then_some(Self(secret))
    }

    /// Encrypts the secret for one user.
    ///
    /// # Errors
    /// [`Error::Internal`] if the cipher fails.
    pub(super) fn seal(
        &self,
        ctx: &Context,
        keys: &AccountKeys,
        user: &UserId,
    ) -> Result<SealedSecret> {
        keys.storage.seal(&*ctx.random, &aad(user), self.0.as_slice()).map(SealedSecret)
    }

    /// Decrypts the secret of a user.
    ///
    /// # Errors
    /// [`Error::Internal`] if it was encrypted for another user, or with a key that is gone.
    pub(super) fn open(keys: &AccountKeys, user: &UserId, sealed: &SealedSecret) -> Result<Self> {
        let opened = keys.storage.open(&aad(user), &sealed.0).map(Zeroizing::new);
        opened.map(Self).ok_or_else(|| Error::internal("an authenticator's secret can't be opened"))
    }

    /// Returns the time step that the code belongs to: the current one, or the one before or after it.
    pub(super) fn matching_step(&self, code: &str, now: Timestamp) -> Option<u64> {
        let now = u64::try_from(now.seconds()).ok()?;
        self.totp(None).ok()?.check(code, now)
    }

    /// Returns the data for an app, with the address as the account's name.
    ///
    /// # Errors
    /// [`Error::Internal`] if the secret or the address does not fit into the URL, or the URL does not fit into a QR
    /// code.
    pub(super) fn enrollment(&self, email: &EmailAddress) -> Result<Enrollment> {
        let totp = self.totp(Some(email))?;
        Ok(Enrollment {
            secret: totp.secret().to_base32(),
            otpauth_url: totp.to_url().map_err(Error::internal)?,
            png: totp.to_qr_base64().map_err(Error::internal)?,
        })
    }

    fn totp(&self, account: Option<&EmailAddress>) -> Result<Totp> {
        let mut totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_step_duration(STEP_SECONDS)
            .with_skew(MAX_SKEW_STEPS)
            .with_secret(Secret::new(self.0.to_vec().into_boxed_slice()));
        if let Some(account) = account {
            totp = totp.with_issuer(Some(ISSUER)).with_account_name(account.as_str());
        }
        match account {
            Some(_) => totp.build().map_err(Error::internal),
            // The secret of another system may be shorter than RFC 4226 requires.
            None => Ok(totp.build_noncompliant()),
        }
    }
}

/// Returns the additional authenticated data that binds a secret to its user.
fn aad(user: &UserId) -> String {
    format!("authenticator {user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use crate::secrets::Keyring;

    #[test]
    fn codes_match_the_test_vectors_of_rfc_6238() {
        // Appendix B, SHA-1: the last six of its eight digits.
        let authenticator = Authenticator(Zeroizing::new(b"12345678901234567890".to_vec()));
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let step = u64::try_from(seconds).unwrap() / STEP_SECONDS;
            let at = |seconds| authenticator.matching_step(code, Timestamp::from_seconds(seconds));
            assert_eq!(at(seconds), Some(step));
            assert_eq!(at(seconds + 30), Some(step), "one step late");
            assert_eq!(at(seconds - 30), Some(step), "one step early");
            assert_eq!(at(seconds + 61), None);
            assert_eq!(at(seconds - 60), None);
        }
    }

    #[test]
    fn secrets_of_other_systems_are_read() {
        // RFC 6238's secret, and the first half of it.
        let parse = |text| Authenticator::parse(text).map(|parsed| parsed.0.to_vec());
        let whole = b"12345678901234567890".to_vec();
        for text in ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq"]
        {
            assert_eq!(parse(text), Some(whole.clone()), "{text}");
        }
        assert_eq!(parse("GEZDGNBVGY3TQOJQ"), Some(b"1234567890".to_vec()));
        let short = Authenticator::parse("GEZDGNBVGY3TQOJQ").unwrap();
        assert!(short.matching_step("287082", Timestamp::from_seconds(59)).is_none());
        for text in ["", "GEZDGNBVGY3TQOI=", "GEZDGNBVGY3TQOJ1", "otpauth://totp/x?secret=GEZDGNBV"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_decrypts_for_its_user_only() {
        let ring =
            Keyring::from_document(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap();
        let keys = ring.account().unwrap();
        let (ada, eve) = (UserId::generate(&SystemRandom), UserId::generate(&SystemRandom));
        let secret = [7; SECRET_BYTES];
        let sealed = SealedSecret(keys.storage.seal(&SystemRandom, &aad(&ada), &secret).unwrap());
        assert_eq!(Authenticator::open(keys, &ada, &sealed).unwrap().0.as_slice(), secret);
        assert!(Authenticator::open(keys, &eve, &sealed).is_err());
    }
}
