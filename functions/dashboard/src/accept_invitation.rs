//! `GET /v1/invitations/accept`

use askama::Template;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "accept_invitation.html")]
struct Page;

/// Show an invitation
///
/// Returns the page that the link in an invitation mail opens. Its buttons accept or decline the
/// invitation with a `POST`. Opening the page changes nothing, so link scanners do no harm.
#[utoipa::path(
    get,
    path = "/v1/invitations/accept",
    tag = "Members",
    responses((status = 200, content_type = "text/html", description = "The HTML page"))
)]
pub(crate) async fn accept_invitation_page() -> http::Result<Html> {
    html(&Page)
}
