//! `GET /v1/projects`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, ErrorBody, OrgIdParameter, Paging};
use shared::projects::ProjectView;
use shared::projects::list::list;

/// List projects
///
/// Returns an organization's projects in the order of creation. A page may be shorter than its
/// limit; continue while `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/projects",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:read"])),
    params(
        ("org_id" = String, Query, description = "The organization's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<ProjectView>, description = "A page of projects"),
        (status = 400, body = ErrorBody, description = "`MISSING_ORG_ID`, `INVALID_CURSOR`, `INVALID_FIELD`"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_projects(
    State(ctx): State<Context>,
    caller: Caller,
    OrgIdParameter(organization): OrgIdParameter,
    Paging(page): Paging,
) -> http::Result<Json<Page<ProjectView>>> {
    Ok(Json(list(&ctx, &caller, &organization, &page).await?))
}
