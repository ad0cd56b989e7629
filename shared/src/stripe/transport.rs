//! Sends a request to Stripe's API and parses the response.
//!
//! The client of `async-stripe` is not used: it would keep connections of its own, and its error type has every object
//! of Stripe in it, which makes a function several megabytes larger.

use std::time::Duration;

use ::stripe::StripeRequest;
use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderValue, Method, Request};
use miniserde::Deserialize;
use miniserde::json::from_str;
use stripe_client_core::StripeMethod;
use stripe_shared::version::VERSION;

use crate::https::{HttpsClient, HttpsError, RequestLimits};

/// The limits of one call. Stripe usually answers within a second, and two attempts must fit into half of a request's
/// time. A list of a hundred objects has less than a megabyte.
const LIMITS: RequestLimits =
    RequestLimits { timeout: Duration::from_millis(2_500), max_response_bytes: 8 * 1024 * 1024 };

/// The `User-Agent` of all requests.
const AGENT: HeaderValue = HeaderValue::from_static("aius (async-stripe)");

/// Our account at Stripe, for one call.
pub(super) struct Transport<'t> {
    pub(super) https: &'t HttpsClient,
    /// The URL before `v1`, with a slash at its end.
    pub(super) base: &'t str,
    pub(super) secret_key: &'t str,
}

/// The reason why a call has no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum StripeFailure {
    /// Stripe refused the call.
    #[error("Stripe refused a call with {status}: {error}")]
    Refused {
        /// The status of the response.
        status: u16,
        /// The error in the response.
        error: ApiError,
    },
    /// Stripe did not respond.
    #[error("Stripe sent no response")]
    NoResponse(#[source] HttpsError),
    /// The response is not what Stripe's API returns. A proxy in front of Stripe answers in another format.
    #[error("a response of Stripe with status {0} cannot be read")]
    Unreadable(u16),
    /// The request cannot be sent.
    #[error("a request to Stripe is invalid")]
    Invalid(#[from] axum::http::Error),
}

/// An error of Stripe's API, without its message and without the values that were sent.
/// <https://docs.stripe.com/api/errors>
#[derive(Debug, Deserialize)]
pub(super) struct ApiError {
    /// The kind, such as `invalid_request_error`.
    #[serde(rename = "type")]
    kind: String,
    /// The code, such as `charge_already_refunded`.
    pub(super) code: Option<String>,
    /// The parameter that is wrong.
    param: Option<String>,
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [code, param] =
            [&self.code, &self.param].map(|text| text.as_deref().unwrap_or_default());
        write!(f, "{} {code} {param}", self.kind)
    }
}

#[derive(Deserialize)]
struct ErrorDocument {
    error: ApiError,
}

impl Transport<'_> {
    /// Sends a request once. Stripe carries out a write once per idempotency key.
    pub(super) async fn send<T: Deserialize>(
        &self,
        request: &impl StripeRequest,
        idempotency_key: Option<&str>,
    ) -> Result<T, StripeFailure> {
        let request = self.request(request, idempotency_key)?;
        let response = self.https.send(request, LIMITS).await.map_err(StripeFailure::NoResponse)?;
        let status = response.status();
        let unreadable = || StripeFailure::Unreadable(status.as_u16());
        let text = std::str::from_utf8(response.body()).map_err(|_| unreadable())?;
        if status.is_success() {
            return from_str(text).map_err(|_| unreadable());
        }
        let ErrorDocument { error } = from_str(text).map_err(|_| unreadable())?;
        Err(StripeFailure::Refused { status: status.as_u16(), error })
    }

    fn request(
        &self,
        request: &impl StripeRequest,
        idempotency_key: Option<&str>,
    ) -> Result<Request<Bytes>, axum::http::Error> {
        let built = request.build();
        let method = match built.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let query = built.query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}v1{}{query}", self.base, built.path))
            .header(AUTHORIZATION, format!("Bearer {}", self.secret_key))
            .header(USER_AGENT, AGENT)
            .header("stripe-version", VERSION.as_str());
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if built.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        request.body(built.body.unwrap_or_default().into())
    }
}
