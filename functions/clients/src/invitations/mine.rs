//! `GET /v1/invitations`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Credential;
use shared::dynamo::{Page, PageRequest};
use shared::http::openapi::{ListErrors, Unavailable};
use shared::http::{self, ErrorBody};
use shared::organizations::invitations::mine::{self, OwnInvitation};
use shared::requester::Requester;

/// List one's invitations
///
/// Those to the caller's own address that can still be accepted, with the link that was mailed. A page may
/// hold fewer than asked for; `next_cursor` tells whether there are more.
#[utoipa::path(
    get,
    path = "/v1/invitations",
    tag = "Members",
    security(("session" = []), ("bearer" = [])),
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<OwnInvitation>, description = "A page of them"),
        ListErrors,
        (status = 401, body = ErrorBody, description = "`missing bearer token`, `invalid authorization header`, \
            `invalid bearer token`, `invalid token`, `invalid session`"),
        (status = 403, body = ErrorBody, description = "`EMAIL_NOT_VERIFIED`; `NO_ACCESS` for a credential \
            that is one organization's alone; `PENDING_DELETION`"),
        Unavailable,
    )
)]
pub(crate) async fn list_invitations(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    page: PageRequest,
) -> http::Result<Json<Page<OwnInvitation>>> {
    mine::list(&ctx, &requester, &credential, &page).await.map(Json)
}
