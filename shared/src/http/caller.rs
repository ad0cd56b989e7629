//! Who calls. A handler that takes a [`Caller`] works with any credential, one that takes a
//! [`Session`] with a session only; one that takes neither is public. An account that waits to be
//! erased gets past neither, only past a [`LeavingSession`].

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::cookies;
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::keys;
use crate::error::{Error, Result};
use crate::sessions::{self, Authenticated};
use crate::tokens;

/// Whoever the credential belongs to.
#[derive(Debug)]
pub struct Caller {
    /// The user that the credential acts as.
    pub user: User,
}

/// A signed-in user.
#[derive(Debug)]
pub struct Session(pub Authenticated);

/// A signed-in user, whose account may be waiting to be erased.
#[derive(Debug)]
pub struct LeavingSession(pub Authenticated);

/// What a request brought along; `Authorization` wins over the cookie.
enum Credential<'p> {
    Bearer(&'p str),
    Cookie(&'p str),
}

impl FromRequestParts<Context> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        match credential(parts)?.ok_or(Error::MissingBearer)? {
            Credential::Bearer(token) => Ok(Self { user: user_of(ctx, token).await? }),
            Credential::Cookie(token) => {
                refuse_other_sites(ctx, parts)?;
                let user = sessions::authenticate(ctx, token).await?.user;
                refuse_leaving(&user)?;
                Ok(Self { user })
            }
        }
    }
}

/// The user that a bearer token acts as. The tokens of an account that waits to be erased are dead.
async fn user_of(ctx: &Context, token: &str) -> Result<User> {
    let token = tokens::authenticate(ctx, token).await?;
    let user: Option<User> = ctx.table.get(&keys::user(&token.user_id)).await?;
    user.filter(|user| user.deletion.is_none()).ok_or(Error::InvalidToken)
}

fn refuse_leaving(user: &User) -> Result<()> {
    if user.deletion.is_some() { Err(Error::PendingDeletion) } else { Ok(()) }
}

impl FromRequestParts<Context> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let LeavingSession(signed_in) = LeavingSession::from_request_parts(parts, ctx).await?;
        refuse_leaving(&signed_in.user)?;
        Ok(Self(signed_in))
    }
}

impl FromRequestParts<Context> for LeavingSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        match credential(parts)?.ok_or(Error::MissingSession)? {
            Credential::Bearer(token) => {
                // A bad token is told that it is bad, before a good one that it isn't enough.
                user_of(ctx, token).await?;
                Err(Error::SessionRequired)
            }
            Credential::Cookie(token) => {
                refuse_other_sites(ctx, parts)?;
                sessions::authenticate(ctx, token).await.map(Self)
            }
        }
    }
}

fn credential(parts: &Parts) -> Result<Option<Credential<'_>>> {
    let Some(authorization) = parts.headers.get(AUTHORIZATION) else {
        return Ok(cookies::session_token(&parts.headers).map(Credential::Cookie));
    };
    let authorization = authorization.to_str().map_err(|_| Error::InvalidAuthorization)?;
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Error::InvalidAuthorization);
    }
    match token.trim() {
        "" => Err(Error::EmptyBearer),
        token => Ok(Some(Credential::Bearer(token))),
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
        return Err(Error::BadOrigin);
    }
    match text(ORIGIN.as_str())? {
        Some(origin) if origin != ctx.config.origin() && fetch_site != Some("same-origin") => {
            Err(Error::BadOrigin)
        }
        Some(_) | None => Ok(()),
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>> {
    headers.get(name).map(|value| value.to_str().map_err(|_| Error::BadOrigin)).transpose()
}
