//! `GET /v1/projects/{project_id}`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::ProjectId;
use shared::projects::ProjectView;
use shared::projects::read::read;

/// Get a project
///
/// Returns a project. A fork also has the id of its original and the status of the copy.
#[utoipa::path(
    get,
    path = "/v1/projects/{project_id}",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:read"])),
    params(("project_id" = String, Path, description = "The project's id")),
    responses(
        (status = 200, body = ProjectView, description = "The project, with its status if it is a fork"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_project(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
) -> http::Result<Json<ProjectView>> {
    Ok(Json(read(&ctx, &caller, &id).await?))
}
