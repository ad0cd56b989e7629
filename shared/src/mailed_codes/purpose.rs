//! The purposes that a mailed code can serve.

use serde::{Deserialize, Serialize};

/// The purpose of a mailed code. A code is valid for its own purpose only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePurpose {
    /// Verifies the address of a new account.
    VerifyEmail,
    /// Resets a forgotten password.
    ResetPassword,
    /// Verifies the new address when an account changes its address.
    ChangeEmail,
}

impl CodePurpose {
    /// Returns the purpose as it stands in table keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
        }
    }
}
