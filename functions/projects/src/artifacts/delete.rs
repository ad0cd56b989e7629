//! `DELETE /v1/artifacts/{artifact_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::artifacts::delete::delete;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id};
use shared::ids::ArtifactId;
use utoipa::ToSchema;

/// Confirmation that the artifact was deleted.
#[derive(Serialize, ToSchema)]
#[schema(as = ArtifactDeleted)]
pub(crate) struct ResponseBody {
    /// Whether the version was deleted; always `true`.
    #[schema(example = true)]
    deleted: bool,
}

/// Delete an artifact
///
/// Deletes the version with this id. If it was the latest, the previous version becomes the latest.
/// Version numbers are never reused.
#[utoipa::path(
    delete,
    path = "/v1/artifacts/{artifact_id}",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = ["artifacts:write"])),
    params(("artifact_id" = String, Path, description = "The version's id")),
    responses(
        (status = 200, body = ResponseBody, description = "The version was deleted"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING`: wait until the fork's `status` is `ready`"),
        Unavailable,
    )
)]
pub(crate) async fn delete_artifact(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ArtifactId>,
) -> http::Result<Json<ResponseBody>> {
    delete(&ctx, &caller, &id).await?;
    Ok(Json(ResponseBody { deleted: true }))
}
