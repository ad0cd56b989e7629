//! `DELETE /v1/artifacts/{artifact_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::artifacts::delete::delete;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id};
use shared::ids::ArtifactId;
use shared::requester::Requester;
use utoipa::ToSchema;

/// It is deleted.
#[derive(Serialize, ToSchema)]
#[schema(as = ArtifactDeleted)]
pub(crate) struct Answer {
    /// Always true.
    #[schema(example = true)]
    deleted: bool,
}

/// Delete an artifact
///
/// The version that has this id. Where it was the latest of its path, the one before is from now on. The
/// numbers of versions aren't given again.
#[utoipa::path(
    delete,
    path = "/v1/artifacts/{artifact_id}",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = [])),
    params(("artifact_id" = String, Path, description = "The version's id")),
    responses(
        (status = 200, body = Answer, description = "Deleted"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING` of a fork whose `status` isn't `ready`"),
        Unavailable,
    )
)]
pub(crate) async fn delete_artifact(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<ArtifactId>,
) -> http::Result<Json<Answer>> {
    delete(&ctx, &requester, &credential, &id).await?;
    Ok(Json(Answer { deleted: true }))
}
