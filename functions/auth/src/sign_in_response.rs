//! The response to every sign-in: the session, or the challenge for the second factor.

use axum::Json;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::http::session_cookie;

/// Returns the response to a sign-in. A session is also set as a cookie.
pub(crate) fn sign_in_response(answer: SignInAnswer) -> Response {
    match answer {
        SignInAnswer::SignedIn(signed_in) => {
            let cookie = session_cookie(&signed_in.session_token);
            ([(SET_COOKIE, cookie)], Json(signed_in)).into_response()
        }
        SignInAnswer::SecondFactorRequired(required) => Json(required).into_response(),
    }
}
