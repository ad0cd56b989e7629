//! What the provider says of itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde_json::json;

use super::Google;
use super::refusal::OauthRefusal;

/// How long Google lets both be kept, within what it changes from hour to hour.
const KEPT: &str = "public, max-age=3600";

/// The fields of <https://accounts.google.com/.well-known/openid-configuration>, with what is served
/// here.
pub(super) async fn document(State(google): State<Arc<Google>>) -> impl IntoResponse {
    let at = |path: &str| format!("{}{path}", google.issuer);
    let document = json!({
        "issuer": google.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/certs"),
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
    ([(CACHE_CONTROL, KEPT)], Json(document))
}

/// The keys that ID tokens are checked with.
pub(super) async fn certs(
    State(google): State<Arc<Google>>,
) -> Result<impl IntoResponse, OauthRefusal> {
    Ok(([(CACHE_CONTROL, KEPT)], Json(google.keys.published().await?)))
}
