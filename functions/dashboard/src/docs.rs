//! `GET /v1/docs`

use askama::Template;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use shared::error::Error;
use shared::http;

#[derive(Template)]
#[template(path = "docs.html")]
struct Page;

/// The page may run its own script and style and talk to this origin, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; \
    style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'";

/// A page to read and try it
#[utoipa::path(
    get,
    path = "/v1/docs",
    tag = "Service",
    responses((status = 200, content_type = "text/html", description = "The page"))
)]
pub(crate) async fn docs() -> http::Result<([(HeaderName, &'static str); 2], String)> {
    let page = Page.render().map_err(Error::internal)?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)], page))
}
