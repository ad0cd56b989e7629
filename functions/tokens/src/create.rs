//! `POST /v1/tokens`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, OrganizationRecentProofErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, IdempotentBody, SessionCaller, idempotent_response,
};
use shared::tokens::create::{CreatedToken, NewToken, TokenLifetime, create};
use shared::tokens::{AllowedIps, Scope, Scopes};
use shared::values::{EmailAddress, Name};
use utoipa::ToSchema;

/// Parameters for creating a personal token.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateToken)]
pub(crate) struct Request {
    /// The name of the token, on one line.
    #[schema(required, nullable = false, example = "my-cli", max_length = 100)]
    token_name: Option<String>,
    /// The id of the only organization that the token may access. Without it, or with the account's
    /// email address, the token can access all organizations of the caller.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    client_id: Option<String>,
    /// What the token may do. Without it, the token may do all that a bearer may do.
    #[schema(example = json!(["projects:read", "runs:write"]), min_items = 1)]
    scopes: Option<Vec<Scope>>,
    /// The addresses and networks from which the token may be used, in CIDR notation, IPv4 or IPv6. Without it, the
    /// token may be used from everywhere.
    #[schema(example = json!(["203.0.113.0/24", "2001:db8::1"]), min_items = 1, max_items = 20)]
    allowed_ips: Option<Vec<String>>,
    /// The lifetime of the token in days. Without it, the token never expires.
    #[schema(example = 90, minimum = 1, maximum = 3650)]
    expires_in_days: Option<i64>,
}

impl Request {
    fn parse(self) -> Result<NewToken> {
        let name = Name::parse_field("token_name", self.token_name.as_deref().unwrap_or_default())?;
        // Like responses, requests may name the account by its address, or an organization by its id.
        let (account, client_id) = match self.client_id {
            Some(text) if text.contains('@') => {
                (Some(EmailAddress::parse(&text).map_err(|_| Error::NotFound)?), None)
            }
            Some(text) => (None, Some(text.parse().map_err(|_| Error::NotFound)?)),
            None => (None, None),
        };
        Ok(NewToken {
            name: name.ok_or(Error::MissingTokenName)?,
            scopes: Scopes::parse(self.scopes)?,
            allowed_ips: AllowedIps::parse(self.allowed_ips)?,
            lifetime: self.expires_in_days.map(TokenLifetime::from_days).transpose()?,
            account,
            client_id,
        })
    }
}

/// Create a token
///
/// Creates a bearer token that acts as the caller, in all their organizations or in one. Store its
/// value, which is shown only in this response.
#[utoipa::path(
    post,
    path = "/v1/tokens",
    tag = "Tokens",
    security(("session" = [])),
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (status = 200, body = CreatedToken, description = "The token was created"),
        (status = 400, body = ErrorBody, description = "`token_name is required`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn create_token(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: new, idempotency_key } = input.parse(Request::parse).await?;
    Ok(idempotent_response(create(&ctx, &caller, &idempotency_key, &new).await?))
}
