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

/// Both factors.
#[derive(Deserialize, ToSchema)]
#[schema(as = BothFactors)]
pub(crate) struct BothFactors {
    /// Required of an account that has a password; one without needs a sign-in that is at most 10
    /// minutes old.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// From the authenticator, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

impl BothFactors {
    /// Password, if any, and code.
    fn parse(self) -> Result<(Option<Password>, String)> {
        http::not_blank("code", &self.code)?;
        Ok((Password::given_if_any("password", self.password)?, self.code))
    }
}

/// Ten codes, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub(crate) struct RecoveryCodes {
    /// Each signs in once in place of the authenticator.
    #[schema(example = json!(["abcd-efgh-jklm-npqr"]))]
    recovery_codes: Vec<String>,
}
