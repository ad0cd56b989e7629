//! `GET /account/reset-password`: the page that the link in a password reset mail opens.

use askama::Template;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "reset_password.html")]
struct Page;

/// Returns the page. Its form sets the new password with a `POST` to `/api/v1/password/reset`. Opening the page changes
/// nothing, so link scanners do no harm.
pub(crate) async fn reset_password_page() -> http::Result<Html> {
    html(&Page)
}
