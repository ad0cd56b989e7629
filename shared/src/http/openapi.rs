//! Parts of the OpenAPI document that several functions share.

use std::collections::BTreeMap;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, OpenApi};

use super::{ErrorBody, SESSION_COOKIE};

/// The frame of the OpenAPI document, into which the operations of every function are merged.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "AIUS account service",
        version = "1",
        description = "Accounts of AIUS and their organizations. An organization has members, projects, API keys \
            and credits; paths and fields call it a client, as in `client_id`.\n\n\
            Requests and responses are JSON. Times are whole seconds since 1970-01-01 UTC. The public \
            base URL is `https://aius.co/api`; every path also works without `/api`.\n\n\
            An error is `{\"detail\":{\"code\",\"message\"}}`; rely on `code`, because messages may change. \
            A refused credential is `{\"detail\":\"…\"}`.\n\n\
            `MISSING_<FIELD>` names a required field that is absent or empty. The message of `INVALID_FIELD` \
            names a field and its rule, and that of `INVALID_JSON` the position in the body. A body that \
            repeats a field is refused; unknown fields are ignored. `HEAD` answers wherever `GET` does, with the same \
            headers and no body. An unexpected failure is 500 `INTERNAL`. Every response has an `x-request-id`; quote it to support."
    ),
    servers((url = "/", description = "This deployment")),
    components(schemas(ErrorBody)),
    modifiers(&Credentials)
)]
pub struct Frame;

/// Errors of every operation with a JSON body.
#[derive(IntoResponses)]
pub enum BodyErrors {
    /// `BODY_TOO_LARGE`: the message states the limit in bytes
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// `UNSUPPORTED_MEDIA_TYPE`: send `Content-Type: application/json`
    #[response(status = 415)]
    MediaType(ErrorBody),
}

/// Errors of every operation with a rate limit.
#[derive(IntoResponses)]
pub enum ThrottleErrors {
    /// `RATE_LIMITED`: try again after the number of seconds in `retry-after`
    #[response(status = 429)]
    RateLimited(ErrorBody),
}

/// Errors of every operation that uses the table.
#[derive(IntoResponses)]
pub enum Unavailable {
    /// `UNAVAILABLE`: try again after the number of seconds in `retry-after`
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// Errors of every operation that uses the table and that an operator can switch off.
#[derive(IntoResponses)]
pub enum SwitchErrors {
    /// `UNAVAILABLE`: try again after the number of seconds in `retry-after`; `DISABLED`: this feature is switched off
    /// for now, so try again later
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// Errors of every operation that uses the table and Stripe.
#[derive(IntoResponses)]
pub enum BillingErrors {
    /// `UNAVAILABLE`: try again after the number of seconds in `retry-after`; `BILLING_NOT_CONFIGURED`: this
    /// deployment has no account at Stripe
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// Errors of every operation with which an owner changes something at Stripe: those of authorization, of the body, of
/// the rate limit and of Stripe. What conflicts is the operation's own.
#[derive(Debug)]
pub struct StripeChangeErrors;

impl IntoResponses for StripeChangeErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let parts = [
            OrganizationSessionErrors::responses(),
            BodyErrors::responses(),
            ThrottleErrors::responses(),
            BillingErrors::responses(),
        ];
        parts.into_iter().flatten().collect()
    }
}

/// Errors of every operation that accepts a session or a token.
#[derive(IntoResponses)]
pub enum CredentialErrors {
    /// `missing bearer token`, `invalid authorization header`, `invalid bearer token`, `invalid token`,
    /// `invalid session`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS`: the credential is limited to one organization; `INSUFFICIENT_SCOPE`: the token lacks the
    /// scope that the message names; `IP_NOT_ALLOWED`: the token may not be used from this address; `BAD_ORIGIN`: a
    /// browser sent the request from another site; `PENDING_DELETION`: restore the account first; `SUSPENDED`: the
    /// account is suspended; write to support
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
    /// `NO_ACCESS`: neither role nor credential allows this; `INSUFFICIENT_SCOPE`: the token lacks the
    /// scope that the message names; `IP_NOT_ALLOWED`: the token may not be used from this address; `BAD_ORIGIN`: a
    /// browser sent the request from another site; `PENDING_DELETION`: restore the account first; `SUSPENDED`: the
    /// account or the organization is suspended; write to support; `TWO_FACTOR_REQUIRED`: the organization requires
    /// two-factor authentication; turn it on first
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// `NOT_FOUND`: an id in the request belongs to nothing
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// Errors of authorization of an operation that requires an API key of the organization.
#[derive(IntoResponses)]
pub enum OrganizationKeyErrors {
    /// `missing bearer token`, `invalid authorization header`, `invalid bearer token`, `invalid token`,
    /// `invalid session`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `KEY_REQUIRED`: send an API key of the organization in place of a session or a personal token;
    /// `NO_ACCESS`: the key is of another organization; `INSUFFICIENT_SCOPE`: the key lacks the scope that the
    /// message names; `IP_NOT_ALLOWED`: the key may not be used from this address; `BAD_ORIGIN`: a browser sent the
    /// request from another site; `SUSPENDED`: the organization is suspended;
    /// its owner can write to support; `PENDING_DELETION`: restore the account first; `TWO_FACTOR_REQUIRED`: the
    /// organization requires two-factor authentication
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// `NOT_FOUND`: an id in the request belongs to nothing
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// Errors of accepting and declining an invitation.
#[derive(IntoResponses)]
pub enum InviteeErrors {
    /// `missing bearer token`, `invalid authorization header`, `invalid bearer token`, `invalid token`,
    /// `invalid session`
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS`: the invitation is for the address that the message names, masked, or the credential is limited to
    /// one organization; `INSUFFICIENT_SCOPE`: the token lacks the scope that the message names; `IP_NOT_ALLOWED`: the
    /// token may not be used from this address; `EMAIL_NOT_VERIFIED`: verify your own address first; `BAD_ORIGIN`: a
    /// browser sent the request from another site; `PENDING_DELETION`: restore the account first; `SUSPENDED`: the
    /// account or the organization is suspended; write to support
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// `NOT_FOUND`: the token is unknown, or a newer mail replaces it
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// Errors of authorization of every operation on an organization that requires a session.
#[derive(IntoResponses)]
pub enum OrganizationSessionErrors {
    /// `missing session`, `invalid session`, `invalid token`: sign in
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS`: the role does not allow this; `SESSION_REQUIRED`: send a session in place of a token;
    /// `BAD_ORIGIN`: a browser sent the request from another site; `PENDING_DELETION`: restore the account first;
    /// `SUSPENDED`: the account or the organization is suspended; write to support;
    /// `TWO_FACTOR_REQUIRED`: the organization requires two-factor authentication; turn it on first
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// `NOT_FOUND`: an id in the request belongs to nothing
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// Errors of every operation that requires a session.
#[derive(IntoResponses)]
pub enum SessionErrors {
    /// `missing session`, `invalid session`, `invalid token`: sign in
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`: send a session in place of a token; `BAD_ORIGIN`: a browser sent the request from
    /// another site; `PENDING_DELETION`: restore the account first;
    /// `SUSPENDED`: the account is suspended; write to support
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Errors of every operation that requires a session and the user's password or a recent sign-in.
#[derive(IntoResponses)]
pub enum OwnerErrors {
    /// `INVALID_CREDENTIALS`: the password is wrong; `REAUTH_REQUIRED`: the account has no password, so
    /// prove your identity at `/v1/me/reauthenticate` first; `missing session`, `invalid session`, `invalid token`:
    /// sign in
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`: send a session in place of a token; `BAD_ORIGIN`: a browser sent the request from
    /// another site; `PENDING_DELETION`: restore the account first;
    /// `SUSPENDED`: the account is suspended; write to support
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Errors of every operation that requires a session with a recent proof of identity.
#[derive(IntoResponses)]
pub enum RecentProofErrors {
    /// `REAUTH_REQUIRED`: prove your identity at `/v1/me/reauthenticate`, then try again; `missing session`,
    /// `invalid session`, `invalid token`: sign in
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`: send a session in place of a token; `BAD_ORIGIN`: a browser sent the request from
    /// another site; `PENDING_DELETION`: restore the account first;
    /// `SUSPENDED`: the account is suspended; write to support
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Errors of authorization of every operation on an organization that requires a session with a recent proof of
/// identity.
#[derive(IntoResponses)]
pub enum OrganizationRecentProofErrors {
    /// `REAUTH_REQUIRED`: prove your identity at `/v1/me/reauthenticate`, then try again; `missing session`,
    /// `invalid session`, `invalid token`: sign in
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// `NO_ACCESS`: the role does not allow this; `SESSION_REQUIRED`: send a session in place of a token;
    /// `BAD_ORIGIN`: a browser sent the request from another site; `PENDING_DELETION`: restore the account first;
    /// `SUSPENDED`: the account or the organization is suspended; write to support;
    /// `TWO_FACTOR_REQUIRED`: the organization requires two-factor authentication; turn it on first
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// `NOT_FOUND`: an id in the request belongs to nothing
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// Errors of every list.
#[derive(IntoResponses)]
pub enum ListErrors {
    /// `INVALID_CURSOR`: start again without `cursor`; `INVALID_FIELD`: the message names the parameter
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
            "A session: the cookie that a sign-in sets. A command-line client sends the `session_token` as this cookie",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("aius_…")
            .description(Some("A personal token, or an API key of an organization"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}
