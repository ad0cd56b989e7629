//! `GET /v1/me/sessions`, `DELETE /v1/me/sessions`, `DELETE /v1/me/sessions/{id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::dynamo::Page;
use shared::error::Error;
use shared::http::openapi::{ListErrors, SessionErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, CurrentSession, ErrorBody, Id, Paging};
use shared::ids::SessionId;
use shared::requester::Requester;
use shared::sessions::{self, SessionView};
use utoipa::ToSchema;

/// Answer to ending sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionsEnded)]
pub(crate) struct Ended {
    /// Always true.
    #[schema(example = true)]
    deleted: bool,
}

/// List sessions
///
/// A page may have fewer entries than `limit`; `next_cursor` tells whether there are more.
#[utoipa::path(
    get,
    path = "/v1/me/sessions",
    tag = "Account",
    security(("session" = [])),
    params(
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<SessionView>, description = "A page of sessions"),
        ListErrors,
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_sessions(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Paging(page): Paging,
) -> http::Result<Json<Page<SessionView>>> {
    Ok(Json(sessions::list_sessions(&ctx, &signed_in, &page).await?))
}

/// End other sessions
#[utoipa::path(
    delete,
    path = "/v1/me/sessions",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = Ended, description = "Ended"),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn end_other_sessions(
    State(ctx): State<Context>,
    requester: Requester,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<Ended>> {
    sessions::end_other_sessions(&ctx, &requester, &signed_in).await?;
    Ok(Json(Ended { deleted: true }))
}

/// End session
///
/// Ends one session of the user. Ending the current one signs out.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions/{id}",
    tag = "Account",
    security(("session" = [])),
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 200, body = Ended, description = "Ended"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`"),
        Unavailable,
    )
)]
pub(crate) async fn end_session(
    State(ctx): State<Context>,
    requester: Requester,
    CurrentSession(signed_in): CurrentSession,
    Id(id): Id<SessionId>,
) -> http::Result<Json<Ended>> {
    sessions::end_session(&ctx, &requester, &signed_in.user.id, &id, || Error::NotFound).await?;
    Ok(Json(Ended { deleted: true }))
}
