//! `GET /v1/health`

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The state of the service.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// The status of the service; always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Check health
///
/// Returns 200 while requests reach the service. It calls no dependency, so a monitor puts no load on one.
#[utoipa::path(get, path = "/v1/health", tag = "Service", responses((status = 200, body = Health, description = "The service is up")))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}
