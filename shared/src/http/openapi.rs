//! What the OpenAPI documents of all functions have in common.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoResponses, OpenApi};

use super::{ErrorBody, SESSION_COOKIE};

/// The frame that every function's operations are merged into.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "AIUS account service",
        version = "1",
        description = "Accounts and organizations (clients) of AIUS.\n\n\
            JSON in and out; times are whole seconds since 1970 UTC. Every path also answers under \
            `/api`: the public base is `https://aius.co/api`. Errors are \
            `{\"detail\":{\"code\",\"message\"}}`, and `{\"detail\":\"…\"}` where a credential was \
            refused; program against `code`. Unknown fields are ignored, a field sent twice is \
            refused. Every answer carries `x-request-id`."
    ),
    servers((url = "/", description = "This deployment")),
    components(schemas(ErrorBody)),
    modifiers(&Credentials)
)]
pub struct Frame;

/// What every call with a body may answer.
#[derive(IntoResponses)]
pub enum BodyErrors {
    /// `BODY_TOO_LARGE`
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// `UNSUPPORTED_MEDIA_TYPE`
    #[response(status = 415)]
    MediaType(ErrorBody),
}

/// What every call that has a throttle may answer.
#[derive(IntoResponses)]
pub enum Throttled {
    /// `RATE_LIMITED`
    #[response(status = 429)]
    RateLimited(ErrorBody),
}

/// What every call that needs the table may answer.
#[derive(IntoResponses)]
pub enum Unavailable {
    /// `UNAVAILABLE`
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// What every call that needs the table, and Stripe, may answer.
#[derive(IntoResponses)]
pub enum BillingErrors {
    /// `UNAVAILABLE`; `BILLING_NOT_CONFIGURED` where the deployment has no account at Stripe
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// What a call that takes any credential may answer.
#[derive(IntoResponses)]
pub enum CredentialErrors {
    /// `missing bearer token`, `invalid authorization header`, `invalid bearer token`, `invalid token`,
    /// `invalid session`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS` for a credential that is one organization's alone; `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// What a call that concerns one organization may answer to whoever may not make it.
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

/// The same of a call that takes a session only.
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

/// What a call that takes a session only may answer.
#[derive(IntoResponses)]
pub enum SessionErrors {
    /// `missing session`, `invalid session`, `invalid token`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// What a call that takes a session, and asks its user to prove again who they are, may answer.
#[derive(IntoResponses)]
pub enum OwnerErrors {
    /// `INVALID_CREDENTIALS`, `REAUTH_REQUIRED`, `missing session`, `invalid session`, `invalid token`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// What every list may answer.
#[derive(IntoResponses)]
pub enum ListErrors {
    /// `INVALID_CURSOR`, `INVALID_FIELD`
    #[response(status = 400)]
    Invalid(ErrorBody),
}

struct Credentials;

impl utoipa::Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(
            SESSION_COOKIE,
            "A signed-in session: the cookie that signing in sets, or `session_token` in its place",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("aius_…")
            .description(Some("An API token"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}
