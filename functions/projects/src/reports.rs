//! `GET /v1/projects/{project_id}/reports`

use axum::Json;
use axum::extract::State;
use shared::artifacts::list::{Wanted, list};
use shared::artifacts::{ArtifactView, Kind};
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::page::{Page, PageRequest};
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::ProjectId;
use shared::projects::Shelf;

/// List a project's reports
///
/// Returns the latest version of each artifact whose `kind` is `report`. A page may be shorter than
/// its limit, or empty; continue while `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/projects/{project_id}/reports",
    tag = "Projects",
    security(("session" = []), ("bearer" = [])),
    params(
        ("project_id" = String, Path, description = "The project's id"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Page size, 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the previous page"),
    ),
    responses(
        (status = 200, body = Page<ArtifactView>, description = "A page of the list"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_reports(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    page: PageRequest,
) -> http::Result<Json<Page<ArtifactView>>> {
    let wanted = Wanted { shelf: Shelf::Project(id), kind: Some(Kind::Report) };
    Ok(Json(list(&ctx, &caller, &wanted, &page).await?))
}
