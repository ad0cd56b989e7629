//! `POST /v1/invitations/accept`

use axum::extract::State;
use axum::response::Response;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, InviteeErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, CallerBody, ErrorBody, IdempotentBody, idempotent_response};
use shared::organizations::invitations::accept::{AcceptedInvitation, accept};

use super::Request;

/// Accept an invitation
///
/// Makes the caller a member of the organization. The caller must have verified the invited email address.
#[utoipa::path(
    post,
    path = "/v1/invitations/accept",
    tag = "Members",
    security(("session" = []), ("bearer" = ["clients:write"])),
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (status = 200, body = AcceptedInvitation, description = "The caller is a member now"),
        (status = 400, body = ErrorBody, description = "`MISSING_TOKEN`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`: the organization has no free seat; its owner can upgrade the plan"),
        InviteeErrors,
        (status = 409, body = ErrorBody, description = "`INVITATION_EXPIRED`, `INVITATION_USED`, `INVITATION_REVOKED`: ask for a new invitation; \
            `ALREADY_MEMBER`: the caller is a member; `IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn accept_invitation(
    State(ctx): State<Context>,
    caller: Caller,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: token, idempotency_key } = input.parse(Request::token).await?;
    Ok(idempotent_response(accept(&ctx, &caller, &idempotency_key, &token).await?))
}
