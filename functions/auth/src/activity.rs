//! `GET /v1/me/activity`

use axum::Json;
use axum::extract::State;
use shared::activity::ActivityFilter;
use shared::activity::user_log::{UserEvent, list_own_events};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{CredentialErrors, ListErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, PageBody, Paging};

/// List account activity
///
/// Returns the sign-ins and changes of the account in the last year, newest first. New events do
/// not shift the pages that follow.
#[utoipa::path(
    get,
    path = "/v1/me/activity",
    tag = "Account",
    security(("session" = []), ("bearer" = ["activity:read"])),
    params(
        PageParameters,
    ),
    responses(
        (status = 200, body = PageBody<UserEvent>, description = "A page of events"),
        ListErrors,
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_activity(
    State(ctx): State<Context>,
    caller: Caller,
    Paging(page): Paging,
) -> http::Result<Json<PageBody<UserEvent>>> {
    Ok(Json(list_own_events(&ctx, &caller, &ActivityFilter::default(), &page).await?.into()))
}
