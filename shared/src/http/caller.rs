//! Extractors for the caller of a request.
//!
//! | extractor | accepts | reads |
//! |---|---|---|
//! | [`Caller`] | any credential | nothing: the operation authenticates |
//! | [`SessionCaller`] | a session | nothing, unless it refuses a token |
//! | [`BearerCaller`] | a bearer token | nothing |
//! | [`CurrentUser`] | any credential that covers the whole account | the user |
//! | [`CurrentSession`] | a session | the session and its user |
//! | [`PendingDeletionSession`] | a session, also of an account that is scheduled for erasure | the same |
//!
//! A handler that takes none of them is public.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::route_scopes::required_scope;
use super::{Rejection, Result, cookies};
use crate::accounts::User;
use crate::context::Context;
use crate::credentials::{Caller, Credential, Principal, authenticate};
use crate::error::Error;
use crate::requester::Requester;
use crate::sessions::{self, AuthenticatedSession, VerifiedSessionToken};

/// A user, by any credential that covers their whole account.
#[derive(Debug)]
pub struct CurrentUser {
    /// The account of the session or token.
    pub user: User,
}

/// A signed-in user: an authenticated session, its user, and the sender of the request.
///
/// Rejects with `MissingSession` if the request has no credential, `InvalidSession` if the session is forged,
/// ended or expired, and `BadOrigin` if a browser sends an unsafe method from another site. A valid bearer
/// token is rejected with `SessionRequired`, an invalid one with `InvalidToken` or the rejection of its
/// header. `PendingDeletion` rejects an account that is scheduled for erasure.
#[derive(Debug)]
pub struct CurrentSession(pub AuthenticatedSession);

/// A caller with a session that is not authenticated yet.
#[derive(Debug)]
pub struct SessionCaller(pub Caller);

/// A caller with a bearer token that is not authenticated yet. Cookies are ignored.
#[derive(Debug)]
pub struct BearerCaller(pub Caller);

/// A signed-in user, whose account may be scheduled for erasure.
#[derive(Debug)]
pub struct PendingDeletionSession(pub AuthenticatedSession);

/// The credential in a request's headers. `Authorization` takes precedence over the cookie.
enum PresentedCredential<'p> {
    Bearer(&'p str),
    Cookie(&'p str),
}

impl FromRequestParts<Context> for Caller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let requester = Requester::from_request_parts(parts, ctx).await?;
        let credential = credential(parts, ctx).await?.ok_or(Rejection::MissingBearer)?;
        Ok(Self { requester, scope: required_scope(parts), credential })
    }
}

impl FromRequestParts<Context> for CurrentUser {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let user = principal(parts, ctx).await?.into_person()?;
        Ok(Self { user })
    }
}

impl FromRequestParts<Context> for SessionCaller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let requester = Requester::from_request_parts(parts, ctx).await?;
        let credential = credential(parts, ctx).await?.ok_or(Rejection::MissingSession)?;
        let caller = Caller { requester, scope: None, credential };
        if let Credential::Token(_) = caller.credential {
            // An invalid token is refused as invalid, and only a valid one as insufficient.
            authenticate(ctx, &caller, &[]).await?.0.into_session()?;
        }
        Ok(Self(caller))
    }
}

impl FromRequestParts<Context> for BearerCaller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let requester = Requester::from_request_parts(parts, ctx).await?;
        match presented_credential(parts)? {
            Some(PresentedCredential::Bearer(token)) => {
                let credential = Credential::of_bearer(token)?;
                Ok(Self(Caller { requester, scope: required_scope(parts), credential }))
            }
            Some(PresentedCredential::Cookie(_)) | None => Err(Rejection::MissingBearer),
        }
    }
}

impl FromRequestParts<Context> for CurrentSession {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let SessionCaller(caller) = SessionCaller::from_request_parts(parts, ctx).await?;
        Ok(Self(authenticate(ctx, &caller, &[]).await?.0.into_session()?))
    }
}

/// Returns the session that the request's cookies name, for a public call that takes one into account. It may
/// have ended: the operation reads it.
pub async fn optional_session(ctx: &Context, headers: &HeaderMap) -> Option<VerifiedSessionToken> {
    let token = cookies::session_token(headers)?;
    sessions::verify_token(ctx, token).await.ok()
}

impl FromRequestParts<Context> for PendingDeletionSession {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let SessionCaller(caller) = SessionCaller::from_request_parts(parts, ctx).await?;
        match &caller.credential {
            Credential::Session(named) => {
                Ok(Self(sessions::authenticate(ctx, &caller.requester, named).await?))
            }
            Credential::Token(_) => Err(Error::SessionRequired.into()),
        }
    }
}

/// Authenticates the credential of a request.
pub(super) async fn principal(parts: &mut Parts, ctx: &Context) -> Result<Principal> {
    let caller = Caller::from_request_parts(parts, ctx).await?;
    Ok(authenticate(ctx, &caller, &[]).await?.0)
}

/// Parses the credential of a request, or returns `None` for a request without one.
pub(super) async fn credential(parts: &Parts, ctx: &Context) -> Result<Option<Credential>> {
    match presented_credential(parts)? {
        Some(PresentedCredential::Bearer(token)) => Ok(Some(Credential::of_bearer(token)?)),
        Some(PresentedCredential::Cookie(token)) => {
            refuse_other_sites(ctx, &parts.method, &parts.headers)?;
            Ok(Some(Credential::of_session(ctx, token).await?))
        }
        None => Ok(None),
    }
}

fn presented_credential(parts: &Parts) -> Result<Option<PresentedCredential<'_>>> {
    let Some(authorization) = parts.headers.get(AUTHORIZATION) else {
        return Ok(cookies::session_token(&parts.headers).map(PresentedCredential::Cookie));
    };
    let authorization = authorization.to_str().map_err(|_| Rejection::InvalidAuthorization)?;
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Rejection::InvalidAuthorization);
    }
    match token.trim() {
        "" => Err(Rejection::EmptyBearer),
        token => Ok(Some(PresentedCredential::Bearer(token))),
    }
}

/// Refuses unsafe methods from pages of other sites, because browsers send the cookie with them too.
/// Command-line clients send neither header and are accepted.
///
/// # Errors
/// `BadOrigin` if the headers name another site.
pub fn refuse_other_sites(ctx: &Context, method: &Method, headers: &HeaderMap) -> Result<()> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| header(headers, name);
    // Pages cannot set `Sec-` headers, so `same-origin` comes from the browser itself.
    let fetch_site = text("sec-fetch-site")?;
    if fetch_site == Some("cross-site") {
        return Err(Rejection::BadOrigin);
    }
    match text(ORIGIN.as_str())? {
        Some(origin) if origin != ctx.config.origin() && fetch_site != Some("same-origin") => {
            Err(Rejection::BadOrigin)
        }
        Some(_) | None => Ok(()),
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>> {
    headers.get(name).map(|value| value.to_str().map_err(|_| Rejection::BadOrigin)).transpose()
}
