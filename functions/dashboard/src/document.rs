//! `GET /v1/openapi.json`

use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;

/// The OpenAPI document of all functions. Written by `tests/checks/openapi.rs` from their code, which also
/// fails when it no longer matches: functions don't depend on each other.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// This document
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "Service",
    responses((status = 200, content_type = "application/json", description = "OpenAPI 3.1"))
)]
pub(crate) async fn openapi() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}
