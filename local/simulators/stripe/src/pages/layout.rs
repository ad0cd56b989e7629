//! Rendering and formatting that all pages share.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use local_support::page;
use serde_json::Value;

use crate::error::ApiError;
use crate::operation::Operation;

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFoundPage<'p> {
    message: &'p str,
}

/// Renders a page. Its forms may lead to the stack and to the origins of the redirect URLs in `targets`.
pub(crate) fn render(status: StatusCode, page: &impl Template, targets: &[&str]) -> Response {
    let origins: Vec<_> = targets.iter().filter_map(|url| origin(url)).collect();
    let form_action = format!("'self' {}", origins.join(" "));
    page::render(status, page, &form_action)
}

/// Renders the page for an object that does not exist.
pub(crate) fn render_not_found(error: &ApiError) -> Response {
    render(error.status, &NotFoundPage { message: error.message() }, &[])
}

/// Returns the scheme, host and port of a URL.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.replace(['{', '}'], "").parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

/// Returns a field of a form, or an empty string if it is missing.
pub(crate) fn form_field(form: &[u8], name: &str) -> String {
    let mut fields = form_urlencoded::parse(form);
    fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Formats cents as dollars, such as `$0.05`.
pub(crate) fn format_cents(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}${}.{:02}", cents / 100, cents % 100)
}

/// Formats the date of a time in seconds since 1970, such as `31 Jan 2027`.
pub(crate) fn format_date(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds);
    time.map(|time| time.strftime("%d %b %Y").to_string()).unwrap_or_default()
}

/// Returns the text of a field, or an empty string if it is not a string.
pub(crate) fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Returns the text of a field for people, with spaces instead of underscores.
pub(crate) fn text_for_people(object: &Value, pointer: &str) -> String {
    text(object, pointer).replace('_', " ")
}

/// Returns the name of a customer, its email address, or its id.
pub(crate) fn customer_name(op: &Operation<'_>, id: &str) -> String {
    let named = ["/name", "/email"].into_iter().map(|pointer| op.text(id, pointer));
    named.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| id.to_owned())
}

/// Returns the integer in a field, or 0 if it is not an integer.
pub(crate) fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_dates_are_formatted() {
        assert_eq!(format_cents(5), "$0.05");
        assert_eq!(format_cents(-123_456), "-$1234.56");
        assert_eq!(format_date(1_801_390_000), "31 Jan 2027");
    }

    #[test]
    fn origin_leaves_out_path_and_query() {
        let url = "https://a.example:8443/x?y={CHECKOUT_SESSION_ID}";
        assert_eq!(origin(url).as_deref(), Some("https://a.example:8443"));
        assert_eq!(origin("/x"), None);
    }
}
