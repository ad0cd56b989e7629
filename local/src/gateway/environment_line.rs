//! The line on top of the dashboard's pages that leads to the tools of the local stack.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

/// The line. The dashboard's stylesheet has the class.
const LINE: &str = "<aside class=\"environment\" aria-label=\"Local stack\">Local stack \
    <a href=\"/account\">Dashboard</a> <a href=\"/local\">Outbox, clock and more</a> <a href=\"/local/stripe\">Stripe</a> \
    <a href=\"/docs\">API reference</a></aside>";

/// Part of the dashboard's pages: the folder of their stylesheet.
const STYLESHEET: &str = "/account/assets/";

/// Adds the line to a page of the dashboard. Leaves every other body as it is.
pub(super) fn with_environment_line(headers: &HeaderMap, mut body: String) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_page = content_type.is_some_and(|content_type| content_type.starts_with("text/html"));
    // The link that skips to the content stays the first of the page.
    if is_page
        && body.contains(STYLESHEET)
        && let Some(at) = body.find("<header")
    {
        body.insert_str(at, LINE);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html() -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "text/html; charset=utf-8".parse().unwrap());
        headers
    }

    #[test]
    fn only_pages_of_the_dashboard_get_the_line() {
        let page =
            "<link href=\"/account/assets/a.css\"><body><a href=\"#main\"></a><header></header>";
        let changed = with_environment_line(&html(), page.to_owned());
        assert!(changed.contains("<a href=\"#main\"></a><aside"), "{changed}");
        assert!(changed.contains("<a href=\"/account\">"), "{changed}");
        assert_eq!(with_environment_line(&HeaderMap::new(), page.to_owned()), page);
        let other = "<header>other</header>";
        assert_eq!(with_environment_line(&html(), other.to_owned()), other);
    }
}
