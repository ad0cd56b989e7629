//! `GET /v1/projects/{project_id}/runs`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, Paging};
use shared::ids::ProjectId;
use shared::runs::RunView;
use shared::runs::list::list;

/// List runs
///
/// Returns a project's runs, newest first.
#[utoipa::path(
    get,
    path = "/v1/projects/{project_id}/runs",
    tag = "Runs",
    security(("session" = []), ("bearer" = ["projects:read"])),
    params(
        ("project_id" = String, Path, description = "The project's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<RunView>, description = "A page of runs"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_runs(
    State(ctx): State<Context>,
    caller: Caller,
    Id(project): Id<ProjectId>,
    Paging(page): Paging,
) -> http::Result<Json<Page<RunView>>> {
    Ok(Json(list(&ctx, &caller, &project, &page).await?))
}
