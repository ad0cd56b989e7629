//! `GET /v1/invitations/accept`

use askama::Template;
use shared::error::Error;
use shared::http;

use crate::page::{Html, html};

#[derive(Template)]
#[template(path = "accept_invitation.html")]
struct Page;

/// The page behind an invitation's link
///
/// Asks, and sends the link's token with a `POST`, to accept or to decline. Opening it changes nothing,
/// whoever does.
#[utoipa::path(
    get,
    path = "/v1/invitations/accept",
    tag = "Members",
    responses((status = 200, content_type = "text/html", description = "The page"))
)]
pub(crate) async fn accept_invitation_page() -> http::Result<Html> {
    Ok(html(Page.render().map_err(Error::internal)?))
}
