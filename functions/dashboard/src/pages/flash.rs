//! The message that a page shows once after a redirect, such as "Name changed". It is kept in a cookie.

use axum::http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use shared::http;

/// Name of the cookie with the message.
const FLASH_COOKIE: &str = "__Host-aius_flash";

/// `Set-Cookie` value that removes the message.
pub(crate) const CLEARED_FLASH_COOKIE: &str =
    "__Host-aius_flash=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Returns the `Set-Cookie` value that keeps a message for the next page.
pub(super) fn flash_cookie(message: &str) -> String {
    let value = utf8_percent_encode(message, NON_ALPHANUMERIC);
    format!("{FLASH_COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60")
}

/// Returns the message in a request's cookies.
pub(crate) fn flash_message(headers: &HeaderMap) -> Option<String> {
    let value = http::cookie(headers, FLASH_COOKIE)?;
    Some(percent_decode_str(value).decode_utf8().ok()?.into_owned())
}
