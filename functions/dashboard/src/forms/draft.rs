//! Keeps what a person typed while they sign in again.

use axum::http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use shared::http;

use super::fields::Fields;
use super::form_state::FormState;

/// Name of the cookie with the draft.
const DRAFT_COOKIE: &str = "__Host-aius_draft";

/// `Set-Cookie` value that removes the draft.
pub(super) const CLEARED_DRAFT_COOKIE: &str =
    "__Host-aius_draft=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Time for signing in again.
const DRAFT_TTL_SECONDS: u32 = 15 * 60;

/// Maximum length of the encoded draft. Browsers keep cookies of at least 4,096 bytes (RFC 6265, section 6.1).
const MAX_DRAFT_LEN: usize = 3_500;

/// Returns the `Set-Cookie` value that keeps what was typed into a form of a page, without secrets. Returns `None` if
/// it is too long.
pub(super) fn draft_cookie(page: &str, action: &str, fields: &Fields) -> Option<String> {
    let draft = form_urlencoded::Serializer::new(String::new())
        .append_pair("page", page)
        .append_pair("action", action)
        .append_pair("fields", &fields.without_secrets().encode())
        .finish();
    let value = utf8_percent_encode(&draft, NON_ALPHANUMERIC).to_string();
    let is_short = value.len() <= MAX_DRAFT_LEN;
    is_short.then(|| {
        format!(
            "{DRAFT_COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={DRAFT_TTL_SECONDS}"
        )
    })
}

/// Returns the kept form of a page.
pub(super) fn draft_of_page(headers: &HeaderMap, page: &str) -> Option<FormState> {
    let value = http::cookie(headers, DRAFT_COOKIE)?;
    let text = percent_decode_str(value).decode_utf8().ok()?;
    let draft = Fields::parse(&text)?;
    if draft.get("page") != page {
        return None;
    }
    let fields = Fields::parse(draft.get("fields"))?;
    Some(FormState::restored(draft.get("action").to_owned(), fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_found_on_its_page_without_secrets() {
        let fields = Fields::parse("name=Ada+%C3%B6&password=secret").unwrap();
        let cookie = draft_cookie("/account/profile", "/account/profile/name", &fields).unwrap();
        assert!(!cookie.contains("secret"));
        let mut headers = HeaderMap::new();
        let pair = cookie.split(';').next().unwrap();
        headers.insert("cookie", pair.parse().unwrap());
        let state = draft_of_page(&headers, "/account/profile").unwrap();
        assert_eq!(
            (state.action.as_str(), state.fields.get("name")),
            ("/account/profile/name", "Ada ö")
        );
        assert!(draft_of_page(&headers, "/account/security").is_none());
    }
}
