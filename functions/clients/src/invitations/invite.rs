//! `POST /v1/clients/{client_id}/invitations`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::{self, ErrorBody, Id, Input, Keyed, answer};
use shared::ids::OrganizationId;
use shared::organizations::GivenRole;
use shared::organizations::invitations::invite::{Invited, Wish, invite};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[schema(as = Invite)]
pub(crate) struct Request {
    /// Where the link is mailed to. Only an account that has proven this address can accept.
    #[schema(example = "dev@example.com")]
    email: String,
    /// What they are to be.
    role: GivenRole,
}

/// Invite somebody to a client
///
/// For its owner and admins. Mails a link that is good for 7 days, and once. Inviting an address again
/// replaces its invitation. Members and invitations together can't be more than the plan allows. At most
/// 100 an hour, and 5 of them to one address.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/invitations",
    tag = "Members",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "The same request again, within 24 hours, is answered as the first was"),
    ),
    request_body = Request,
    responses(
        (status = 200, body = Invited, description = "Invited"),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `MISSING_ROLE`, `INVALID_EMAIL`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`missing bearer token`, `invalid authorization header`, \
            `invalid bearer token`, `invalid token`, `invalid session`"),
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`"),
        (status = 403, body = ErrorBody, description = "`NO_ACCESS`, `BAD_ORIGIN`, `PENDING_DELETION`; \
            `EMAIL_NOT_VERIFIED` while the caller's own address isn't proven"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`"),
        (status = 409, body = ErrorBody, description = "`ALREADY_MEMBER`, `IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn invite_member(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<OrganizationId>,
    input: Input<Request>,
) -> http::Result<Response> {
    let read = |body: Request| Ok((EmailAddress::parse(&body.email)?, body.role));
    let Keyed { body: (email, role), once } = input.parse(read).await?;
    let wish = Wish {
        requester: &requester,
        credential: &credential,
        organization_id: &id,
        email: &email,
        role,
        once: &once,
    };
    invite(&ctx, wish).await.map(answer)
}
