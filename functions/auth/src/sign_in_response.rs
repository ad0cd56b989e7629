//! The answer to every sign-in: the session in the body and as a cookie, or the required second factor.

use axum::Json;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::http::session_cookie;

pub(crate) fn answer(answer: SignInAnswer) -> Response {
    match answer {
        SignInAnswer::SignedIn(signed_in) => {
            let cookie = session_cookie(&signed_in.session_token);
            ([(SET_COOKIE, cookie)], Json(signed_in)).into_response()
        }
        SignInAnswer::SecondFactorRequired(required) => Json(required).into_response(),
    }
}
