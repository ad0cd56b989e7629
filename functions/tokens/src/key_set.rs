//! `GET /.well-known/jwks.json`

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use shared::access_tokens::key_set::{KEY_SET_MAX_AGE, KeySetView, list_keys};
use shared::context::Context;
use shared::http;

/// Get the key set
///
/// Returns the public keys with which services verify access tokens (RFC 7517). Keep them for the time in
/// `cache-control`, and ask again at an unknown `kid`. Keys rotate: a new one is here before it signs, and an old one
/// until its last token has expired.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "Tokens",
    responses((status = 200, body = KeySetView, description = "The public keys")),
)]
pub(crate) async fn read_key_set(State(ctx): State<Context>) -> http::Result<impl IntoResponse> {
    let cache = format!("public, max-age={}", KEY_SET_MAX_AGE.as_secs());
    Ok(([(CACHE_CONTROL, cache)], Json(list_keys(&ctx).await?)))
}
