//! Extractors of the API in the handlers of pages.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::PageError;

/// An extractor of the API, such as an id in the path. Its rejection is shown as a page.
pub(crate) struct ForPage<E>(pub(crate) E);

impl<S, E> FromRequestParts<S> for ForPage<E>
where
    S: Send + Sync,
    E: FromRequestParts<S>,
    E::Rejection: Into<PageError>,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        E::from_request_parts(parts, state).await.map(Self).map_err(Into::into)
    }
}
