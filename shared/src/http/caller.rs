//! Who calls. A handler that takes a [`Credential`] hands it to an operation that reads who it is
//! together with whatever else it needs; one that takes a [`Person`] works with any credential of
//! somebody's, one that takes a [`Session`] or a [`SessionCredential`] with a session only; one that
//! takes a [`BearerCredential`] is about bearer tokens themselves; one that takes none of them is public. An account that waits to be erased gets past none of them, only past a
//! [`LeavingSession`].

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::{Rejection, Result, cookies};
use crate::accounts::User;
use crate::context::Context;
use crate::credentials::{Caller, Credential, identify};
use crate::error::Error;
use crate::requester::Requester;
use crate::sessions::{self, Authenticated};

/// Somebody, by whatever credential works for their account as a whole.
#[derive(Debug)]
pub struct Person {
    /// Who.
    pub user: User,
}

/// A signed-in user.
#[derive(Debug)]
pub struct Session(pub Authenticated);

/// A session whose user is not yet read.
#[derive(Debug)]
pub struct SessionCredential(pub Credential);

/// A bearer token, whose holder is not yet read. A cookie counts for nothing.
#[derive(Debug)]
pub struct BearerCredential(pub Credential);

/// A signed-in user, whose account may be waiting to be erased.
#[derive(Debug)]
pub struct LeavingSession(pub Authenticated);

/// What a request brought along; `Authorization` wins over the cookie.
enum Brought<'p> {
    Bearer(&'p str),
    Cookie(&'p str),
}

impl FromRequestParts<Context> for Credential {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        credential(parts, ctx).await?.ok_or(Rejection::MissingBearer)
    }
}

impl FromRequestParts<Context> for Person {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let user = caller_of(parts, ctx).await?.into_person()?;
        Ok(Self { user })
    }
}

impl FromRequestParts<Context> for SessionCredential {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let credential = credential(parts, ctx).await?.ok_or(Rejection::MissingSession)?;
        if let Credential::Token(_) = credential {
            // A bad token is told that it is bad, before a good one that it isn't enough.
            caller(parts, ctx, &credential).await?.into_session()?;
        }
        Ok(Self(credential))
    }
}

impl FromRequestParts<Context> for BearerCredential {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _ctx: &Context) -> Result<Self> {
        match brought(parts)? {
            Some(Brought::Bearer(token)) => Ok(Self(Credential::of_bearer(token)?)),
            Some(Brought::Cookie(_)) | None => Err(Rejection::MissingBearer),
        }
    }
}

impl FromRequestParts<Context> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let SessionCredential(credential) =
            SessionCredential::from_request_parts(parts, ctx).await?;
        Ok(Self(caller(parts, ctx, &credential).await?.into_session()?))
    }
}

impl FromRequestParts<Context> for LeavingSession {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let SessionCredential(credential) =
            SessionCredential::from_request_parts(parts, ctx).await?;
        match credential {
            Credential::Session(named) => Ok(Self(sessions::authenticate(ctx, &named).await?)),
            Credential::Token(_) => Err(Error::SessionRequired.into()),
        }
    }
}

/// Whoever the credential that came along belongs to.
pub(super) async fn caller_of(parts: &mut Parts, ctx: &Context) -> Result<Caller> {
    let credential = Credential::from_request_parts(parts, ctx).await?;
    caller(parts, ctx, &credential).await
}

async fn caller(parts: &mut Parts, ctx: &Context, credential: &Credential) -> Result<Caller> {
    let requester = Requester::from_request_parts(parts, ctx).await?;
    Ok(identify(ctx, &requester, credential, &[]).await?.0)
}

/// The credential that came along, if one did.
pub(super) async fn credential(parts: &Parts, ctx: &Context) -> Result<Option<Credential>> {
    match brought(parts)? {
        Some(Brought::Bearer(token)) => Ok(Some(Credential::of_bearer(token)?)),
        Some(Brought::Cookie(token)) => {
            refuse_other_sites(ctx, parts)?;
            Ok(Some(Credential::of_session(ctx, token).await?))
        }
        None => Ok(None),
    }
}

fn brought(parts: &Parts) -> Result<Option<Brought<'_>>> {
    let Some(authorization) = parts.headers.get(AUTHORIZATION) else {
        return Ok(cookies::session_token(&parts.headers).map(Brought::Cookie));
    };
    let authorization = authorization.to_str().map_err(|_| Rejection::InvalidAuthorization)?;
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Rejection::InvalidAuthorization);
    }
    match token.trim() {
        "" => Err(Rejection::EmptyBearer),
        token => Ok(Some(Brought::Bearer(token))),
    }
}

/// A browser sends the cookie along whoever wrote the page; an unsafe method counts only when the
/// page is ours. Command lines send neither header and are fine.
fn refuse_other_sites(ctx: &Context, parts: &Parts) -> Result<()> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| header(&parts.headers, name);
    // No page can set `Sec-` headers: `same-origin` is the browser's own word.
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
