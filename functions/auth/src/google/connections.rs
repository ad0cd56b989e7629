//! `GET /v1/me/connections`, `DELETE /v1/me/connections/google`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::{ConnectionView, disconnect_google};
use shared::context::Context;
use shared::http::openapi::{CredentialErrors, RecentProofErrors, Unavailable};
use shared::http::{self, CurrentSession, CurrentUser, ErrorBody, PageBody};
use utoipa::ToSchema;

/// Confirmation that the Google account was disconnected.
#[derive(Serialize, ToSchema)]
#[schema(as = Disconnected)]
pub(crate) struct Disconnected {
    /// Whether the Google account was disconnected; always `true`.
    #[schema(example = true)]
    deleted: bool,
}

/// List connected accounts
///
/// Returns the accounts at other providers that sign in to this account: a Google account, or none.
#[utoipa::path(
    get,
    path = "/v1/me/connections",
    tag = "Account",
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, body = PageBody<ConnectionView>, description = "The connected accounts, all on one page"),
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_connections(
    CurrentUser { user }: CurrentUser,
) -> Json<PageBody<ConnectionView>> {
    Json(PageBody { data: ConnectionView::list_for_user(&user), next_cursor: None })
}

/// Disconnect Google
///
/// Disconnects the Google account, so that it no longer signs in to this account. Sessions stay
/// valid. Needs a recent proof of identity.
#[utoipa::path(
    delete,
    path = "/v1/me/connections/google",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = Disconnected, description = "The Google account was disconnected"),
        RecentProofErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: no Google account is connected"),
        (status = 409, body = ErrorBody, description = "`LAST_SIGN_IN_METHOD`: the account has no password; set one at `/v1/me/password` \
            first"),
        Unavailable,
    )
)]
pub(crate) async fn disconnect_google(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<Disconnected>> {
    disconnect_google::disconnect_google(&ctx, &signed_in).await?;
    Ok(Json(Disconnected { deleted: true }))
}
