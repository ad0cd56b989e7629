//! What a call brings that takes a credential.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::body::MOST_BODY_BYTES;
use super::caller::principal;
use super::idempotency::{Keyed, once};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::idempotency::Once;

/// The body of a call that takes a credential. Whoever sends a bad body with a bad credential hears of
/// the credential: so the body's defects are told after that has been looked at, which costs nobody else
/// a read.
///
/// `MOST` is the longest body, in bytes, of a route that takes more (or less) than others.
pub struct Input<T, const MOST: usize = MOST_BODY_BYTES> {
    read: Result<Keyed<T>>,
    parts: Parts,
    ctx: Context,
}

impl<T: DeserializeOwned, const MOST: usize> FromRequest<Context> for Input<T, MOST> {
    type Rejection = Error;

    async fn from_request(request: Request, ctx: &Context) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let read = Keyed::read(request, ctx, MOST).await;
        Ok(Self { read, parts, ctx: ctx.clone() })
    }
}

impl<T, const MOST: usize> Input<T, MOST> {
    /// What `parse` makes of the body; [`Error::InvalidSession`], [`Error::InvalidToken`] and so on before
    /// any error of the body's own.
    pub async fn parse<U>(mut self, parse: impl FnOnce(T) -> Result<U>) -> Result<Keyed<U>> {
        let parsed = self.read.and_then(|read| {
            let Keyed { body, once } = read;
            parse(body).map(|body| Keyed { body, once })
        });
        match parsed {
            Ok(parsed) => Ok(parsed),
            Err(error) => {
                principal(&mut self.parts, &self.ctx).await?;
                Err(error)
            }
        }
    }
}

/// The same of a call that has nothing to say but its path, and honours `Idempotency-Key`: a body isn't
/// looked at.
pub struct NoInput {
    once: Result<Once>,
    parts: Parts,
    ctx: Context,
}

impl FromRequestParts<Context> for NoInput {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let once = once(parts, ctx, "").await;
        Ok(Self { once, parts: parts.clone(), ctx: ctx.clone() })
    }
}

impl NoInput {
    /// What makes the request the same when it comes again. [`Error::InvalidSession`] and so on before
    /// any error of the key's own.
    pub async fn once(mut self) -> Result<Once> {
        match self.once {
            Ok(once) => Ok(once),
            Err(error) => {
                principal(&mut self.parts, &self.ctx).await?;
                Err(error)
            }
        }
    }
}
