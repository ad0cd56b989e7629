//! What all pages have in common. No scripts.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::refusal::Refusal;

#[derive(Template)]
#[template(path = "stripe/gone.html")]
struct Gone<'p> {
    message: &'p str,
}

/// A page. Its forms lead to this stack, and to where `targets` are: browsers check where a form's answer
/// leads as well.
pub(super) fn show(status: StatusCode, page: &impl Template, targets: &[&str]) -> Response {
    let targets: Vec<_> = targets.iter().filter_map(|url| origin(url)).collect();
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
         form-action 'self' {}; frame-ancestors 'none'",
        targets.join(" ")
    );
    let headers = [(CONTENT_SECURITY_POLICY, policy.as_str()), (CACHE_CONTROL, "no-store")];
    match page.render() {
        Ok(text) => (status, headers, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(cause = ?error, "a page can't be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page that says what isn't there.
pub(super) fn gone(refusal: &Refusal) -> Response {
    show(refusal.status, &Gone { message: refusal.message() }, &[])
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.replace(['{', '}'], "").parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

/// A field of a form; empty where there is none.
pub(super) fn field(form: &[u8], name: &str) -> String {
    let mut fields = form_urlencoded::parse(form);
    fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Cents, as people write them.
pub(super) fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}${}.{:02}", cents / 100, cents % 100)
}

/// A day, such as `31 Jan 2027`.
pub(super) fn day(seconds: i64) -> String {
    let day = jiff::Timestamp::from_second(seconds);
    day.map(|day| day.strftime("%d %b %Y").to_string()).unwrap_or_default()
}

/// A field's text; empty where it is none.
pub(super) fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A field's whole number; 0 where it is none.
pub(super) fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_days_are_as_people_write_them() {
        assert_eq!(money(5), "$0.05");
        assert_eq!(money(-123_456), "-$1234.56");
        assert_eq!(day(1_801_390_000), "31 Jan 2027");
    }

    #[test]
    fn an_origin_is_all_that_a_form_may_lead_to() {
        let url = "https://a.example:8443/x?y={CHECKOUT_SESSION_ID}";
        assert_eq!(origin(url).as_deref(), Some("https://a.example:8443"));
        assert_eq!(origin("/x"), None);
    }
}
