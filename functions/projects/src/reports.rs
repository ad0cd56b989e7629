//! `GET /v1/projects/{project_id}/reports`

use axum::Json;
use axum::extract::State;
use shared::artifacts::list::{ArtifactQuery, list};
use shared::artifacts::{ArtifactKind, ArtifactView};
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, Paging};
use shared::ids::ProjectId;
use shared::values::ArtifactScope;

/// List a project's reports
///
/// Returns the latest version of each artifact whose `kind` is `report`. A page may be shorter than
/// its limit, or empty; continue while `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/projects/{project_id}/reports",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["artifacts:read"])),
    params(
        ("project_id" = String, Path, description = "The project's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<ArtifactView>, description = "A page of artifacts"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_reports(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    Paging(page): Paging,
) -> http::Result<Json<Page<ArtifactView>>> {
    let query =
        ArtifactQuery { scope: ArtifactScope::Project(id), kind: Some(ArtifactKind::Report) };
    Ok(Json(list(&ctx, &caller, &query, &page).await?))
}
