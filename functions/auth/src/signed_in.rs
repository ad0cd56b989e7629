//! The answer to every sign-in: the session in the body and as the cookie.

use axum::Json;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use shared::accounts::sign_in::SignedIn;
use shared::http::session_cookie;

pub(crate) fn answer(signed_in: SignedIn) -> Response {
    let cookie = session_cookie(&signed_in.session_token);
    ([(SET_COOKIE, cookie)], Json(signed_in)).into_response()
}
