//! `DELETE /v1/projects/{project_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::ProjectId;
use shared::projects::delete::delete;
use utoipa::ToSchema;

/// Confirmation that the project was deleted.
#[derive(Serialize, ToSchema)]
#[schema(as = ProjectDeleted)]
pub(crate) struct ResponseBody {
    /// Whether the project was deleted; always `true`.
    #[schema(example = true)]
    deleted: bool,
}

/// Delete a project
///
/// Deletes the project with its brief, artifacts, reports and runs. Its name can be used again at
/// once. Forks of the project stay.
#[utoipa::path(
    delete,
    path = "/v1/projects/{project_id}",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:write"])),
    params(("project_id" = String, Path, description = "The project's id")),
    responses(
        (status = 200, body = ResponseBody, description = "The project was deleted"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn delete_project(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
) -> http::Result<Json<ResponseBody>> {
    delete(&ctx, &caller, &id).await?;
    Ok(Json(ResponseBody { deleted: true }))
}
