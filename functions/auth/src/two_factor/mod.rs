//! `/v1/2fa/…`

pub(crate) mod disable;
pub(crate) mod enable;
pub(crate) mod login;
pub(crate) mod recovery_codes;
pub(crate) mod setup;
pub(crate) mod status;

use serde::{Deserialize, Serialize};
use shared::accounts::IdentityProof;
use shared::accounts::password::Password;
use shared::error::Result;
use shared::http;
use utoipa::ToSchema;

/// Both factors of the user, which a change of two-factor authentication requires.
#[derive(Deserialize, ToSchema)]
#[schema(as = BothFactors)]
pub(crate) struct BothFactors {
    /// Password of the account. Required if the account has one; otherwise the proof of
    /// identity must be at most 10 minutes old.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// Current code from the authenticator app, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

impl BothFactors {
    fn parse(&self) -> Result<IdentityProof<'_>> {
        http::require_not_blank("code", &self.code)?;
        let password = Password::parse_optional("password", self.password.clone())?;
        Ok(IdentityProof { password, code: Some(&self.code) })
    }
}

/// New recovery codes, which are not shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub(crate) struct RecoveryCodes {
    /// Ten recovery codes. Each signs in once in place of a code from the authenticator.
    #[schema(example = json!(["abcd-efgh-jklm-npqr"]))]
    recovery_codes: Vec<String>,
}
