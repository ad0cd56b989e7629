//! The session's cookie, and the one of a sign-in that is at Google.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

use crate::google;
use crate::sessions::SESSION_TTL;

/// Its name. `__Host-` makes browsers insist on `Secure`, on `Path=/` and on no `Domain`
/// (RFC 6265bis 4.1.3.2): no other host can set or read it.
pub const SESSION_COOKIE: &str = "__Host-aius_session";

/// `Set-Cookie` that ends the session in the browser.
pub const CLEARED_SESSION_COOKIE: &str =
    "__Host-aius_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// `Set-Cookie` that gives the browser a session.
pub fn session_cookie(token: &str) -> String {
    let age = SESSION_TTL.as_secs();
    format!("{SESSION_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}")
}

/// The cookie of a sign-in while its user is at Google. `Lax` lets it come back with the redirect.
const GOOGLE_COOKIE: &str = "__Host-aius_google";

/// `Set-Cookie` that ends a sign-in with Google in the browser.
pub const CLEARED_GOOGLE_COOKIE: &str =
    "__Host-aius_google=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// `Set-Cookie` that keeps a sign-in while its user is at Google.
pub fn google_cookie(flow: &str) -> String {
    let age = google::FLOW_TTL.as_secs();
    format!("{GOOGLE_COOKIE}={flow}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}")
}

/// The sign-in that this browser began with Google.
pub fn google_flow(headers: &HeaderMap) -> Option<&str> {
    value(headers, GOOGLE_COOKIE)
}

/// The session token that came as a cookie.
pub(super) fn session_token(headers: &HeaderMap) -> Option<&str> {
    value(headers, SESSION_COOKIE)
}

/// A cookie's value. With the name twice, the first counts, as browsers send
/// the most specific first; `__Host-` leaves them no second.
fn value<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
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
    fn the_cookie_is_found_among_others() {
        assert_eq!(token_in(&["a=b; __Host-aius_session=eyJ.x=; c"]).as_deref(), Some("eyJ.x="));
        assert_eq!(token_in(&["a=b", "__Host-aius_session=t"]).as_deref(), Some("t"));
        assert_eq!(token_in(&["aius_session=t; __host-aius_session=t"]), None);
        assert_eq!(token_in(&[]), None);
    }

    #[test]
    fn it_is_set_with_every_protection() {
        assert_eq!(
            session_cookie("t"),
            "__Host-aius_session=t; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000"
        );
    }
}
