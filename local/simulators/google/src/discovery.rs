//! The discovery document and the signing keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde_json::json;

use crate::error::OauthError;
use crate::simulator::GoogleSimulator;

/// The cache lifetime of both documents. Google's own value varies around it.
const CACHE_POLICY: &str = "public, max-age=3600";

/// `GET /.well-known/openid-configuration`: returns the discovery document.
///
/// It has the fields of <https://accounts.google.com/.well-known/openid-configuration>, with the values
/// that the simulator supports.
pub(crate) async fn get_configuration(
    State(google): State<Arc<GoogleSimulator>>,
) -> impl IntoResponse {
    let url = |path: &str| format!("{}{path}", google.issuer);
    let document = json!({
        "issuer": google.issuer,
        "authorization_endpoint": url("/authorize"),
        "token_endpoint": url("/token"),
        "userinfo_endpoint": url("/userinfo"),
        "jwks_uri": url("/certs"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "azp", "email", "email_verified", "exp", "family_name",
            "given_name", "iat", "iss", "name", "sub"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": ["authorization_code"],
    });
    ([(CACHE_CONTROL, CACHE_POLICY)], Json(document))
}

/// `GET /certs`: returns the keys that verify ID tokens, as a JSON Web Key Set.
///
/// # Errors
/// Fails with 500 if the key cannot be generated.
pub(crate) async fn get_signing_keys(
    State(google): State<Arc<GoogleSimulator>>,
) -> Result<impl IntoResponse, OauthError> {
    Ok(([(CACHE_CONTROL, CACHE_POLICY)], Json(google.signing_keys.to_jwks().await?)))
}
