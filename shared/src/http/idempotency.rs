//! Bodies of calls that honour `Idempotency-Key`, and their answers.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body::{self, MOST_BODY_BYTES};
use super::caller::credential;
use crate::context::Context;
use crate::credentials::Credential;
use crate::error::{Error, Result};
use crate::idempotency::{Done, LONGEST_KEY, Once};
use crate::requester::Requester;

const HEADER: &str = "idempotency-key";

/// Set on an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A JSON body as in [`super::Body`], with what makes the request the same when it comes again. The
/// caller is whom the credential names; of a call without one, the network that it comes from.
#[derive(Debug)]
pub struct Keyed<T> {
    /// The body.
    pub body: T,
    /// To be handed to the operation.
    pub once: Once,
}

impl<T: DeserializeOwned> FromRequest<Context> for Keyed<T> {
    type Rejection = Error;

    async fn from_request(request: Request, ctx: &Context) -> Result<Self> {
        Self::read(request, ctx, MOST_BODY_BYTES).await
    }
}

impl<T: DeserializeOwned> Keyed<T> {
    /// The same of a body that may have so many bytes.
    pub(super) async fn read(request: Request, ctx: &Context, most: usize) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let text = body::read(&parts.headers, body, most).await?;
        let once = once(&mut parts, ctx, &text).await?;
        Ok(Self { body: body::parse(&text)?, once })
    }
}

/// The header `Idempotency-Key`. [`Error::InvalidField`] of one that can't be a key.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(key) = headers.get(HEADER) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default().to_owned();
    if key.is_empty() || key.len() > LONGEST_KEY {
        let why = format!("1 to {LONGEST_KEY} printable ASCII characters");
        return Err(Error::invalid_field("Idempotency-Key", why));
    }
    Ok(Some(key))
}

/// What makes a request with that body the same when it comes again.
pub(super) async fn once(parts: &mut Parts, ctx: &Context, body: &str) -> Result<Once> {
    let Some(key) = idempotency_key(&parts.headers)? else {
        return Ok(Once::unkeyed());
    };
    let caller = caller(parts, ctx).await?;
    // What is called, to the id in the path.
    let operation = format!("{} {}", parts.method, parts.uri.path());
    Ok(Once::keyed(&caller, &key, &operation, body))
}

/// Whose keys these are. What the credential claims is enough: nothing is answered before it is checked.
async fn caller(parts: &mut Parts, ctx: &Context) -> Result<String> {
    match credential(parts, ctx).await {
        Ok(Some(Credential::Session(named))) => Ok(named.user.to_string()),
        Ok(Some(Credential::Token(token))) => Ok(token.holder().to_string()),
        // A public call doesn't mind a credential that isn't one.
        Ok(None) | Err(_) => {
            let requester = Requester::from_request_parts(parts, ctx).await?;
            Ok(format!("network {}", requester.network()))
        }
    }
}

/// The answer of an operation that is done once: with `idempotent-replayed: true` when it was done
/// before.
pub fn answer<T: Serialize>(done: Done<T>) -> Response {
    let body = Json(done.answer);
    if done.replayed { ([(REPLAYED, "true")], body).into_response() } else { body.into_response() }
}
