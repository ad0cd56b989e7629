//! `GET /v1/email/undo`

use askama::Template;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "undo_email.html")]
struct Page;

/// Show the undo of an email change
///
/// Returns the page that the link in the mail about an email change opens. Its button restores the
/// old address with a `POST`. Opening the page changes nothing, so link scanners do no harm.
#[utoipa::path(
    get,
    path = "/v1/email/undo",
    tag = "Account",
    responses((status = 200, content_type = "text/html", description = "The HTML page"))
)]
pub(crate) async fn undo_email_page() -> http::Result<Html> {
    html(&Page)
}
