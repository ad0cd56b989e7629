//! Parameters of a query or a form.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

const FORM: &str = "application/x-www-form-urlencoded";

/// All parameters, as they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters(Vec<(String, String)>);

/// A parameter that was sent more than once, which OAuth forbids (RFC 6749 3.1, 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeated;

impl Parameters {
    pub(super) fn of_query(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Those of a form's body; `None` where the headers don't say that it is one.
    pub(super) fn of_form(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = content_type.split(';').next()?.trim();
        let is_form = essence.eq_ignore_ascii_case(FORM);
        is_form.then(|| Self(form_urlencoded::parse(body).into_owned().collect()))
    }

    /// A parameter's value. One that is empty counts as left out.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.map(String::as_str).filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(Repeated),
        }
    }

    /// Whether any was sent more than once.
    pub(super) fn any_repeated(&self) -> bool {
        self.0.iter().any(|(name, _)| self.get(name).is_err())
    }

    /// Those of given names, in the order in which they were sent.
    pub(super) fn only(&self, names: &[&str]) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_there_once_or_not_at_all() {
        let parameters = Parameters::of_query("a=1%202&b=&c=1&c=1");
        assert_eq!(parameters.get("a"), Ok(Some("1 2")));
        assert_eq!(parameters.get("b"), Ok(None));
        assert_eq!(parameters.get("c"), Err(Repeated));
        assert_eq!(parameters.get("d"), Ok(None));
        assert!(parameters.any_repeated());
        assert!(!Parameters::of_query("a=1&b=2").any_repeated());
    }
}
