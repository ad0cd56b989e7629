//! `PATCH /v1/clients/{client_id}`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody};
use shared::ids::OrganizationId;
use shared::organizations::OrganizationView;
use shared::organizations::rename::rename;
use shared::organizations::two_factor_policy::{PolicyChange, change_policy};
use shared::values::Name;
use utoipa::ToSchema;

/// Parameters for changing an organization: the name, the policy, or both.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeOrganization)]
pub(crate) struct Request {
    /// The new name, on one line. Required unless `require_two_factor` is sent.
    #[schema(example = "Acme Corp", max_length = 100)]
    name: Option<String>,
    /// Whether members without two-factor authentication lose their access until they turn it on.
    require_two_factor: Option<bool>,
    /// Confirms that the members that `CONFIRMATION_REQUIRED` names lose their access.
    confirm: Option<bool>,
}

/// The change that a request asks for.
enum Change {
    Name(Name),
    Policy(PolicyChange),
}

impl Request {
    fn parse(self) -> shared::error::Result<Change> {
        let name = self.name.as_deref().map(Name::parse).transpose()?;
        match self.require_two_factor {
            None => name.map(Change::Name).ok_or_else(|| Error::missing("name")),
            Some(require_two_factor) => {
                let confirmed = self.confirm.unwrap_or_default();
                Ok(Change::Policy(PolicyChange { require_two_factor, confirmed, name }))
            }
        }
    }
}

/// Change an organization
///
/// Changes the name of an organization, or whether its members need two-factor authentication. Only
/// the owner and admins may call this.
///
/// `require_two_factor` takes a session with a recent proof of identity, and the caller needs
/// two-factor authentication to turn it on. While it is on, sessions and personal tokens of members
/// without two-factor authentication get 403 `TWO_FACTOR_REQUIRED` in the organization. They can
/// still leave it. API keys of the organization keep working. If members would lose their access,
/// the first answer is 409 `CONFIRMATION_REQUIRED` with these members; send the same again with
/// `confirm`.
#[utoipa::path(
    patch,
    path = "/v1/clients/{client_id}",
    tag = "Organizations",
    security(("session" = []), ("bearer" = ["clients:write"])),
    params(("client_id" = String, Path, description = "The organization's id")),
    request_body = Request,
    responses(
        (status = 200, body = OrganizationView, description = "The updated organization"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`missing bearer token`, `invalid authorization header`, `invalid bearer token`, \
            `invalid token`, `invalid session`; `REAUTH_REQUIRED`: prove your identity at `/v1/me/reauthenticate`, then try again"),
        (status = 403, body = ErrorBody, description = "`NO_ACCESS`: neither role nor credential allows this; `TWO_FACTOR_REQUIRED`: turn on \
            two-factor authentication first; `SESSION_REQUIRED`: the policy takes a session; `INSUFFICIENT_SCOPE`: the token lacks the \
            scope that the message names; `IP_NOT_ALLOWED`: the token may not be used from this address; `BAD_ORIGIN`; `PENDING_DELETION`, `SUSPENDED`"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: an id in the request belongs to nothing"),
        (status = 409, body = ErrorBody, description = "`CONFIRMATION_REQUIRED`: members would lose their access"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn rename_client(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Json<OrganizationView>> {
    let IdempotentBody { body: change, .. } = input.parse(Request::parse).await?;
    Ok(Json(match change {
        Change::Name(name) => rename(&ctx, &caller, &id, &name).await?,
        Change::Policy(change) => change_policy(&ctx, &caller, &id, &change).await?,
    }))
}
