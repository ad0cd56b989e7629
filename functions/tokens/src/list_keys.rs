//! `GET /v1/clients/{client_id}/api-keys`

use axum::Json;
use axum::extract::State;
use shared::api_keys::{KeyView, list};
use shared::context::Context;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationSessionErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, Paging, SessionCaller};
use shared::ids::OrganizationId;

/// List API keys
///
/// Returns an organization's API keys in the order of creation, including revoked ones. Only the
/// owner and admins may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/api-keys",
    tag = "Keys",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<KeyView>, description = "A page of API keys"),
        ListErrors,
        OrganizationSessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_keys(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(organization_id): Id<OrganizationId>,
    Paging(page): Paging,
) -> http::Result<Json<Page<KeyView>>> {
    Ok(Json(list::list(&ctx, &caller, &organization_id, &page).await?))
}
