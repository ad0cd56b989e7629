//! `POST /v1/clients/{client_id}/transfer`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::accounts::IdentityProof;
use shared::accounts::password::Password;
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody, SessionCaller};
use shared::ids::{OrganizationId, UserId};
use shared::organizations::OrganizationView;
use shared::organizations::members::transfer::transfer;
use utoipa::ToSchema;

/// Parameters for transferring an organization.
#[derive(Deserialize, ToSchema)]
#[schema(as = TransferOrganization)]
pub(crate) struct Request {
    /// The id of the member who becomes the owner.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    user_id: String,
    /// The caller's password. Required if the account has one; otherwise the proof of
    /// identity must be at most 10 minutes old.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// Current code from the caller's authenticator app, or a recovery code. Required if two-factor
    /// authentication is enabled.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// Transfer an organization
///
/// Makes another member the owner, and the caller an admin. A default organization becomes an
/// ordinary one, and the caller gets a new default organization. Only the owner may call this.
/// Wrong passwords count as failed sign-ins.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/transfer",
    tag = "Members",
    security(("session" = [])),
    params(("client_id" = String, Path, description = "The organization's id")),
    request_body = Request,
    responses(
        (status = 200, body = OrganizationView, description = "The updated organization"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: try the next code; `MISSING_USER_ID`, `MISSING_PASSWORD`, `MISSING_CODE`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CREDENTIALS`: the password is wrong; `REAUTH_REQUIRED`: the account has no \
            password, so prove your identity at `/v1/me/reauthenticate` first; `missing session`, `invalid session`, `invalid \
            token`"),
        (status = 403, body = ErrorBody, description = "`NO_ACCESS`, `SESSION_REQUIRED`, `BAD_ORIGIN`, \
            `PENDING_DELETION`, `SUSPENDED`"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: no such organization or member, or the member's account is scheduled for \
            erasure"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn transfer_client(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Json<OrganizationView>> {
    let read = |body: Request| {
        http::require_not_blank("user_id", &body.user_id)?;
        let to = UserId::parse(&body.user_id).ok_or(Error::NotFound)?;
        let password = body.password.map(|text| Password::parse("password", text)).transpose()?;
        Ok((to, password, body.code))
    };
    let IdempotentBody { body: (to, password, code), .. } = input.parse(read).await?;
    let proof = IdentityProof { password, code: code.as_deref() };
    Ok(Json(transfer(&ctx, &caller, &id, &to, proof).await?))
}
