//! `POST /v1/clients/{client_id}/invitations`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, Id, IdempotentBody, SessionCaller, idempotent_response,
};
use shared::ids::OrganizationId;
use shared::organizations::AssignableRole;
use shared::organizations::invitations::invite::{CreatedInvitation, InviteParams, invite};
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for inviting a member.
#[derive(Deserialize, ToSchema)]
#[schema(as = Invite)]
pub(crate) struct Request {
    /// The email address to invite. Only an account that has verified it can accept.
    #[schema(example = "dev@example.com")]
    email: String,
    /// The role that the invited person gets by accepting.
    role: AssignableRole,
}

/// Invite a member
///
/// Mails a link that can be used once, within 7 days. A new invitation to the same address replaces
/// the previous one. Only the owner and admins may call this.
///
/// Members and open invitations together cannot exceed the plan's limit. At most 100 invitations an
/// hour can be sent, and 5 an hour to one address.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/invitations",
    tag = "Members",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = CreatedInvitation, description = "The invitation was mailed"),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `MISSING_ROLE`, `INVALID_EMAIL`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`REAUTH_REQUIRED`: prove your identity at `/v1/me/reauthenticate`, then try again; \
            `missing session`, `invalid session`, `invalid token`: sign in"),
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`: all seats of the plan are taken; upgrade it, or remove members or \
            invitations"),
        (status = 403, body = ErrorBody, description = "`NO_ACCESS`, `SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`, `SUSPENDED`; \
            `EMAIL_NOT_VERIFIED`: verify your own address first"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`"),
        (status = 409, body = ErrorBody, description = "`ALREADY_MEMBER`: a member has the address; `IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn invite_member(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let read = |body: Request| Ok((EmailAddress::parse(&body.email)?, body.role));
    let IdempotentBody { body: (email, role), idempotency_key } = input.parse(read).await?;
    let params = InviteParams {
        caller: &caller,
        organization_id: &id,
        email: &email,
        role,
        idempotency_key: &idempotency_key,
    };
    Ok(idempotent_response(invite(&ctx, params).await?))
}
