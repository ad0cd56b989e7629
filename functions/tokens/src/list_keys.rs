//! `GET /v1/clients/{client_id}/api-keys`

use axum::Json;
use axum::extract::State;
use shared::api_keys::{KeyView, list};
use shared::context::Context;
use shared::dynamo::{Page, PageRequest};
use shared::http::openapi::{ListErrors, OrganizationSessionErrors, Unavailable};
use shared::http::{self, Id, SessionCredential};
use shared::ids::OrganizationId;
use shared::requester::Requester;

/// List a client's keys
///
/// For its owner and admins: in the order in which they were made, revoked ones among them.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/api-keys",
    tag = "Keys",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<KeyView>, description = "A page of them"),
        ListErrors,
        OrganizationSessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_keys(
    State(ctx): State<Context>,
    requester: Requester,
    SessionCredential(credential): SessionCredential,
    Id(organization_id): Id<OrganizationId>,
    page: PageRequest,
) -> http::Result<Json<Page<KeyView>>> {
    list::list(&ctx, &requester, &credential, &organization_id, &page).await.map(Json)
}
