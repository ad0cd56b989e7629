//! The response of a page.

use askama::Template;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::IntoResponse;
use shared::error::Error;

use super::{PageError, PageResult};

/// Origins beyond the own one that a page works with.
#[derive(Clone, Debug, Default)]
pub(crate) struct PagePolicy {
    /// Origins to which a form's response redirects, such as that of Stripe's pages.
    pub(crate) form_targets: Vec<String>,
    /// Origins to which the script sends files.
    pub(crate) upload_targets: Vec<String>,
}

impl PagePolicy {
    fn header(&self) -> Result<HeaderValue, PageError> {
        let with_self = |others: &[String]| {
            std::iter::once("'self'")
                .chain(others.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {}; \
             form-action {}; frame-ancestors 'none'; base-uri 'none'",
            with_self(&self.upload_targets),
            with_self(&self.form_targets),
        );
        HeaderValue::from_str(&policy).map_err(|error| Error::internal(error).into())
    }
}

/// Renders a page.
///
/// # Errors
/// `Internal` if the template cannot be rendered.
pub(crate) fn html(page: &impl Template) -> PageResult {
    html_with_policy(page, &PagePolicy::default())
}

/// Renders a page that works with other origins.
///
/// # Errors
/// `Internal` if the template cannot be rendered.
pub(crate) fn html_with_policy(page: &impl Template, policy: &PagePolicy) -> PageResult {
    let text = page.render().map_err(Error::internal)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy.header()?),
        // Paths name organizations and projects, which are nobody else's business.
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, text).into_response())
}
