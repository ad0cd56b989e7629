//! `/userinfo`: returns the claims about an account that an access token allows.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::Value;

use crate::claims::account_claims;
use crate::error::OauthError;
use crate::simulator::GoogleSimulator;

/// `GET /userinfo` and `POST /userinfo`
///
/// # Errors
/// Fails with `invalid_token` if the access token is missing, unknown or expired.
pub(crate) async fn get(
    State(google): State<Arc<GoogleSimulator>>,
    headers: HeaderMap,
) -> Result<Json<Value>, OauthError> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    let grant =
        token.and_then(|(_, token)| google.grants.find_by_access_token(token, google.now()));
    match grant {
        Some(grant) => Ok(Json(Value::Object(account_claims(&grant)))),
        None => Err(OauthError::new("invalid_token", "The access token is unknown or expired")
            .with_unauthorized("Bearer")),
    }
}
