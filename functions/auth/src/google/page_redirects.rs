//! Redirects to the pages of the dashboard, in place of responses that only programs can read.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::Response;
use shared::error::Result;
use shared::google::GoogleFailure;
use shared::http::Rejection;
use shared::redirect::SitePath;

use super::redirect_to;

/// The page that shows why a sign-in failed.
const SIGN_IN_PAGE: &str = "/account/sign-in";

/// The page that shows why a connection or a proof of identity failed.
const CONNECTIONS_PAGE: &str = "/account/connections";

/// The page that asks for the second factor.
const TWO_FACTOR_PAGE: &str = "/account/two-factor";

/// Returns whether a person sees the response: a browser asks for HTML, or the flow began on a page of the dashboard.
pub(super) fn is_for_person(headers: &HeaderMap, is_from_page: bool) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    is_from_page || accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Returns whether a path is one of the dashboard's pages. Other front ends have other paths.
pub(super) fn is_dashboard(path: &SitePath) -> bool {
    let path = path.as_str().split('?').next().unwrap_or_default();
    path == "/account" || path.starts_with("/account/")
}

/// Returns the failure that a rejection is shown as.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other rejection means no session")]
pub(super) fn failure_of(rejection: &Rejection) -> GoogleFailure {
    match rejection {
        Rejection::Operation(error) => {
            shared::http::log_error(error);
            GoogleFailure::from(error)
        }
        _ => GoogleFailure::SignedOut,
    }
}

/// Redirects to the page that shows the failure. If a signed-in person was about to connect or to confirm a Google
/// account, that is the page of connections, or else the page for signing in, which leads on to `next`.
pub(super) fn to_failure_page(
    failure: GoogleFailure,
    is_signed_in: bool,
    next: Option<&SitePath>,
) -> Result<Response> {
    let page = if is_signed_in { CONNECTIONS_PAGE } else { SIGN_IN_PAGE };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("google_error", failure.code());
    if let Some(next) = next.filter(|_| !is_signed_in) {
        query.append_pair("next", next.as_str());
    }
    redirect_to(&format!("{page}?{}", query.finish()))
}

/// Redirects to the page that asks for the second factor, which leads on to `next`. The challenge is in a cookie.
pub(super) fn to_two_factor_page(next: &SitePath) -> Result<Response> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    redirect_to(&format!("{TWO_FACTOR_PAGE}?{}", query.append_pair("next", next.as_str()).finish()))
}
