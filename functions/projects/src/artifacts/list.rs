//! `GET /v1/artifacts`

use axum::Json;
use axum::extract::State;
use shared::artifacts::list::{ArtifactQuery, list};
use shared::artifacts::{ArtifactKind, ArtifactView};
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, ArtifactFilter, ErrorBody, OrgIdParameter, Paging};
use shared::organizations::rights::Right;
use shared::projects::authorize::resolve_scope;

/// List artifacts
///
/// Returns the latest version of each path: first of the organization's own artifacts, then of its
/// projects', ordered by path. A page may be shorter than its limit, or empty; continue while
/// `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/artifacts",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = ["artifacts:read"])),
    params(
        ("org_id" = String, Query, description = "The organization's id"),
        ("project_id" = Option<String>, Query, description = "Returns only artifacts of the project with this id"),
        ("kind" = Option<ArtifactKind>, Query, description = "Returns only artifacts of this kind"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<ArtifactView>, description = "A page of artifacts"),
        (status = 400, body = ErrorBody, description = "`MISSING_ORG_ID`, `INVALID_CURSOR`, `INVALID_FIELD`"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_artifacts(
    State(ctx): State<Context>,
    caller: Caller,
    OrgIdParameter(organization): OrgIdParameter,
    ArtifactFilter { project, kind }: ArtifactFilter,
    Paging(page): Paging,
) -> http::Result<Json<Page<ArtifactView>>> {
    let scope = resolve_scope(&ctx, &caller, &organization, project, Right::ViewProjects).await?;
    Ok(Json(list(&ctx, &caller, &ArtifactQuery { scope, kind }, &page).await?))
}
