//! `GET /v1/artifacts`

use axum::Json;
use axum::extract::State;
use shared::artifacts::list::{Wanted, list};
use shared::artifacts::{ArtifactView, Kind};
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::page::{Page, PageRequest};
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Files, Org};
use shared::projects::authorize::resolve_scope;

/// List artifacts
///
/// Returns the latest version of each path: first the client's own files, then those of its
/// projects, ordered by path. A page may be shorter than its limit, or empty; continue while
/// `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/artifacts",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = [])),
    params(
        ("org_id" = String, Query, description = "The client's id"),
        ("project_id" = Option<String>, Query, description = "Only artifacts of this project"),
        ("kind" = Option<Kind>, Query, description = "Only artifacts of this kind"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Page size, 50 by default"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the previous page"),
    ),
    responses(
        (status = 200, body = Page<ArtifactView>, description = "A page of the list"),
        (status = 400, body = ErrorBody, description = "`MISSING_ORG_ID`, `INVALID_CURSOR`, `INVALID_FIELD`"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_artifacts(
    State(ctx): State<Context>,
    caller: Caller,
    Org(organization): Org,
    Files { project, kind }: Files,
    page: PageRequest,
) -> http::Result<Json<Page<ArtifactView>>> {
    let shelf = resolve_scope(&ctx, &caller, &organization, project).await?;
    Ok(Json(list(&ctx, &caller, &Wanted { shelf, kind }, &page).await?))
}
