//! `GET /v1/docs`

use askama::Template;
use shared::http;

use crate::page::{Html, html};

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
pub(crate) async fn docs() -> http::Result<Html> {
    html(&Page)
}
