//! `POST /v1/tokens`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, OrganizationSessionErrors, Unavailable};
use shared::http::{self, ErrorBody, Input, Keyed, SessionCredential, answer};
use shared::requester::Requester;
use shared::tokens::create::{Created, Lifetime, NewToken, create};
use shared::values::{EmailAddress, Name};
use utoipa::ToSchema;

/// What it is to be.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateToken)]
pub(crate) struct Request {
    /// What it is to be called: one line.
    #[schema(required, nullable = false, example = "my-cli", max_length = 100)]
    token_name: Option<String>,
    /// The id of the only client that it is to work in; every one of the caller's unless given, or with
    /// the account's address.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    client_id: Option<String>,
    /// After how many days it ends by itself; never unless given.
    #[schema(example = 90, minimum = 1, maximum = 3650)]
    expires_in_days: Option<i64>,
}

impl Request {
    fn parse(self) -> http::Result<NewToken> {
        let name = Name::given("token_name", self.token_name.as_deref().unwrap_or_default())?;
        // As answers have it: the account's address, or a client's id.
        let (account, client_id) = match self.client_id {
            Some(text) if text.contains('@') => {
                (Some(EmailAddress::parse(&text).map_err(|_| Error::NotFound)?), None)
            }
            Some(text) => (None, Some(text.parse().map_err(|_| Error::NotFound)?)),
            None => (None, None),
        };
        Ok(NewToken {
            name: name.ok_or(Error::MissingTokenName)?,
            lifetime: self.expires_in_days.map(Lifetime::of_days).transpose()?,
            account,
            client_id,
        })
    }
}

/// Create a token
///
/// A bearer token that acts as the caller. Its value is shown this once. With a client's id it works in that
/// client alone.
#[utoipa::path(
    post,
    path = "/v1/tokens",
    tag = "Tokens",
    security(("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "The same request again, within 24 hours, is answered as the first was")),
    request_body = Request,
    responses(
        (status = 200, body = Created, description = "Made"),
        (status = 400, body = ErrorBody, description = "`token_name is required`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationSessionErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn create_token(
    State(ctx): State<Context>,
    requester: Requester,
    SessionCredential(credential): SessionCredential,
    input: Input<Request>,
) -> http::Result<Response> {
    let Keyed { body: new, once } = input.parse(Request::parse).await?;
    create(&ctx, &requester, &credential, &once, &new).await.map(answer)
}
