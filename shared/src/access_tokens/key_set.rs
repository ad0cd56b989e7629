//! The public keys with which other services verify access tokens (RFC 7517).

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::signing_key::SigningKey;
use crate::context::Context;
use crate::error::Result;

/// How long a verifier may keep the key set. A key is published for this time, and for the time after which every
/// function has read its secrets again, before it signs.
pub const KEY_SET_MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// The public keys of access tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JsonWebKeySet)]
pub struct KeySetView {
    /// The key that signs first, then those that will sign or have signed.
    pub keys: Vec<JsonWebKey>,
}

/// A public key that verifies access tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonWebKey {
    /// The type of the key, always `OKP` (RFC 8037).
    #[schema(example = "OKP")]
    pub kty: &'static str,
    /// The curve, always `Ed25519`.
    #[schema(example = "Ed25519")]
    pub crv: &'static str,
    /// The algorithm, always `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: &'static str,
    /// The use of the key, always `sig`.
    #[schema(example = "sig")]
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The id of the key, which is also in the header of a token.
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    pub kid: String,
    /// The public key in base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    pub x: String,
}

/// Lists the public keys. Reads nothing from the table.
///
/// # Errors
///
/// * An internal error in a function without signing keys.
pub async fn list_keys(ctx: &Context) -> Result<KeySetView> {
    let keyring = ctx.secrets.keyring().await;
    let view = |key| {
        let SigningKey { kid, public, .. } = SigningKey::new(key)?;
        Ok(JsonWebKey { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid, x: public })
    };
    Ok(KeySetView { keys: keyring.signing_keys()?.all().iter().map(view).collect::<Result<_>>()? })
}
