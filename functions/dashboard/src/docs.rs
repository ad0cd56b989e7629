//! `GET /v1/docs`

use askama::Template;
use shared::error::Error;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "docs.html")]
struct Page;

/// A page to read and try it
#[utoipa::path(
    get,
    path = "/v1/docs",
    tag = "Service",
    responses((status = 200, content_type = "text/html", description = "The page"))
)]
pub(crate) async fn docs() -> http::Result<Html> {
    Ok(html(Page.render().map_err(Error::internal)?))
}
