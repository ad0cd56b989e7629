//! The cookies of a session, of a sign-in with Google, of a registration, and of a challenge for the second factor.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

use crate::accounts::two_factor::challenge::CHALLENGE_TTL;
use crate::accounts::{REGISTRATION_TTL, RegistrationToken};
use crate::google;
use crate::sessions::SESSION_TTL;

/// Name of the session cookie. With the prefix `__Host-`, browsers require `Secure`, `Path=/` and no
/// `Domain` (RFC 6265bis 4.1.3.2), so no other host can set or read it.
pub const SESSION_COOKIE: &str = "__Host-aius_session";

/// `Set-Cookie` value that removes the session from the browser.
pub const CLEARED_SESSION_COOKIE: &str =
    "__Host-aius_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Returns the `Set-Cookie` value of a new session.
pub fn session_cookie(token: &str) -> String {
    let age = SESSION_TTL.as_secs();
    format!("{SESSION_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}")
}

/// Name of the cookie that a sign-in with Google keeps until its callback. `SameSite=Lax` allows the
/// browser to send it with the redirect from Google.
const GOOGLE_COOKIE: &str = "__Host-aius_google";

/// `Set-Cookie` value that removes a sign-in with Google from the browser.
pub const CLEARED_GOOGLE_COOKIE: &str =
    "__Host-aius_google=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Returns the `Set-Cookie` value of a new sign-in with Google.
pub fn google_cookie(flow: &str) -> String {
    let age = google::PENDING_AUTHORIZATION_TTL.as_secs();
    format!("{GOOGLE_COOKIE}={flow}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}")
}

/// Returns the sealed flow of the sign-in that this browser began with Google.
pub fn google_flow(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, GOOGLE_COOKIE)
}

/// Name of the cookie that recognizes the browser of a registration.
const REGISTRATION_COOKIE: &str = "__Host-aius_registration";

/// Returns the `Set-Cookie` value of a registration. It lasts until an unverified account is erased.
pub fn registration_cookie(token: &RegistrationToken) -> String {
    let (age, token) = (REGISTRATION_TTL.as_secs(), token.reveal());
    format!("{REGISTRATION_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}")
}

/// Returns the token of a registration in the request's cookies.
pub fn registration_token(headers: &HeaderMap) -> Option<RegistrationToken> {
    cookie(headers, REGISTRATION_COOKIE).and_then(RegistrationToken::parse)
}

/// Name of the cookie that keeps the challenge of a sign-in which waits for its second factor.
const CHALLENGE_COOKIE: &str = "__Host-aius_challenge";

/// `Set-Cookie` value that removes a challenge from the browser.
pub const CLEARED_CHALLENGE_COOKIE: &str =
    "__Host-aius_challenge=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Returns the `Set-Cookie` value of a challenge, so that its token is in no URL. It lasts as long as the challenge.
pub fn challenge_cookie(token: &str) -> String {
    let age = CHALLENGE_TTL.as_secs();
    format!("{CHALLENGE_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}")
}

/// Returns the token of the challenge in the request's cookies.
pub fn challenge_token(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, CHALLENGE_COOKIE)
}

/// Returns the session token in the request's cookies.
pub(super) fn session_token(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, SESSION_COOKIE)
}

/// Returns the value of a cookie, the first if its name is repeated: browsers send the most specific
/// cookie first, and `__Host-` allows only one.
pub fn cookie<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_in(cookies: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        session_token(&headers).map(str::to_owned)
    }

    #[test]
    fn finds_the_cookie_among_others() {
        assert_eq!(token_in(&["a=b; __Host-aius_session=eyJ.x=; c"]).as_deref(), Some("eyJ.x="));
        assert_eq!(token_in(&["a=b", "__Host-aius_session=t"]).as_deref(), Some("t"));
        assert_eq!(token_in(&["aius_session=t; __host-aius_session=t"]), None);
        assert_eq!(token_in(&[]), None);
    }

    #[test]
    fn sets_every_protective_attribute() {
        assert_eq!(
            session_cookie("t"),
            "__Host-aius_session=t; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000"
        );
        assert_eq!(
            challenge_cookie("t"),
            "__Host-aius_challenge=t; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=300"
        );
        let token = RegistrationToken::parse(&"A".repeat(43)).unwrap();
        let cookie = registration_cookie(&token);
        let attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800";
        assert_eq!(cookie, format!("__Host-aius_registration={}{attributes}", token.reveal()));
    }
}
