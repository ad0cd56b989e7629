//! Extractors for JSON bodies.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer};
use serde_json::value::RawValue;

use super::duplicate_keys::{JsonKind, NoDuplicates};
use super::type_rule::type_rule;
use super::{Rejection, Result};
use crate::error::{self, Error};

/// Largest body of a request in bytes, on routes without a limit of their own.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A JSON body with the fields of `T`. Ignores unknown fields.
///
/// Rejects a body with:
/// - `UnsupportedMediaType` if it is not declared as JSON.
/// - `BodyTooLarge` above [`MAX_BODY_BYTES`].
/// - `InvalidJson` if it is not a JSON object or repeats a key.
/// - `Missing` if a required field is absent or null.
/// - `InvalidField` if a field has the wrong type.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, _state: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let text = read(&parts.headers, body, MAX_BODY_BYTES).await?;
        parse(&text).map(Self)
    }
}

/// Reads the text of a body that is declared as JSON and has at most `max_bytes`.
pub(super) async fn read(
    headers: &HeaderMap,
    body: axum::body::Body,
    max_bytes: usize,
) -> Result<String> {
    if !is_json(headers) {
        return Err(Rejection::UnsupportedMediaType);
    }
    let bytes = axum::body::to_bytes(body, max_bytes)
        .await
        .map_err(|_| Rejection::BodyTooLarge(max_bytes))?;
    String::from_utf8(bytes.into())
        .map_err(|_| Rejection::InvalidJson("The body is not UTF-8".into()))
}

/// Reads the text of a body as [`read`] does, and an absent one as an object without fields.
pub(super) async fn read_optional(
    headers: &HeaderMap,
    body: axum::body::Body,
    max_bytes: usize,
) -> Result<String> {
    let too_large = |_| Rejection::BodyTooLarge(max_bytes);
    let bytes = axum::body::to_bytes(body, max_bytes).await.map_err(too_large)?;
    if bytes.is_empty() { Ok("{}".into()) } else { read(headers, bytes.into(), max_bytes).await }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Checks that a required field is not blank.
///
/// # Errors
/// `Missing` if the text is empty or consists of whitespace.
pub fn require_not_blank(field: &'static str, text: &str) -> error::Result<()> {
    if text.trim().is_empty() { Err(Error::missing(field)) } else { Ok(()) }
}

/// Deserializes an optional field so that null, which clears it (`Some(None)`), differs from an absent
/// field (`None`). For serde's `deserialize_with`.
///
/// # Errors
/// The deserializer's error if the value is neither a string nor null.
pub fn deserialize_nullable<'de, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// Parses the fields of `T` from JSON text.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let kind = NoDuplicates.deserialize(&mut json).map_err(|error| invalid_json(&error))?;
    json.end().map_err(|error| invalid_json(&error))?;
    if kind != JsonKind::Object {
        return Err(Rejection::InvalidJson("The body must be a JSON object".into()));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut json);
    Ok(parsed.map_err(|error| field_error(text, &error))?)
}

/// States where the text is wrong. Does not quote it, because it may hold a password.
fn invalid_json(error: &serde_json::Error) -> Rejection {
    let line = error.line();
    if error.is_data() {
        // Only `NoDuplicates` raises data errors, and its texts quote nothing.
        let text = error.to_string();
        let rule = text.split(" at line ").next().unwrap_or_default();
        return Rejection::InvalidJson(format!("The body is not accepted: {rule}, line {line}"));
    }
    let column = error.column();
    Rejection::InvalidJson(format!("The body is not valid JSON, line {line} column {column}"))
}

/// Names the field that does not fit, and the rule that it breaks.
fn field_error(body: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let inner = error.inner();
    let position = format!(" at line {} column {}", inner.line(), inner.column());
    let text = inner.to_string();
    let text = text.strip_suffix(&position).unwrap_or(&text);
    // This is the wording of serde's derive. `names_a_missing_field` fails if it changes.
    if let Some(field) = text.strip_prefix("missing field `").and_then(|t| t.split('`').next()) {
        let field = if path == "." { field.to_owned() } else { format!("{path}_{field}") };
        return Error::missing(field);
    }
    if is_null(body, &path) {
        Error::missing(path)
    } else {
        Error::invalid_field(&path, type_rule(text))
    }
}

/// Returns whether the field at a path such as `a.b` is null.
fn is_null(body: &str, path: &str) -> bool {
    let sent = path.split('.').try_fold(body, |object, name| {
        let fields: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(object).ok()?;
        fields.get(name).map(|value| value.get())
    });
    sent == Some("null")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Sample {
        email: String,
        #[serde(default)]
        days: Option<u32>,
    }

    fn rejection(text: &str) -> Rejection {
        parse::<Sample>(text).unwrap_err()
    }

    fn error(text: &str) -> Error {
        match rejection(text) {
            Rejection::Operation(error) => error,
            Rejection::InvalidJson(_)
            | Rejection::BodyTooLarge(_)
            | Rejection::UnsupportedMediaType
            | Rejection::MissingBearer
            | Rejection::InvalidAuthorization
            | Rejection::EmptyBearer
            | Rejection::MissingSession
            | Rejection::BadOrigin
            | Rejection::MethodNotAllowed(_) => panic!("{text}: another rejection"),
        }
    }

    #[test]
    fn reads_fields_and_ignores_unknown_ones() {
        let sample: Sample =
            parse(r#"{"email":"é","days":3,"more":{"a":[1,null,true,1.5]}}"#).unwrap();
        assert_eq!((sample.email.as_str(), sample.days), ("é", Some(3)));
    }

    #[test]
    fn names_a_missing_field() {
        for text in ["{}", r#"{"email":null}"#, r#"{"Email":"x"}"#] {
            assert!(matches!(error(text), Error::Missing(f) if f == "email"), "{text}");
        }
    }

    #[test]
    fn names_a_field_of_the_wrong_type_without_quoting_it() {
        for text in [
            r#"{"email":5550123}"#,
            r#"{"email":["5550123"]}"#,
            r#"{"email":{"x":"5550123"}}"#,
            r#"{"email":true}"#,
            r#"{"email":"x","days":"5550123"}"#,
            r#"{"email":"x","days":-5550123}"#,
            r#"{"email":"x","days":5550123.5}"#,
        ] {
            let error = error(text);
            assert!(matches!(&error, Error::InvalidField { .. }), "{text}: {error:?}");
            assert!(!error.to_string().contains("5550123"), "{error}");
        }
    }

    #[test]
    fn rejects_everything_but_a_json_object() {
        for text in [
            "",
            " ",
            "null",
            "[]",
            "\"x\"",
            "3",
            "{",
            "{\"email\":\"x\"",
            "{\"email\":\"x\"} x",
            "{\"email\":\"a\nb\"}",
            "{'email':'x'}",
            "{\"email\":\"\\ud800\"}",
            "{\"email\":\"x\",}",
        ] {
            assert!(matches!(rejection(text), Rejection::InvalidJson(_)), "{text}");
        }
        let deep = format!("{{\"email\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(matches!(rejection(&deep), Rejection::InvalidJson(_)));
    }

    #[test]
    fn rejects_a_repeated_key_at_any_depth() {
        for text in [
            r#"{"email":"a","email":"b"}"#,
            r#"{"email":"a","x":[{"y":1,"y":1}]}"#,
            r#"{"email":"a","\u0065mail":"b"}"#,
        ] {
            assert!(matches!(rejection(text), Rejection::InvalidJson(_)), "{text}");
        }
    }

    #[test]
    fn states_the_rule_in_plain_words() {
        for (text, message) in [
            (r#"{"email":1}"#, "email: must be a string"),
            (r#"{"email":"x","days":"3"}"#, "days: must be a whole number, 0 or more"),
            (r#"{"email":"x","days":-3}"#, "days: must be a whole number, 0 or more"),
            (r#"{"email":"x","days":1.5}"#, "days: must be a whole number, 0 or more"),
            (r#"{"email":"x","days":true}"#, "days: must be a whole number, 0 or more"),
        ] {
            assert_eq!(error(text).to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn accepts_or_rejects_any_text(text in "\\PC{0,200}") {
            let _ = parse::<Sample>(&text);
        }
    }
}
