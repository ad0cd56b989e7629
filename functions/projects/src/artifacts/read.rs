//! `GET /v1/artifacts/{artifact_id}`

use axum::extract::State;
use axum::{Extension, Json};
use shared::artifacts::Download;
use shared::artifacts::read::read;
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::ArtifactId;

/// Get an artifact with a download link
///
/// Returns the version with this id and a temporary link to its content. It need not be the latest version.
#[utoipa::path(
    get,
    path = "/v1/artifacts/{artifact_id}",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = ["artifacts:read"])),
    params(("artifact_id" = String, Path, description = "The version's id")),
    responses(
        (status = 200, body = Download, description = "The version with its download link"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_artifact(
    State(ctx): State<Context>,
    Extension(blobs): Extension<BlobStore>,
    caller: Caller,
    Id(id): Id<ArtifactId>,
) -> http::Result<Json<Download>> {
    Ok(Json(read(&ctx, &blobs, &caller, &id).await?))
}
