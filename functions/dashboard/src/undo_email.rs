//! `GET /v1/email/undo`

use askama::Template;
use shared::error::Error;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "undo_email.html")]
struct Page;

/// The page behind the link of the notice
///
/// Asks, and sends the link's token with a `POST`. Opening it changes nothing, whoever does.
#[utoipa::path(
    get,
    path = "/v1/email/undo",
    tag = "Account",
    responses((status = 200, content_type = "text/html", description = "The page"))
)]
pub(crate) async fn undo_email_page() -> http::Result<Html> {
    Ok(html(Page.render().map_err(Error::internal)?))
}
