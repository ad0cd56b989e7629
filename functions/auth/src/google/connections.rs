//! `GET /v1/me/connections`, `DELETE /v1/me/connections/google`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::{ConnectionView, disconnect_google};
use shared::context::Context;
use shared::dynamo::Page;
use shared::http::openapi::{CredentialErrors, SessionErrors, Unavailable};
use shared::http::{self, ErrorBody, Person, Session};
use shared::requester::Requester;
use utoipa::ToSchema;

/// It signs in no more.
#[derive(Serialize, ToSchema)]
#[schema(as = Disconnected)]
pub(crate) struct Disconnected {
    /// Always true.
    #[schema(example = true)]
    deleted: bool,
}

/// List connected accounts
///
/// What signs in besides the password: an account at Google, or nothing.
#[utoipa::path(
    get,
    path = "/v1/me/connections",
    tag = "Account",
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, body = Page<ConnectionView>, description = "All of them"),
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_connections(Person { user }: Person) -> Json<Page<ConnectionView>> {
    Json(Page { data: ConnectionView::of(&user), next_cursor: None })
}

/// Disconnect the Google account
///
/// Sessions go on. An account without a password sets one first: Google is its last way in.
#[utoipa::path(
    delete,
    path = "/v1/me/connections/google",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = Disconnected, description = "Disconnected"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: none is connected"),
        (status = 409, body = ErrorBody, description = "`LAST_SIGN_IN_METHOD`"),
        Unavailable,
    )
)]
pub(crate) async fn disconnect_google(
    State(ctx): State<Context>,
    requester: Requester,
    Session(signed_in): Session,
) -> http::Result<Json<Disconnected>> {
    disconnect_google::disconnect_google(&ctx, &requester, &signed_in).await?;
    Ok(Json(Disconnected { deleted: true }))
}
