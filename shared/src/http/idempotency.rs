//! Bodies of calls that honor `Idempotency-Key`, and their responses.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body::{self, MAX_BODY_BYTES};
use super::caller::credential;
use super::{Rejection, Result};
use crate::context::Context;
use crate::credentials::Credential;
use crate::error::{self, Error};
use crate::idempotency::{IdempotencyKey, MAX_KEY_LEN, Replayable};
use crate::requester::Requester;

const HEADER: &str = "idempotency-key";

/// The header of a response that repeats an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A JSON body as in [`super::Body`], with the key under which a repetition of the request is recognized.
///
/// As an extractor it is for public calls, whose keys belong to the requester's network. A public call checks no
/// credential, so a forged one must not use up the keys of the user that it names. Calls that take a credential
/// use [`super::CallerBody`].
#[derive(Debug)]
pub struct IdempotentBody<T> {
    /// The body of the request, decoded and checked.
    pub body: T,
    /// The idempotency key, for the operation.
    pub idempotency_key: IdempotencyKey,
}

impl<T: DeserializeOwned> FromRequest<Context> for IdempotentBody<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, ctx: &Context) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let text = body::read(&parts.headers, body, MAX_BODY_BYTES).await?;
        let idempotency_key = match idempotency_header(&parts.headers)? {
            None => IdempotencyKey::none(),
            Some(key) => {
                let requester = Requester::from_request_parts(&mut parts, ctx).await?;
                let owner = format!("network {}", requester.network());
                IdempotencyKey::new(&owner, &key, &operation(&parts), &text)
            }
        };
        Ok(Self { body: body::parse(&text)?, idempotency_key })
    }
}

/// Reads the header `Idempotency-Key`.
///
/// # Errors
/// `InvalidField` if the header is empty, too long, or not printable ASCII.
pub(super) fn idempotency_header(headers: &HeaderMap) -> error::Result<Option<String>> {
    let Some(key) = headers.get(HEADER) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default().to_owned();
    if key.is_empty() || key.len() > MAX_KEY_LEN {
        let why = format!("must be 1 to {MAX_KEY_LEN} printable ASCII characters");
        return Err(Error::invalid_field("Idempotency-Key", why));
    }
    Ok(Some(key))
}

/// Returns the key under which a repetition of a request with this body is recognized, for a call that takes a
/// credential.
pub(super) async fn read_idempotency_key(
    parts: &Parts,
    ctx: &Context,
    body: &str,
) -> Result<IdempotencyKey> {
    let Some(key) = idempotency_header(&parts.headers)? else {
        return Ok(IdempotencyKey::none());
    };
    // The credential's claim is enough here, because the operation checks the credential before it replays or
    // stores a response.
    let owner = match credential(parts, ctx).await? {
        Some(Credential::Session(named)) => named.user.to_string(),
        Some(Credential::Token(token)) => token.holder().to_string(),
        // The call is refused for the missing credential.
        None => return Ok(IdempotencyKey::none()),
    };
    Ok(IdempotencyKey::new(&owner, &key, &operation(parts), body))
}

/// Names the operation of a request. The path distinguishes calls that differ only in an id.
fn operation(parts: &Parts) -> String {
    format!("{} {}", parts.method, parts.uri.path())
}

/// Returns the response of an idempotent operation. A repeated one has `idempotent-replayed: true`.
pub fn idempotent_response<T: Serialize>(replayable: Replayable<T>) -> Response {
    let body = Json(replayable.response);
    if replayable.replayed {
        ([(REPLAYED, "true")], body).into_response()
    } else {
        body.into_response()
    }
}
