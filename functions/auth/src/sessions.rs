//! `GET /v1/me/sessions`, `DELETE /v1/me/sessions`, `DELETE /v1/me/sessions/{id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{ListErrors, SessionErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, CurrentSession, ErrorBody, Id, PageBody, Paging};
use shared::ids::SessionId;
use shared::sessions::{self, AuthenticatedSession, SessionView};
use utoipa::ToSchema;

/// Confirmation that one or more sessions have ended.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionsEnded)]
pub(crate) struct Ended {
    /// Whether the session or sessions have ended; always `true`.
    #[schema(example = true)]
    deleted: bool,
}

/// List sessions
///
/// Returns the user's active sessions. A page may have fewer entries than `limit`; continue while
/// `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/me/sessions",
    tag = "Account",
    security(("session" = [])),
    params(
        PageParameters,
    ),
    responses(
        (status = 200, body = PageBody<SessionView>, description = "A page of sessions"),
        ListErrors,
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_sessions(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Paging(page): Paging,
) -> http::Result<Json<PageBody<SessionView>>> {
    Ok(Json(sessions::list_sessions(&ctx, &signed_in, &page).await?.into()))
}

/// End other sessions
///
/// Signs the user out everywhere else: ends all sessions of the user except the one of this request.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = Ended, description = "The other sessions have ended"),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn end_other_sessions(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<Ended>> {
    sessions::end_other_sessions(&ctx, &signed_in).await?;
    Ok(Json(Ended { deleted: true }))
}

/// End session
///
/// Ends one of the user's sessions. Ending the session of this request signs out.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions/{id}",
    tag = "Account",
    security(("session" = [])),
    params(("id" = String, Path, description = "The session's id, from `GET /v1/me/sessions`")),
    responses(
        (status = 200, body = Ended, description = "The session has ended"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: the user has no session with this id"),
        Unavailable,
    )
)]
pub(crate) async fn end_session(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Id(id): Id<SessionId>,
) -> http::Result<Json<Ended>> {
    let AuthenticatedSession { requester, user, .. } = &signed_in;
    sessions::end_session(&ctx, requester, &user.id, &id, || Error::NotFound).await?;
    Ok(Json(Ended { deleted: true }))
}
