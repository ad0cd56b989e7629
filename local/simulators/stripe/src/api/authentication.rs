//! Checks the API key and the API version of a request.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use data_encoding::BASE64;

use crate::description::API_VERSION;
use crate::error::{ApiError, ApiResult};
use crate::simulator::StripeSimulator;

/// Checks that the request has the account's API key as a bearer token or as the Basic user name.
///
/// # Errors
/// Fails with 401 if the key is missing or wrong.
pub(crate) fn authenticate(stripe: &StripeSimulator, headers: &HeaderMap) -> ApiResult<()> {
    let refused = |message: String| {
        Err(ApiError::invalid_request(message).with_status(StatusCode::UNAUTHORIZED))
    };
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, credential)) = header.and_then(|header| header.split_once(' ')) else {
        let message = "You did not provide an API key. You need to provide your API key in the \
            Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        return refused(message.to_owned());
    };
    let key = if scheme.eq_ignore_ascii_case("basic") {
        let decoded = BASE64
            .decode(credential.trim().as_bytes())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        decoded.unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
    } else {
        credential.trim().to_owned()
    };
    if key != stripe.account_keys.secret_key {
        let end: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        return refused(format!("Invalid API Key provided: sk_test_****{end}"));
    }
    Ok(())
}

/// Checks the `Stripe-Version` header. A request without one gets the simulated version.
///
/// # Errors
/// Fails with 400 for any other version.
pub(crate) fn check_version(requested: Option<&str>) -> ApiResult<()> {
    match requested {
        None | Some(API_VERSION) => Ok(()),
        Some(other) => {
            let message = format!(
                "Invalid Stripe API version: {other}. The local stack simulates {API_VERSION}"
            );
            Err(ApiError::invalid_request(message))
        }
    }
}
