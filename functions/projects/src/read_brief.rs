//! `GET /v1/projects/{project_id}/brief`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::ProjectId;
use shared::projects::brief::BriefView;
use shared::projects::brief::read::read;

/// Get a project's brief
///
/// Returns the brief as Markdown. It is empty until one is written.
#[utoipa::path(
    get,
    path = "/v1/projects/{project_id}/brief",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:read"])),
    params(("project_id" = String, Path, description = "The project's id")),
    responses(
        (status = 200, body = BriefView, description = "The brief of the project"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_brief(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
) -> http::Result<Json<BriefView>> {
    Ok(Json(read(&ctx, &caller, &id).await?))
}
