//! `GET /v1/projects/{project_id}/reports`

use axum::Json;
use axum::extract::State;
use shared::artifacts::list::{Wanted, list};
use shared::artifacts::{ArtifactView, Kind};
use shared::context::Context;
use shared::credentials::Credential;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::{self, Id, Paging};
use shared::ids::ProjectId;
use shared::requester::Requester;
use shared::values::ArtifactScope;

/// List a project's reports
///
/// The latest version of each artifact whose `kind` is `report`. A page may hold fewer than asked for, none
/// even; `next_cursor` tells whether there may be more.
#[utoipa::path(
    get,
    path = "/v1/projects/{project_id}/reports",
    tag = "Projects",
    security(("session" = []), ("bearer" = [])),
    params(
        ("project_id" = String, Path, description = "The project's id"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<ArtifactView>, description = "A page of them"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_reports(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<ProjectId>,
    Paging(page): Paging,
) -> http::Result<Json<Page<ArtifactView>>> {
    let wanted = Wanted { shelf: ArtifactScope::Project(id), kind: Some(Kind::Report) };
    list(&ctx, &requester, &credential, &wanted, &page).await.map(Json)
}
