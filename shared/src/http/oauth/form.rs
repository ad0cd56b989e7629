//! URL-encoded bodies of requests.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;

use super::OAuthRejection;
use crate::device_sign_in::FlowError;
use crate::error::Error;
use crate::http::MAX_BODY_BYTES;

/// The parameters of a URL-encoded body. As RFC 6749, 3.2 asks, a parameter without a value counts as absent, a
/// repeated one is refused, and unknown ones are ignored.
#[derive(Debug)]
pub struct OAuthForm(BTreeMap<String, String>);

impl OAuthForm {
    /// Returns a parameter.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns a parameter that must be present.
    ///
    /// # Errors
    /// [`FlowError::InvalidRequest`] if it is absent.
    pub fn required(&self, name: &'static str) -> Result<&str, FlowError> {
        let missing = || FlowError::InvalidRequest(Error::missing(name));
        self.optional(name).filter(|value| !value.trim().is_empty()).ok_or_else(missing)
    }

    fn parse(body: &[u8]) -> Result<Self, FlowError> {
        let invalid = |why: &str| FlowError::InvalidRequest(Error::invalid_field("body", why));
        let text = std::str::from_utf8(body).map_err(|_| invalid("must be UTF-8"))?;
        let mut parameters = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = decode(name).zip(decode(value));
            let (name, value) = decoded.ok_or_else(|| invalid("must be URL-encoded UTF-8"))?;
            if !value.is_empty() && parameters.insert(name, value).is_some() {
                return Err(invalid("must not repeat a parameter"));
            }
        }
        Ok(Self(parameters))
    }
}

/// Decodes a name or a value, in which `+` stands for a space.
fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

impl<S: Sync> FromRequest<S> for OAuthForm {
    type Rejection = OAuthRejection;

    async fn from_request(request: Request, _state: &S) -> Result<Self, OAuthRejection> {
        let (parts, body) = request.into_parts();
        if !is_form(&parts.headers) {
            return Err(OAuthRejection::UnsupportedMediaType);
        }
        let body = axum::body::to_bytes(body, MAX_BODY_BYTES).await;
        let body = body.map_err(|_| Error::TooLarge(MAX_BODY_BYTES))?;
        Ok(Self::parse(&body)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(body: &str) -> Option<OAuthForm> {
        OAuthForm::parse(body.as_bytes()).ok()
    }

    #[test]
    fn parameters_are_decoded() {
        let form = parse("client_id=aius+cli%C3%A9&scope=a%20b&empty=&&x").unwrap();
        assert_eq!(form.optional("client_id"), Some("aius clié"));
        assert_eq!(form.required("scope").unwrap(), "a b");
        for name in ["empty", "x", "other"] {
            assert_eq!(form.optional(name), None);
        }
        assert!(matches!(form.required("empty"), Err(FlowError::InvalidRequest(_))));
    }

    #[test]
    fn repeated_and_undecodable_parameters_are_refused() {
        for body in ["a=1&a=2", "a=1&%61=2", "a=%ff", "%c3=1"] {
            assert!(parse(body).is_none(), "{body}");
        }
        assert!(OAuthForm::parse(b"a=\xff").is_err());
        // A parameter without a value counts as absent.
        assert_eq!(parse("a=&a=2").unwrap().optional("a"), Some("2"));
    }

    proptest! {
        #[test]
        fn any_body_is_parsed_or_refused(body in "\\PC{0,120}") {
            let _ = parse(&body);
        }
    }
}
