//! The offer to add a passkey, which the first page after a sign-in with a password makes. It is kept in a cookie.

use axum::http::HeaderMap;
use shared::http;

/// Name of the cookie with the offer.
const OFFER_COOKIE: &str = "__Host-aius_offer";

/// `Set-Cookie` value that lets the next page make the offer.
pub(crate) const PASSKEY_OFFER_COOKIE: &str =
    "__Host-aius_offer=passkey; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60";

/// `Set-Cookie` value that removes the offer.
pub(crate) const CLEARED_PASSKEY_OFFER_COOKIE: &str =
    "__Host-aius_offer=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Returns whether the browser has just signed in with a password.
pub(crate) fn has_passkey_offer(headers: &HeaderMap) -> bool {
    http::cookie(headers, OFFER_COOKIE) == Some("passkey")
}
