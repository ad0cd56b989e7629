//! `GET /v1/clients`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{CredentialErrors, ListErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, DeletedFilter, PageBody, Paging};
use shared::organizations::list::{self, OrganizationSummary};

/// List organizations
///
/// Returns the organizations that the caller is a member of: the default one first, then in the
/// order of joining. With `deleted=true`, returns instead the deleted organizations that the caller
/// owns and can restore until `deletion_scheduled_at`. A page may be shorter than its limit; continue while
/// `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/clients",
    tag = "Organizations",
    security(("session" = []), ("bearer" = ["clients:read"])),
    params(
        ("deleted" = Option<bool>, Query, description = "Whether to return deleted organizations in place of the others"),
        PageParameters,
    ),
    responses(
        (status = 200, body = PageBody<OrganizationSummary>, description = "A page of organizations"),
        ListErrors,
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_clients(
    State(ctx): State<Context>,
    caller: Caller,
    DeletedFilter(deleted): DeletedFilter,
    Paging(page): Paging,
) -> http::Result<Json<PageBody<OrganizationSummary>>> {
    Ok(Json(list::list(&ctx, &caller, deleted, &page).await?.into()))
}
