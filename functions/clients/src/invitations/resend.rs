//! `POST /v1/clients/{client_id}/invitations/{invitation_id}/resend`

use axum::extract::State;
use axum::response::Response;
use shared::context::Context;
use shared::http::openapi::{ThrottleErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, Ids, NoBody, SessionCaller, idempotent_response};
use shared::ids::{InvitationId, OrganizationId};
use shared::organizations::invitations::invite::CreatedInvitation;
use shared::organizations::invitations::resend::resend;

/// Resend an invitation
///
/// Mails a new link for an invitation that was not answered, also for one that has expired. It can
/// be used once, within 7 days, and the previous link stops working. Only the owner and admins may
/// call this.
///
/// It counts as an invitation: at most 100 invitations an hour can be sent, and 5 an hour to one
/// address.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/invitations/{invitation_id}/resend",
    tag = "Members",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("invitation_id" = String, Path, description = "The invitation's id"),
        IdempotencyKeyHeader,
    ),
    responses(
        (status = 200, body = CreatedInvitation, description = "The invitation was mailed again"),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`: the `Idempotency-Key` is malformed"),
        (status = 401, body = ErrorBody, description = "`REAUTH_REQUIRED`: prove your identity at `/v1/me/reauthenticate`, then try again; \
            `missing session`, `invalid session`, `invalid token`: sign in"),
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`: the invitation has expired, and all seats of the plan are taken"),
        (status = 403, body = ErrorBody, description = "`NO_ACCESS`, `SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`, `SUSPENDED`; \
            `EMAIL_NOT_VERIFIED`: verify your own address first"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: it was accepted, declined, revoked or replaced"),
        (status = 409, body = ErrorBody, description = "`ALREADY_MEMBER`: a member has the address; `IDEMPOTENCY_CONFLICT`: use a new key"),
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn resend_invitation(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Ids(organization, id): Ids<OrganizationId, InvitationId>,
    input: NoBody,
) -> http::Result<Response> {
    let idempotency_key = input.idempotency_key().await?;
    Ok(idempotent_response(resend(&ctx, &caller, &idempotency_key, &organization, &id).await?))
}
