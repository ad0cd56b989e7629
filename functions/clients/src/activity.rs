//! `GET /v1/clients/{client_id}/activity`

use axum::Json;
use axum::extract::State;
use shared::activity::Filter;
use shared::activity::of_client::{OrganizationEvent, list};
use shared::context::Context;
use shared::credentials::Credential;
use shared::dynamo::{Page, PageRequest};
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;
use shared::requester::Requester;

/// List what happened in a client
///
/// Who did what, newest first, as far back as the client's plan shows. For its owner and admins.
///
/// A page may hold fewer entries than asked for, none even, above all where a filter leaves most of them
/// out; `next_cursor` tells whether there may be more. A cursor goes with the filters that it came with.
/// What happens while pages are read doesn't move them.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/activity",
    tag = "Activity",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("action" = Option<String>, Query, description = "Only this, as `client.renamed`"),
        ("user" = Option<String>, Query, description = "Only what that person did: `usr_…`"),
        ("from" = Option<i64>, Query, minimum = 0, description = "The first second, since 1970 UTC"),
        ("to" = Option<i64>, Query, minimum = 0, description = "The second behind the last, since 1970 UTC"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<OrganizationEvent>, description = "A page of it"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_client_activity(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<OrganizationId>,
    filter: Filter,
    page: PageRequest,
) -> http::Result<Json<Page<OrganizationEvent>>> {
    list(&ctx, &requester, &credential, &id, &filter, &page).await.map(Json)
}
