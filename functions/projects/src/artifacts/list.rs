//! `GET /v1/artifacts`

use axum::Json;
use axum::extract::State;
use shared::artifacts::list::{Wanted, list};
use shared::artifacts::{ArtifactView, Kind};
use shared::context::Context;
use shared::credentials::Credential;
use shared::dynamo::Page;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Files, Org, Paging};
use shared::projects::admit::shelf;
use shared::requester::Requester;

/// List a client's artifacts
///
/// The latest version of each path: of those that lie in the client itself first, then of its projects', in
/// the order of the paths. A page may hold fewer than asked for, none even; `next_cursor` tells whether there
/// may be more.
#[utoipa::path(
    get,
    path = "/v1/artifacts",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = [])),
    params(
        ("org_id" = String, Query, description = "The client's id"),
        ("project_id" = Option<String>, Query, description = "Only those of that project"),
        ("kind" = Option<Kind>, Query, description = "Only those of that kind"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<ArtifactView>, description = "A page of them"),
        (status = 400, body = ErrorBody, description = "`MISSING_ORG_ID`, `INVALID_CURSOR`, `INVALID_FIELD`"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_artifacts(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Org(organization): Org,
    Files { project, kind }: Files,
    Paging(page): Paging,
) -> http::Result<Json<Page<ArtifactView>>> {
    let shelf = shelf(&ctx, &requester, &credential, &organization, project).await?;
    list(&ctx, &requester, &credential, &Wanted { shelf, kind }, &page).await.map(Json)
}
