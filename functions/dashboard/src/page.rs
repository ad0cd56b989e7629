//! What the service's pages have in common.

use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

/// A page, with its headers.
pub(crate) type Html = ([(HeaderName, &'static str); 2], String);

/// A page may run its own script and style and talk to this origin, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; \
    style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'";

/// An answer with that page.
pub(crate) fn html(page: String) -> Html {
    ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)], page)
}
