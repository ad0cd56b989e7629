//! `GET /v1/health`

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The service answers.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct Answer {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Is it up
///
/// Says that requests arrive; asks no dependency, so that a monitor can't be turned against one.
#[utoipa::path(get, path = "/v1/health", tag = "Service", responses((status = 200, body = Answer, description = "It is")))]
pub(crate) async fn health() -> Json<Answer> {
    Json(Answer { status: "ok" })
}
