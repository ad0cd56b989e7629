//! The query parameters of a page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::http::QueryParameters;

use super::{ListRequest, PageError};

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
    pub(crate) fn list(&self, limit: u16) -> ListRequest {
        let newer = self.0.all("newer").into_iter().map(str::to_owned).collect();
        let cursor = self.optional("cursor").map(str::to_owned);
        ListRequest { page: PageRequest { limit, cursor }, newer, search: String::new() }
    }

    /// Returns the requested page of a list with `limit` entries that can be searched. A search goes through the
    /// largest page.
    pub(crate) fn searchable_list(&self, limit: u16) -> ListRequest {
        let search = self.get("q").to_owned();
        let limit = if search.is_empty() { limit } else { MAX_PAGE_SIZE };
        ListRequest { search, ..self.list(limit) }
    }
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
        Ok(Self(QueryParameters::parse(&parts.uri)?))
    }
}
