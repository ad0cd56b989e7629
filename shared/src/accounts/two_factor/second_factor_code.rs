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
