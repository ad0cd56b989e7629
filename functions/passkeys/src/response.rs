//! The parameters of the calls that take the response of an authenticator.

use serde::Deserialize;
use serde_json::Value;
use shared::accounts::passkeys::CeremonyResponse;
use utoipa::ToSchema;

/// The response of an authenticator.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasskeyResponse)]
pub(crate) struct PasskeyResponse {
    /// The `ceremony_id` of the options.
    #[schema(example = "cer_mfrggzdfmztwq2lknnwg23tpoa")]
    pub(crate) ceremony_id: String,
    /// What `navigator.credentials.get` returned, as `toJSON()` gives it.
    #[schema(value_type = Object)]
    pub(crate) credential: Value,
}

impl PasskeyResponse {
    /// Returns the parameters of the operation.
    pub(crate) fn answer(&self) -> CeremonyResponse<'_> {
        CeremonyResponse { ceremony_id: &self.ceremony_id, response: &self.credential }
    }
}
