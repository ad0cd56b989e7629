//! The purpose of a mailed code.

use serde::{Deserialize, Serialize};

/// The purpose of a mailed code. A code for one purpose is not accepted for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePurpose {
    /// Verifies the address of a new account.
    VerifyEmail,
    /// Allows a new password in place of a forgotten one.
    ResetPassword,
    /// Verifies the new address of an account.
    ChangeEmail,
}

impl CodePurpose {
    /// Returns the purpose as keys contain it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
        }
    }
}
