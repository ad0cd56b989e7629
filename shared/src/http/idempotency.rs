//! Bodies of calls that honour `Idempotency-Key`, and their answers.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Request};
use axum::http::HeaderName;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body;
use crate::error::{Error, Result};
use crate::idempotency::{Done, LONGEST_KEY, Once};
use crate::requester::Requester;

const HEADER: &str = "idempotency-key";

/// Set on an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A JSON body as in [`super::Body`], with what makes the request the same when it comes again. The
/// caller of a public call is the network that it comes from.
#[derive(Debug)]
pub struct Keyed<T> {
    /// The body.
    pub body: T,
    /// To be handed to the operation.
    pub once: Once,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Keyed<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let text = body::read(&parts.headers, body).await?;
        let once = match parts.headers.get(HEADER) {
            None => Once::unkeyed(),
            Some(key) => {
                let key = key.to_str().unwrap_or_default().to_owned();
                if key.is_empty() || key.len() > LONGEST_KEY {
                    let why = format!("1 to {LONGEST_KEY} printable ASCII characters");
                    return Err(Error::invalid_field("Idempotency-Key", why));
                }
                let requester = Requester::from_request_parts(&mut parts, state).await?;
                let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
                let operation = format!("{} {path}", parts.method);
                Once::keyed(&format!("network {}", requester.network()), &key, &operation, &text)
            }
        };
        Ok(Self { body: body::parse(&text)?, once })
    }
}

/// The answer of an operation that is done once: with `idempotent-replayed: true` when it was done
/// before.
pub fn answer<T: Serialize>(done: Done<T>) -> Response {
    let body = Json(done.answer);
    if done.replayed { ([(REPLAYED, "true")], body).into_response() } else { body.into_response() }
}
