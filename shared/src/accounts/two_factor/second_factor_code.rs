//! Codes of the second factor, as people type them.

use super::recovery_codes::RecoveryCode;
use super::totp;
use crate::sessions::SignInMethod;

/// Maximum bytes of typed text that are parsed. A code with many separators is much shorter.
const MAX_TYPED_LEN: usize = 64;

/// A code that a person typed for the second factor.
#[derive(Debug)]
pub enum SecondFactorCode {
    /// Six digits, as an authenticator shows them.
    Authenticator(String),
    /// One of the account's unused recovery codes.
    Recovery(RecoveryCode),
    /// Text that is no code.
    Malformed,
}

impl SecondFactorCode {
    /// Parses a code as people type it, with spaces or hyphens.
    pub fn parse(text: &str) -> Self {
        if text.len() > MAX_TYPED_LEN {
            return Self::Malformed;
        }
        let bare: String =
            text.chars().filter(|c| !matches!(c, ' ' | '-' | '\t' | '\u{a0}')).collect();
        if bare.len() == totp::CODE_DIGITS && bare.bytes().all(|b| b.is_ascii_digit()) {
            return Self::Authenticator(bare);
        }
        RecoveryCode::parse(&bare).map_or(Self::Malformed, Self::Recovery)
    }

    /// Returns the method that the code belongs to. Text that is no code counts as one of an authenticator.
    pub(super) const fn method(&self) -> SignInMethod {
        match self {
            Self::Authenticator(_) | Self::Malformed => SignInMethod::Authenticator,
            Self::Recovery(_) => SignInMethod::RecoveryCode,
        }
    }
}
