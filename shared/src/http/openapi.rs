//! Parts of the OpenAPI document that several functions share.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoResponses, OpenApi};

use super::{ErrorBody, SESSION_COOKIE};

/// The frame of the OpenAPI document, into which the operations of every function are merged.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "AIUS account service",
        version = "1",
        description = "Accounts and organizations (clients) of AIUS.\n\n\
            Requests and responses are JSON. Times are whole seconds since 1970-01-01 UTC. The public \
            base URL is `https://aius.co/api`; every path also works without `/api`.\n\n\
            An error is `{\"detail\":{\"code\",\"message\"}}`; rely on `code`, because messages may change. \
            A refused credential is `{\"detail\":\"…\"}`. Unknown fields are ignored. A body that \
            repeats a field is refused. Every response has an `x-request-id`; quote it to support."
    ),
    servers((url = "/", description = "This deployment")),
    components(schemas(ErrorBody)),
    modifiers(&Credentials)
)]
pub struct Frame;

/// Errors of every operation with a JSON body.
#[derive(IntoResponses)]
pub enum BodyErrors {
    /// `BODY_TOO_LARGE`
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// `UNSUPPORTED_MEDIA_TYPE`
    #[response(status = 415)]
    MediaType(ErrorBody),
}

/// Errors of every operation with a rate limit.
#[derive(IntoResponses)]
pub enum Throttled {
    /// `RATE_LIMITED`: try again after the seconds in `retry-after`
    #[response(status = 429)]
    RateLimited(ErrorBody),
}

/// Errors of every operation that uses the table.
#[derive(IntoResponses)]
pub enum Unavailable {
    /// `UNAVAILABLE`
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// Errors of every operation that uses the table and Stripe.
#[derive(IntoResponses)]
pub enum BillingErrors {
    /// `UNAVAILABLE`; `BILLING_NOT_CONFIGURED` if the deployment has no account at Stripe
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// Errors of every operation that accepts a session or a token.
#[derive(IntoResponses)]
pub enum CredentialErrors {
    /// `missing bearer token`, `invalid authorization header`, `invalid bearer token`, `invalid token`,
    /// `invalid session`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS` if the credential is limited to one organization; `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Errors of authorization of every operation on an organization.
#[derive(IntoResponses)]
pub enum OrganizationErrors {
    /// `missing bearer token`, `invalid authorization header`, `invalid bearer token`, `invalid token`,
    /// `invalid session`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS`, `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// `NOT_FOUND`
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// Errors of authorization of every operation on an organization that requires a session.
#[derive(IntoResponses)]
pub enum OrganizationSessionErrors {
    /// `missing session`, `invalid session`, `invalid token`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS`, `SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// `NOT_FOUND`
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// Errors of every operation that requires a session.
#[derive(IntoResponses)]
pub enum SessionErrors {
    /// `missing session`, `invalid session`, `invalid token`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Errors of every operation that requires a session and the user's password or a recent sign-in.
#[derive(IntoResponses)]
pub enum OwnerErrors {
    /// `INVALID_CREDENTIALS`, `REAUTH_REQUIRED`, `missing session`, `invalid session`, `invalid token`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Errors of every list.
#[derive(IntoResponses)]
pub enum ListErrors {
    /// `INVALID_CURSOR`, `INVALID_FIELD`
    #[response(status = 400)]
    Invalid(ErrorBody),
}

/// Adds the security schemes.
struct Credentials;

impl utoipa::Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(
            SESSION_COOKIE,
            "A session: the cookie that a sign-in sets. A command line sends the `session_token` as this cookie",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("aius_…")
            .description(Some("An API token or an organization key"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}
