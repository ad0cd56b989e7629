//! `GET /v1/email/undo`

use askama::Template;
use shared::error::Error;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "undo_email.html")]
struct Page;

/// Show the undo of an email change
///
/// The page that the link in the notice of an email change opens. Its button restores the old address with a
/// `POST`. Opening the page changes nothing, so link scanners do no harm.
#[utoipa::path(
    get,
    path = "/v1/email/undo",
    tag = "Account",
    responses((status = 200, content_type = "text/html", description = "An HTML page"))
)]
pub(crate) async fn undo_email_page() -> http::Result<Html> {
    Ok(html(Page.render().map_err(Error::internal)?))
}
