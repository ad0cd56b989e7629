//! Input of calls that take a credential.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::body::{self, MAX_BODY_BYTES};
use super::caller::principal;
use super::idempotency::{IdempotentBody, idempotency_header, read_idempotency_key};
use super::{Rejection, Result};
use crate::context::Context;
use crate::error;
use crate::idempotency::IdempotencyKey;

/// The body of a call that takes a credential. Reports an invalid credential before an invalid body, which
/// costs no extra read on success. Only a body of more than [`MAX_BODY_BYTES`] has its credential checked before
/// it is parsed, with one read more, so that nobody without an account makes the service parse it.
///
/// `MAX_BYTES` is the route's limit in bytes.
pub struct CallerBody<T, const MAX_BYTES: usize = MAX_BODY_BYTES> {
    read: Result<IdempotentBody<T>>,
    parts: Parts,
    ctx: Context,
}

impl<T: DeserializeOwned, const MAX_BYTES: usize> FromRequest<Context>
    for CallerBody<T, MAX_BYTES>
{
    type Rejection = Rejection;

    async fn from_request(request: Request, ctx: &Context) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let read = read(&mut parts, body, ctx, MAX_BYTES).await;
        Ok(Self { read, parts, ctx: ctx.clone() })
    }
}

async fn read<T: DeserializeOwned>(
    parts: &mut Parts,
    body: axum::body::Body,
    ctx: &Context,
    max_bytes: usize,
) -> Result<IdempotentBody<T>> {
    let text = body::read(&parts.headers, body, max_bytes).await?;
    if text.len() > MAX_BODY_BYTES {
        principal(parts, ctx).await?;
    }
    let idempotency_key = read_idempotency_key(parts, ctx, &text).await?;
    Ok(IdempotentBody { body: body::parse(&text)?, idempotency_key })
}

impl<T, const MAX_BYTES: usize> CallerBody<T, MAX_BYTES> {
    /// Reads the header `Idempotency-Key`, for calls that require it.
    ///
    /// # Errors
    /// `InvalidField` if the header is empty, too long, or not printable ASCII.
    pub fn idempotency_header(&self) -> error::Result<Option<String>> {
        idempotency_header(&self.parts.headers)
    }

    /// Converts the body with `parse`.
    ///
    /// # Errors
    /// The credential's rejection (`MissingBearer`, `InvalidSession`, `InvalidToken` …) if it is invalid;
    /// otherwise the body's, or the error of `parse`.
    pub async fn parse<U>(
        mut self,
        parse: impl FnOnce(T) -> error::Result<U>,
    ) -> Result<IdempotentBody<U>> {
        let parsed = self.read.and_then(|IdempotentBody { body, idempotency_key }| {
            let body = parse(body)?;
            Ok(IdempotentBody { body, idempotency_key })
        });
        match parsed {
            Ok(parsed) => Ok(parsed),
            Err(rejection) => {
                principal(&mut self.parts, &self.ctx).await?;
                Err(rejection)
            }
        }
    }
}

/// The body of a call that takes a credential and works without a body, which counts as an object without fields.
/// Otherwise as [`CallerBody`].
pub struct OptionalCallerBody<T>(pub CallerBody<T>);

impl<T: DeserializeOwned> FromRequest<Context> for OptionalCallerBody<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, ctx: &Context) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let read = read_optional(&parts, body, ctx).await;
        Ok(Self(CallerBody { read, parts, ctx: ctx.clone() }))
    }
}

async fn read_optional<T: DeserializeOwned>(
    parts: &Parts,
    body: axum::body::Body,
    ctx: &Context,
) -> Result<IdempotentBody<T>> {
    let text = body::read_optional(&parts.headers, body, MAX_BODY_BYTES).await?;
    let idempotency_key = read_idempotency_key(parts, ctx, &text).await?;
    Ok(IdempotentBody { body: body::parse(&text)?, idempotency_key })
}

/// The input of a call that takes a credential, has no body and honors `Idempotency-Key`. Ignores a body
/// that is sent anyway.
pub struct NoBody(Result<IdempotencyKey, Box<RefusedKey>>);

/// A malformed key, with the request whose credential is checked before the key is refused.
struct RefusedKey {
    rejection: Rejection,
    parts: Parts,
    ctx: Context,
}

impl FromRequestParts<Context> for NoBody {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let key = read_idempotency_key(parts, ctx, "").await;
        Ok(Self(key.map_err(|rejection| {
            Box::new(RefusedKey { rejection, parts: parts.clone(), ctx: ctx.clone() })
        })))
    }
}

impl NoBody {
    /// Returns the idempotency key.
    ///
    /// # Errors
    /// The credential's rejection (`MissingBearer`, `InvalidSession`, `InvalidToken` …) if it is invalid;
    /// otherwise `InvalidField` if the key is malformed.
    pub async fn idempotency_key(self) -> Result<IdempotencyKey> {
        match self.0 {
            Ok(key) => Ok(key),
            Err(refused) => {
                let RefusedKey { rejection, mut parts, ctx } = *refused;
                principal(&mut parts, &ctx).await?;
                Err(rejection)
            }
        }
    }
}
