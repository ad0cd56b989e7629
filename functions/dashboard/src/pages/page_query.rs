//! The query parameters of a page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use shared::dynamo::PageRequest;
use shared::http::QueryParameters;

use super::PageError;

/// The query parameters of a page: filters and the cursor of a list.
pub(crate) struct PageQuery(QueryParameters);

impl PageQuery {
    /// Returns a parameter without surrounding spaces, or an empty text. A form sends an empty text for a filter that
    /// is not set.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.all(name).first().copied().unwrap_or_default().trim()
    }

    /// Returns a parameter, or `None` if it is absent or empty.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// Returns the requested page of a list with `limit` entries.
    pub(crate) fn page(&self, limit: u16) -> PageRequest {
        PageRequest { limit, cursor: self.optional("cursor").map(str::to_owned) }
    }
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
        Ok(Self(QueryParameters::parse(&parts.uri)?))
    }
}
