//! `GET /v1/invitations`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, ErrorBody, Paging};
use shared::organizations::invitations::list_own::{OwnInvitation, list_own};

/// List your invitations
///
/// Returns the invitations to the caller's email address that can still be accepted. Accept one
/// with the token in the link that was mailed. A page may be shorter than its limit; continue while
/// `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/invitations",
    tag = "Members",
    security(("session" = []), ("bearer" = ["clients:read"])),
    params(
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<OwnInvitation>, description = "A page of invitations"),
        ListErrors,
        (status = 401, body = ErrorBody, description = "`missing bearer token`, `invalid authorization header`, \
            `invalid bearer token`, `invalid token`, `invalid session`"),
        (status = 403, body = ErrorBody, description = "`EMAIL_NOT_VERIFIED`: verify your own address first; `NO_ACCESS`: the credential is \
            limited to one organization; `PENDING_DELETION`: restore the account first; \
            `SUSPENDED`: the account is suspended; write to support"),
        Unavailable,
    )
)]
pub(crate) async fn list_invitations(
    State(ctx): State<Context>,
    caller: Caller,
    Paging(page): Paging,
) -> http::Result<Json<Page<OwnInvitation>>> {
    Ok(Json(list_own(&ctx, &caller, &page).await?))
}
