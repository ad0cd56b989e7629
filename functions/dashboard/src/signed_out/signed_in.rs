//! The response to a successful sign-in.

use axum::response::Response;
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::accounts::start_session::SignedIn;
use shared::http::{CLEARED_CHALLENGE_COOKIE, challenge_cookie, session_cookie};

use super::NextPath;
use crate::pages::passkey_offer::PASSKEY_OFFER_COOKIE;
use crate::pages::redirects;

/// The page that sets a first password.
const SET_PASSWORD: &str = "/account/security#password";

/// Leads to the page that the person asked for, or asks for the second factor. The challenge for it is in a cookie.
pub(super) fn finish(answer: SignInAnswer, next: &NextPath) -> Response {
    match answer {
        SignInAnswer::SignedIn(signed_in) => start_session(&signed_in, next),
        SignInAnswer::SecondFactorRequired(required) => {
            let cookies = vec![challenge_cookie(&required.challenge_token)];
            redirects::redirect_with_cookies(&next.link("/account/two-factor", &[]), cookies)
        }
    }
}

/// Sets the session's cookie and leads on. The next page may offer to add a passkey. An account that is scheduled for
/// deletion leads to the page that restores it.
pub(super) fn start_session(signed_in: &SignedIn, next: &NextPath) -> Response {
    let mut cookies = session_cookies(signed_in);
    cookies.push(PASSKEY_OFFER_COOKIE.to_owned());
    let target = if signed_in.pending_deletion { "/account/restore" } else { next.target() };
    redirects::redirect_with_cookies(target, cookies)
}

/// Leads on after an address was verified. If the password was dropped, because another person may have chosen it, the
/// page that sets a new one comes first.
pub(super) fn finish_verification(answer: SignInAnswer, next: &NextPath) -> Response {
    match answer {
        SignInAnswer::SignedIn(signed_in) if !signed_in.user.has_password => {
            let cookies = session_cookies(&signed_in);
            redirects::done_with_cookies(SET_PASSWORD, &signed_in.message, cookies)
        }
        SignInAnswer::SignedIn(signed_in) => {
            let cookies = session_cookies(&signed_in);
            redirects::done_with_cookies(next.target(), "Email address verified", cookies)
        }
        answer @ SignInAnswer::SecondFactorRequired(_) => finish(answer, next),
    }
}

fn session_cookies(signed_in: &SignedIn) -> Vec<String> {
    vec![session_cookie(&signed_in.session_token), CLEARED_CHALLENGE_COOKIE.to_owned()]
}
