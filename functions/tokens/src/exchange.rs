//! `POST /v1/token/exchange`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::access_tokens::Audience;
use shared::access_tokens::exchange::{ExchangeParams, exchange};
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody};
use shared::tokens::{join_scopes, parse_scopes};
use utoipa::ToSchema;

/// The type of an access token in an exchange (RFC 8693, 3).
const ISSUED_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Parameters for exchanging a token.
#[derive(Deserialize, ToSchema)]
#[schema(as = ExchangeToken)]
pub(crate) struct Request {
    /// The service that the access token is for, a URL or a name. The service compares it with its own.
    #[schema(required, nullable = false, example = "https://runs.aius.co", max_length = 200)]
    audience: Option<String>,
    /// What the access token allows: scopes of the token, with spaces between them. Without it, all of them.
    #[schema(example = "projects:read runs:write")]
    scope: Option<String>,
    /// The id of the only organization that the access token is for. Without it, an API key and a token for one
    /// organization keep theirs, and another personal token is for no particular one.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    client_id: Option<String>,
}

impl Request {
    fn parse(self) -> Result<ExchangeParams> {
        Ok(ExchangeParams {
            audience: Audience::parse(self.audience.as_deref().unwrap_or_default())?,
            scopes: self.scope.as_deref().map(parse_scopes).transpose()?,
            client_id: match self.client_id {
                Some(text) => Some(text.parse().map_err(|_| Error::NotFound)?),
                None => None,
            },
        })
    }
}

/// An access token.
#[derive(Serialize, ToSchema)]
#[schema(as = ExchangedToken)]
pub(crate) struct ResponseBody {
    /// A JSON Web Token for the header `Authorization: Bearer` of requests to the service.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6IuKApiJ9.…")]
    access_token: String,
    /// Always `urn:ietf:params:oauth:token-type:access_token`.
    #[schema(example = "urn:ietf:params:oauth:token-type:access_token")]
    issued_token_type: &'static str,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The seconds until the token expires.
    #[schema(example = 300)]
    expires_in: u64,
    /// What the token allows, with spaces between the scopes.
    #[schema(example = "projects:read runs:write")]
    scope: String,
}

/// Exchange a token
///
/// Issues a signed access token that another service verifies without a call, with the keys at
/// `/.well-known/jwks.json`. It is valid for 5 minutes and no longer than the token of the request, which it stands
/// for. Revoking that token does not end it: a service that cannot wait asks `GET /v1/token`. This API itself accepts
/// no access tokens.
#[utoipa::path(
    post,
    path = "/v1/token/exchange",
    tag = "Tokens",
    security(("bearer" = [])),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The access token was issued"),
        (status = 400, body = ErrorBody, description = "`MISSING_AUDIENCE`, `MISSING_SCOPE`: name at least one, or leave out `scope`; \
            `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`missing bearer token`, `invalid authorization header`, \
            `invalid bearer token`, `invalid token`, `invalid session`"),
        (status = 403, body = ErrorBody, description = "`TOKEN_REQUIRED`: a session is not exchanged; \
            `INSUFFICIENT_SCOPE`: the token lacks the scope that the message names; \
            `IP_NOT_ALLOWED`: the token may not be used from this address; \
            `NO_ACCESS`: the token does not work in the organization; \
            `TWO_FACTOR_REQUIRED`: the organization requires two-factor authentication; \
            `BAD_ORIGIN`: a browser sent the request from another site; `PENDING_DELETION`: restore the account first; \
            `SUSPENDED`: the account or the organization is suspended; write to support"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: there is no such organization"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn exchange_token(
    State(ctx): State<Context>,
    caller: Caller,
    input: CallerBody<Request>,
) -> http::Result<Json<ResponseBody>> {
    let params = input.parse(Request::parse).await?.body;
    let token = exchange(&ctx, &caller, &params).await?;
    Ok(Json(ResponseBody {
        access_token: token.text.reveal().to_owned(),
        issued_token_type: ISSUED_TOKEN_TYPE,
        token_type: "Bearer",
        expires_in: ctx.now().seconds_until(token.expires_at),
        scope: join_scopes(&token.scopes),
    }))
}
