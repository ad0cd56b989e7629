//! `GET /userinfo`: what an access token allows to be told of its account.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::Value;

use super::Google;
use super::claims::about_account;
use super::refusal::OauthRefusal;

pub(super) async fn userinfo(
    State(google): State<Arc<Google>>,
    headers: HeaderMap,
) -> Result<Json<Value>, OauthRefusal> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    let grant = token.and_then(|(_, token)| google.grants.with_access_token(token, google.now()));
    match grant {
        Some(grant) => Ok(Json(Value::Object(about_account(&grant)))),
        None => Err(OauthRefusal::new("invalid_token", "The access token is unknown or expired")
            .unauthorized("Bearer")),
    }
}
