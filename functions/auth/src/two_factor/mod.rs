//! `/v1/2fa/…`

pub(crate) mod disable;
pub(crate) mod enable;
pub(crate) mod login;
pub(crate) mod recovery_codes;
pub(crate) mod setup;
pub(crate) mod status;

use serde::{Deserialize, Serialize};
use shared::accounts::password::Password;
use shared::error::Result;
use shared::http;
use utoipa::ToSchema;

/// Parameters for changes of the second factor: both factors.
#[derive(Deserialize, ToSchema)]
#[schema(as = BothFactors)]
pub(crate) struct BothFactors {
    /// Password. Required if the account has one; otherwise the sign-in must be at most 10 minutes old.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// Code from the authenticator, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

impl BothFactors {
    /// Returns the password, if one was sent, and the code.
    fn parse(self) -> Result<(Option<Password>, String)> {
        http::require_not_blank("code", &self.code)?;
        Ok((Password::parse_optional("password", self.password)?, self.code))
    }
}

/// Ten recovery codes, which are not shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub(crate) struct RecoveryCodes {
    /// Recovery codes. Each replaces the authenticator once.
    #[schema(example = json!(["abcd-efgh-jklm-npqr"]))]
    recovery_codes: Vec<String>,
}
