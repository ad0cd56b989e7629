//! Headers of the HTML pages.

use askama::Template;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use shared::error::Error;
use shared::http;

/// The response of an HTML page.
pub(crate) type Html = ([(HeaderName, &'static str); 2], String);

/// The `Content-Security-Policy` of a page, which allows its own script and style, and requests to this origin.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; \
    style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'";

/// Creates the response of an HTML page.
///
/// # Errors
/// An internal error if the template cannot be rendered.
pub(crate) fn html(page: &impl Template) -> http::Result<Html> {
    let text = page.render().map_err(Error::internal)?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)], text))
}
