//! `POST /v1/artifacts/{artifact_id}/complete`

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use shared::artifacts::ArtifactView;
use shared::artifacts::complete::{Completion, RunningCompletion, complete};
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id};
use shared::ids::ArtifactId;

/// The seconds after which a client asks again.
const POLL_SECONDS: &str = "2";

/// Complete an upload
///
/// Creates the next version of the path, if the upload has the declared size and SHA-256.
/// Otherwise the upload and its id are deleted. Repeating the call returns the same version.
///
/// More than 100 MiB take longer than a request. The first call answers 202, and so does each repetition, until the
/// version is there or the upload turns out to differ.
#[utoipa::path(
    post,
    path = "/v1/artifacts/{artifact_id}/complete",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = ["artifacts:write"])),
    params(("artifact_id" = String, Path, description = "The id from the upload response")),
    responses(
        (status = 200, body = ArtifactView, description = "The new version"),
        (status = 202, body = RunningCompletion, description = "The upload is being completed: repeat the call after `Retry-After` seconds"),
        (status = 400, body = ErrorBody, description = "`UPLOAD_MISMATCH`: the upload has another size or SHA-256; request the upload again"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`UPLOAD_MISSING`: upload the content first; \
            `PROJECT_COPYING`: wait until the fork's `status` is `ready`"),
        Unavailable,
    )
)]
pub(crate) async fn complete_artifact(
    State(ctx): State<Context>,
    Extension(blobs): Extension<BlobStore>,
    caller: Caller,
    Id(id): Id<ArtifactId>,
) -> http::Result<Response> {
    Ok(match complete(&ctx, &blobs, &caller, &id).await? {
        Completion::Done(version) => Json(version).into_response(),
        Completion::Running(running) => {
            (StatusCode::ACCEPTED, [(RETRY_AFTER, POLL_SECONDS)], Json(running)).into_response()
        }
    })
}
