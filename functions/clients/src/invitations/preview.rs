//! `POST /v1/invitations/preview`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::organizations::invitations::preview::{InvitationPreview, preview};
use shared::requester::Requester;

use super::Request;

/// Preview an invitation
///
/// Returns what an invitation is for, to the holder of the token in its mail. It changes nothing and needs no
/// sign-in. The address is masked unless the session is one of the invited person.
#[utoipa::path(
    post,
    path = "/v1/invitations/preview",
    tag = "Members",
    request_body = Request,
    responses(
        (status = 200, body = InvitationPreview, description = "The invitation, also if it has ended"),
        (status = 400, body = ErrorBody, description = "`MISSING_TOKEN`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: the token is unknown, or a newer mail replaces it"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn preview_invitation(
    State(ctx): State<Context>,
    requester: Requester,
    headers: HeaderMap,
    Body(body): Body<Request>,
) -> http::Result<Json<InvitationPreview>> {
    let token = body.token()?;
    let session = http::optional_session(&ctx, &headers).await;
    Ok(Json(preview(&ctx, &requester, session.as_ref(), &token).await?))
}
