//! `POST /v1/invitations/decline`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, InviteeErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, IdempotentBody};
use shared::organizations::invitations::decline::decline;
use utoipa::ToSchema;

use super::Request;

/// Confirmation that the invitation was declined.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitationDeclined)]
pub(crate) struct ResponseBody {
    /// Whether the invitation was declined; always `true`.
    declined: bool,
}

/// Decline an invitation
///
/// Deletes the invitation. The caller must have verified the invited email address.
#[utoipa::path(
    post,
    path = "/v1/invitations/decline",
    tag = "Members",
    security(("session" = []), ("bearer" = ["clients:write"])),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The invitation was declined"),
        (status = 400, body = ErrorBody, description = "`MISSING_TOKEN`, `INVALID_FIELD`, `INVALID_JSON`"),
        InviteeErrors,
        (status = 409, body = ErrorBody, description = "`INVITATION_EXPIRED`, `INVITATION_USED`, `INVITATION_REVOKED`: ask for a new invitation"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn decline_invitation(
    State(ctx): State<Context>,
    caller: Caller,
    input: CallerBody<Request>,
) -> http::Result<Json<ResponseBody>> {
    let IdempotentBody { body: token, .. } = input.parse(Request::token).await?;
    decline(&ctx, &caller, &token).await?;
    Ok(Json(ResponseBody { declined: true }))
}
