//! `GET /v1/artifacts/{artifact_id}/versions`

use axum::Json;
use axum::extract::State;
use shared::artifacts::ArtifactView;
use shared::artifacts::versions::list_versions;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, Paging};
use shared::ids::ArtifactId;

/// List an artifact's versions
///
/// Returns all versions of the path of an artifact, newest first.
#[utoipa::path(
    get,
    path = "/v1/artifacts/{artifact_id}/versions",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = ["artifacts:read"])),
    params(
        ("artifact_id" = String, Path, description = "The id of any version"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<ArtifactView>, description = "A page of versions"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_artifact_versions(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ArtifactId>,
    Paging(page): Paging,
) -> http::Result<Json<Page<ArtifactView>>> {
    Ok(Json(list_versions(&ctx, &caller, &id, &page).await?))
}
