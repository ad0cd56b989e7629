//! Paths to which public documents link.

use axum::http::Uri;
use axum::response::Response;

use crate::pages::redirects;

/// Leads from `/account/signin` to the page for signing in.
pub(crate) async fn sign_in(uri: Uri) -> Response {
    redirects::moved("/account/sign-in", &uri)
}

/// Leads from `/account/signup` to the page for signing up.
pub(crate) async fn sign_up(uri: Uri) -> Response {
    redirects::moved("/account/sign-up", &uri)
}

/// Leads from `/account/verify` to the page for the code.
pub(crate) async fn verify_email(uri: Uri) -> Response {
    redirects::moved("/account/verify-email", &uri)
}
