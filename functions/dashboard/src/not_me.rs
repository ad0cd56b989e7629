//! `GET /v1/account/not-me`

use askama::Template;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "not_me.html")]
struct Page;

/// Show the page for securing an account
///
/// Returns the page that the link in a mail about the security of an account opens. Its button secures the
/// account with a `POST`. Opening the page changes nothing, so link scanners do no harm.
#[utoipa::path(
    get,
    path = "/v1/account/not-me",
    tag = "Account",
    responses((status = 200, content_type = "text/html", description = "The HTML page"))
)]
pub(crate) async fn not_me_page() -> http::Result<Html> {
    html(&Page)
}
