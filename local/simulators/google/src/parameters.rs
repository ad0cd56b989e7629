//! The parameters of a query string or a form.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

const FORM_MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// All parameters in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestParameters(Vec<(String, String)>);

/// The error for a parameter that was sent more than once, which OAuth forbids (RFC 6749, sections 3.1
/// and 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RepeatedParameter;

impl RequestParameters {
    /// Parses a query string.
    pub(crate) fn from_query(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Parses a form. Returns `None` if the `Content-Type` is not that of a form.
    pub(crate) fn from_form(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = content_type.split(';').next()?.trim();
        let is_form = media_type.eq_ignore_ascii_case(FORM_MEDIA_TYPE);
        is_form.then(|| Self(form_urlencoded::parse(body).into_owned().collect()))
    }

    /// Returns the value of a parameter. An empty value counts as missing.
    ///
    /// # Errors
    /// Fails if the parameter was sent more than once.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, RepeatedParameter> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.map(String::as_str).filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(RepeatedParameter),
        }
    }

    /// Returns whether any parameter was sent more than once.
    pub(crate) fn has_repeated(&self) -> bool {
        self.0.iter().any(|(name, _)| self.get(name).is_err())
    }

    /// Returns the parameters with these names, in the order in which they were sent.
    pub(crate) fn select(&self, names: &[&str]) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_parameters_are_refused() {
        let parameters = RequestParameters::from_query("a=1%202&b=&c=1&c=1");
        assert_eq!(parameters.get("a"), Ok(Some("1 2")));
        assert_eq!(parameters.get("b"), Ok(None));
        assert_eq!(parameters.get("c"), Err(RepeatedParameter));
        assert_eq!(parameters.get("d"), Ok(None));
        assert!(parameters.has_repeated());
        assert!(!RequestParameters::from_query("a=1&b=2").has_repeated());
    }
}
