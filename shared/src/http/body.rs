//! JSON bodies.

use std::fmt;

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Longest body of a request, in bytes, unless its route says otherwise.
pub const MOST_BODY_BYTES: usize = 64 * 1024;

/// A body of JSON with the fields of `T`; unknown fields are ignored.
///
/// Refused with the error that names what is wrong: too long, not declared as JSON, not JSON, a
/// field twice, missing or null, or of the wrong type.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _state: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let text = read(&parts.headers, body, MOST_BODY_BYTES).await?;
        parse(&text).map(Self)
    }
}

/// The body's text, when it is declared as JSON and has no more than `most` bytes.
pub(super) async fn read(
    headers: &HeaderMap,
    body: axum::body::Body,
    most: usize,
) -> Result<String> {
    if !is_json(headers) {
        return Err(Error::UnsupportedMediaType);
    }
    let bytes = axum::body::to_bytes(body, most).await.map_err(|_| Error::BodyTooLarge(most))?;
    String::from_utf8(bytes.into()).map_err(|_| Error::InvalidJson("The body is not UTF-8".into()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// A field that has to say something: [`Error::Missing`] when it is empty or blank.
pub fn not_blank(field: &'static str, text: &str) -> Result<()> {
    if text.trim().is_empty() { Err(Error::missing(field)) } else { Ok(()) }
}

/// For `deserialize_with` of an optional field: tells null, which clears it, from one that wasn't sent.
pub fn sent<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// Reads the fields of `T` from JSON text.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = NoDuplicates.deserialize(&mut json).map_err(|e| not_json(&e))?;
    json.end().map_err(|e| not_json(&e))?;
    if !value.is_object() {
        return Err(Error::InvalidJson("The body must be a JSON object".into()));
    }
    // From the text once more: numbers keep all their digits, which a `Value` rounds.
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| misfit(&value, &error))
}

/// Says where the text broke, without quoting it: it may hold a password.
fn not_json(error: &serde_json::Error) -> Error {
    if error.is_data() {
        // Ours: see `NoDuplicates`. It names a field's position, not its name.
        return Error::InvalidJson(format!("A key occurs twice, line {}", error.line()));
    }
    Error::InvalidJson(format!(
        "The body is not valid JSON, line {} column {}",
        error.line(),
        error.column()
    ))
}

/// Which field doesn't fit, and how.
fn misfit(value: &Value, error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let inner = error.inner();
    let place = format!(" at line {} column {}", inner.line(), inner.column());
    let text = inner.to_string();
    let text = text.strip_suffix(&place).unwrap_or(&text);
    // serde's derive words this so; `a_missing_field_is_named` below would notice a change.
    if let Some(field) = text.strip_prefix("missing field `").and_then(|t| t.split('`').next()) {
        let field = if path == "." { field.to_owned() } else { format!("{path}_{field}") };
        return Error::missing(field);
    }
    let sent = path.split('.').try_fold(value, |value, name| value.get(name));
    match sent {
        Some(Value::Null) => Error::missing(path),
        Some(_) | None => Error::invalid_field(&path, expectation(text)),
    }
}

/// The half of serde's sentence that doesn't quote what was sent.
fn expectation(text: &str) -> String {
    match text.rsplit_once("expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "not a value for this field".to_owned(),
    }
}

/// Reads any JSON, but no object in which a key occurs twice: which of the two counts is what
/// parsers disagree about, and what attackers use.
struct NoDuplicates;

impl<'de> DeserializeSeed<'de> for NoDuplicates {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NoDuplicates {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = array.next_element_seed(NoDuplicates)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(serde::de::Error::custom("a key occurs twice"));
            }
            fields.insert(name, object.next_value_seed(NoDuplicates)?);
        }
        Ok(fields.into())
    }
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

    fn error(text: &str) -> Error {
        parse::<Sample>(text).unwrap_err()
    }

    #[test]
    fn fields_are_read_and_unknown_ones_ignored() {
        let sample: Sample =
            parse(r#"{"email":"é","days":3,"more":{"a":[1,null,true,1.5]}}"#).unwrap();
        assert_eq!((sample.email.as_str(), sample.days), ("é", Some(3)));
    }

    #[test]
    fn a_missing_field_is_named() {
        for text in ["{}", r#"{"email":null}"#, r#"{"Email":"x"}"#] {
            assert!(matches!(error(text), Error::Missing(f) if f == "email"), "{text}");
        }
    }

    #[test]
    fn a_wrong_type_is_named_and_the_value_not_quoted() {
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
    fn what_is_not_a_json_object_is_refused() {
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
            assert!(matches!(error(text), Error::InvalidJson(_)), "{text}");
        }
        let deep = format!("{{\"email\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(matches!(error(&deep), Error::InvalidJson(_)));
    }

    #[test]
    fn a_key_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"email":"a","email":"b"}"#,
            r#"{"email":"a","x":[{"y":1,"y":1}]}"#,
            r#"{"email":"a","\u0065mail":"b"}"#,
        ] {
            assert!(matches!(error(text), Error::InvalidJson(_)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,200}") {
            let _ = parse::<Sample>(&text);
        }
    }
}
