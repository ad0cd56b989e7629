//! Who asks, and in which version of the API.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use data_encoding::BASE64;

use super::Stripe;
use super::public::VERSION;
use super::refusal::Refusal;

/// Whether the request has the account's key, as a bearer or as the name of a user.
pub(super) fn authorized(stripe: &Stripe, headers: &HeaderMap) -> Result<(), Refusal> {
    let refused =
        |message: String| Err(Refusal::invalid(message).with_status(StatusCode::UNAUTHORIZED));
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, credential)) = given.and_then(|given| given.split_once(' ')) else {
        let message = "You did not provide an API key. You need to provide your API key in the \
            Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        return refused(message.to_owned());
    };
    let key = if scheme.eq_ignore_ascii_case("basic") {
        let user = BASE64
            .decode(credential.trim().as_bytes())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        user.unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
    } else {
        credential.trim().to_owned()
    };
    if key != stripe.account.secret_key {
        let end: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        return refused(format!("Invalid API Key provided: sk_test_****{end}"));
    }
    Ok(())
}

/// One version is simulated; whoever names none gets it.
pub(super) fn version(asked: Option<&str>) -> Result<(), Refusal> {
    match asked {
        None | Some(VERSION) => Ok(()),
        Some(other) => {
            let message =
                format!("Invalid Stripe API version: {other}. The local stack knows {VERSION}");
            Err(Refusal::invalid(message))
        }
    }
}
