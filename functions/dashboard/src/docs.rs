//! `GET /v1/docs`

use askama::Template;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use shared::error::Error;
use shared::http;

/// The `Content-Security-Policy`, which allows the page's own script and style, and requests to this origin.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; \
    style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'";

#[derive(Template)]
#[template(path = "docs.html")]
struct Page;

/// Show the API reference
///
/// Returns an HTML page that lists all operations and sends requests from the browser.
#[utoipa::path(
    get,
    path = "/v1/docs",
    tag = "Service",
    responses((status = 200, content_type = "text/html", description = "The HTML page"))
)]
pub(crate) async fn docs() -> http::Result<([(HeaderName, &'static str); 2], String)> {
    let text = Page.render().map_err(Error::internal)?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)], text))
}
