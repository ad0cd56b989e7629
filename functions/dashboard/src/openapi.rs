//! `GET /v1/openapi.json`

use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;

/// The OpenAPI document of all functions. `tests/checks/openapi.rs` writes it and checks that it matches the code,
/// because functions do not depend on each other.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// Get the OpenAPI document
///
/// Returns the OpenAPI 3.1 document of all operations.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "Service",
    responses((status = 200, content_type = "application/json", description = "The OpenAPI 3.1 document"))
)]
pub(crate) async fn openapi() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}
