//! Redirects after a form, and to the page for signing in.

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{StatusCode, Uri};
use axum::response::{AppendHeaders, IntoResponse, Response};
use shared::http::CLEARED_SESSION_COOKIE;

use super::flash::flash_cookie;

/// Redirects the browser, which then sends a `GET`.
pub(crate) fn see_other(location: &str) -> Response {
    redirect_with_cookies(location, Vec::new())
}

/// Redirects the browser to the page that replaces the requested one, with the same query. Browsers keep the fragment.
pub(crate) fn moved(page: &str, requested: &Uri) -> Response {
    match requested.query() {
        Some(query) => see_other(&format!("{page}?{query}")),
        None => see_other(page),
    }
}

/// Redirects the browser and sets cookies.
pub(crate) fn redirect_with_cookies(location: &str, cookies: Vec<String>) -> Response {
    let cookies = cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect();
    let location = [(LOCATION, location.to_owned())];
    (StatusCode::SEE_OTHER, location, AppendHeaders::<Vec<_>>(cookies)).into_response()
}

/// Redirects the browser to a page that shows a message once.
pub(crate) fn done(location: &str, message: &str) -> Response {
    redirect_with_cookies(location, vec![flash_cookie(message)])
}

/// Redirects the browser to a page that shows a message once, and sets cookies.
pub(crate) fn done_with_cookies(location: &str, message: &str, cookies: Vec<String>) -> Response {
    let cookies = cookies.into_iter().chain([flash_cookie(message)]).collect();
    redirect_with_cookies(location, cookies)
}

/// Redirects the browser to the page for signing in, which leads back to `page`. Removes the session's cookie.
pub(crate) fn to_sign_in(page: &str, draft: Option<String>) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", page).finish();
    let cookies = draft.into_iter().chain([CLEARED_SESSION_COOKIE.to_owned()]).collect();
    redirect_with_cookies(&format!("/account/sign-in?{query}"), cookies)
}
