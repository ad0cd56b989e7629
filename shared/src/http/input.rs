//! Input of calls that take a credential.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::body::MAX_BODY_BYTES;
use super::caller::caller_of;
use super::idempotency::{Keyed, once};
use super::{Rejection, Result};
use crate::context::Context;
use crate::error;
use crate::idempotency::Once;

/// The body of a call that takes a credential. Reports an invalid credential before an invalid body, which
/// costs no extra read on success.
///
/// `MAX_BYTES` is the route's limit in bytes.
pub struct Input<T, const MAX_BYTES: usize = MAX_BODY_BYTES> {
    read: Result<Keyed<T>>,
    parts: Parts,
    ctx: Context,
}

impl<T: DeserializeOwned, const MAX_BYTES: usize> FromRequest<Context> for Input<T, MAX_BYTES> {
    type Rejection = Rejection;

    async fn from_request(request: Request, ctx: &Context) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let read = Keyed::read(request, ctx, MAX_BYTES).await;
        Ok(Self { read, parts, ctx: ctx.clone() })
    }
}

impl<T, const MAX_BYTES: usize> Input<T, MAX_BYTES> {
    /// Converts the body with `parse`.
    ///
    /// # Errors
    /// The credential's rejection (`MissingBearer`, `InvalidSession`, `InvalidToken` …) if it is invalid;
    /// otherwise the body's, or the error of `parse`.
    pub async fn parse<U>(mut self, parse: impl FnOnce(T) -> error::Result<U>) -> Result<Keyed<U>> {
        let parsed = self.read.and_then(|Keyed { body, once }| {
            let body = parse(body)?;
            Ok(Keyed { body, once })
        });
        match parsed {
            Ok(parsed) => Ok(parsed),
            Err(rejection) => {
                caller_of(&mut self.parts, &self.ctx).await?;
                Err(rejection)
            }
        }
    }
}

/// The input of a call that takes a credential, has no body and honors `Idempotency-Key`. Ignores a body
/// that is sent anyway.
pub struct NoInput {
    once: Result<Once>,
    parts: Parts,
    ctx: Context,
}

impl FromRequestParts<Context> for NoInput {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let once = once(parts, ctx, "").await;
        Ok(Self { once, parts: parts.clone(), ctx: ctx.clone() })
    }
}

impl NoInput {
    /// Returns the idempotency key.
    ///
    /// # Errors
    /// The credential's rejection (`MissingBearer`, `InvalidSession`, `InvalidToken` …) if it is invalid;
    /// otherwise `InvalidField` if the key is malformed.
    pub async fn once(mut self) -> Result<Once> {
        match self.once {
            Ok(once) => Ok(once),
            Err(rejection) => {
                caller_of(&mut self.parts, &self.ctx).await?;
                Err(rejection)
            }
        }
    }
}
