//! `POST /v1/clients/{client_id}/api-keys`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::api_keys::NewKey;
use shared::api_keys::create::{NewKeyParams, create};
use shared::context::Context;
use shared::error::Result;
use shared::http::openapi::{BodyErrors, OrganizationRecentProofErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, Id, IdempotentBody, SessionCaller, idempotent_response,
};
use shared::ids::OrganizationId;
use shared::tokens::create::TokenLifetime;
use shared::tokens::{AllowedIps, Scope, Scopes};
use shared::values::Name;
use utoipa::ToSchema;

/// Parameters for creating an API key.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateKey)]
pub(crate) struct Request {
    /// The name of the API key, on one line.
    #[schema(example = "production", max_length = 100)]
    name: String,
    /// What the key may do. Without it, the key may do all that a bearer may do.
    #[schema(example = json!(["projects:read", "runs:write"]), min_items = 1)]
    scopes: Option<Vec<Scope>>,
    /// The addresses and networks from which the key may be used, in CIDR notation, IPv4 or IPv6. Without it, the
    /// key may be used from everywhere.
    #[schema(example = json!(["203.0.113.0/24", "2001:db8::1"]), min_items = 1, max_items = 20)]
    allowed_ips: Option<Vec<String>>,
    /// The lifetime of the key in days. Without it, the key never expires.
    #[schema(example = 90, minimum = 1, maximum = 3650)]
    expires_in_days: Option<i64>,
}

impl Request {
    fn parse(self) -> Result<NewKeyParams> {
        Ok(NewKeyParams {
            name: Name::parse(&self.name)?,
            scopes: Scopes::parse(self.scopes)?,
            allowed_ips: AllowedIps::parse(self.allowed_ips)?,
            lifetime: self.expires_in_days.map(TokenLifetime::from_days).transpose()?,
        })
    }
}

/// Create an API key
///
/// Creates a bearer token that acts as the organization itself, with the rights of a member, and
/// stays valid when its creator leaves. Store its value, which is shown only in this response. Only
/// the owner and admins may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/api-keys",
    tag = "Keys",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = NewKey, description = "The API key was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn create_key(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(organization_id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: new, idempotency_key } = input.parse(Request::parse).await?;
    Ok(idempotent_response(create(&ctx, &caller, &idempotency_key, &organization_id, &new).await?))
}
