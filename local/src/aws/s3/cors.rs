//! CORS: answers preflight requests, and marks the responses that pages of another origin may read.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::template::CorsRule;

/// The CORS rules of the bucket and the origin that they allow.
#[derive(Clone)]
pub(super) struct Cors(Arc<(Vec<CorsRule>, String)>);

impl Cors {
    /// Creates rules for pages of one origin.
    pub(super) fn new(rules: Vec<CorsRule>, origin: String) -> Self {
        Self(Arc::new((rules, origin)))
    }

    fn origin(&self) -> &str {
        &self.0.1
    }

    /// Returns the rule that allows pages of this origin to send this method with these headers.
    fn rule(&self, origin: &str, method: &str, headers: &str) -> Option<&CorsRule> {
        let rules = self.0.0.iter().filter(|_| origin == self.origin());
        let mut allowing = rules.filter(|rule| {
            let allows = |header: &str| {
                rule.allowed_headers.iter().any(|name| name.eq_ignore_ascii_case(header))
            };
            rule.allowed_methods.iter().any(|name| name == method)
                && headers.split(',').map(str::trim).filter(|h| !h.is_empty()).all(allows)
        });
        allowing.next()
    }
}

/// Answers preflight requests, and adds the CORS headers to other responses.
pub(super) async fn apply(State(cors): State<Cors>, request: Request, next: Next) -> Response {
    let origin = text(request.headers(), &ORIGIN);
    let headers = text(request.headers(), &ACCESS_CONTROL_REQUEST_HEADERS);
    if request.method() == Method::OPTIONS {
        let method = text(request.headers(), &ACCESS_CONTROL_REQUEST_METHOD);
        return match cors.rule(&origin, &method, &headers) {
            Some(rule) => preflight(cors.origin(), rule, &headers),
            None => StatusCode::FORBIDDEN.into_response(),
        };
    }
    let is_allowed = cors.rule(&origin, request.method().as_str(), "").is_some();
    let mut response = next.run(request).await;
    if is_allowed && let Ok(origin) = HeaderValue::from_str(cors.origin()) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
    }
    response
}

fn preflight(origin: &str, rule: &CorsRule, headers: &str) -> Response {
    let fields = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, origin.to_owned()),
        (ACCESS_CONTROL_ALLOW_METHODS, rule.allowed_methods.join(", ")),
        (ACCESS_CONTROL_ALLOW_HEADERS, headers.to_owned()),
        (ACCESS_CONTROL_MAX_AGE, rule.max_age.to_string()),
    ];
    fields.into_response()
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
