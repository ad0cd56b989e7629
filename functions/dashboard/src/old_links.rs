//! Paths of links in older mails. They lead to the pages of the dashboard, which newer mails link to.

use axum::http::Uri;
use axum::response::Response;

use crate::pages::redirects;

/// Open an old link to undo an email change
///
/// Redirects to the page that undoes a change of the email address. Opening it changes nothing, so link scanners do no
/// harm.
#[utoipa::path(
    get,
    path = "/v1/email/undo",
    tag = "Account",
    responses((status = 303, description = "The page is `/account/undo-email`, with the same query"))
)]
pub(crate) async fn undo_email_page(uri: Uri) -> Response {
    redirects::moved("/account/undo-email", &uri)
}

/// Open an old link to secure an account
///
/// Redirects to the page that secures an account after a change that its owner did not make. Opening it changes
/// nothing, so link scanners have no effect.
#[utoipa::path(
    get,
    path = "/v1/account/not-me",
    tag = "Account",
    responses((status = 303, description = "The page is `/account/not-me`, with the same query"))
)]
pub(crate) async fn not_me_page(uri: Uri) -> Response {
    redirects::moved("/account/not-me", &uri)
}

/// Open an old link to an invitation
///
/// Redirects to the page that shows an invitation. Opening it changes nothing, so link scanners have no effect.
#[utoipa::path(
    get,
    path = "/v1/invitations/accept",
    tag = "Members",
    responses((status = 303, description = "The page is `/account/invitations/accept`, with the same query"))
)]
pub(crate) async fn accept_invitation_page(uri: Uri) -> Response {
    redirects::moved("/account/invitations/accept", &uri)
}
