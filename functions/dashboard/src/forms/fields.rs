//! The fields of a submitted form.

use axum::extract::Query;
use axum::http::Uri;

use super::uploaded_file::UploadedFile;

/// Fields that the service adds to every form. They are not part of what a person typed.
const SERVICE_FIELDS: [&str; 6] =
    ["csrf", "idempotency_key", "page", "reauth", "reauth_password", "reauth_code"];

/// Fields whose values are never shown again nor kept while a person signs in.
const SECRET_FIELDS: [&str; 10] = [
    "password",
    "new_password",
    "new_password_again",
    "current_password",
    "code",
    "recovery_codes",
    "token",
    "slack_webhook_url",
    "reauth_password",
    "reauth_code",
];

/// The fields of a submitted form in their order, and its files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pairs: Vec<(String, String)>,
    files: Vec<UploadedFile>,
}

impl Fields {
    /// Creates the fields of a form.
    pub(super) fn new(pairs: Vec<(String, String)>, files: Vec<UploadedFile>) -> Self {
        Self { pairs, files }
    }

    /// Parses a URL-encoded form; `None` if it cannot be decoded.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uri = Uri::builder().path_and_query(format!("/?{text}")).build().ok()?;
        let Query(pairs) = Query::try_from_uri(&uri).ok()?;
        Some(Self::new(pairs, Vec::new()))
    }

    /// Returns the first value of a field, or an empty text.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// Returns the first value of a field, or `None` if it is absent or blank.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.trim().is_empty())
    }

    /// Returns what a person made of a field, which may be empty, or `None` if they left it as the form showed it. The
    /// form's field `before_<name>` has the value that was shown. So a form changes nothing that its person did not
    /// touch, such as a field that was changed in another tab meanwhile.
    pub(crate) fn edited(&self, name: &str) -> Option<&str> {
        (!self.is_untouched(name)).then(|| self.get(name))
    }

    fn is_untouched(&self, name: &str) -> bool {
        let before = format!("before_{name}");
        self.has(&before) && self.get(&before) == self.get(name)
    }

    /// Returns all values of a field, such as those of ticked boxes.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let pairs = self.pairs.iter().filter(|(own, _)| own == name);
        pairs.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns whether the form has the field. A box that is not ticked sends none.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(own, _)| own == name)
    }

    /// Returns the uploaded file of a field, if one was chosen.
    pub(crate) fn file(&self, name: &str) -> Option<&UploadedFile> {
        self.files.iter().find(|file| file.field == name && !file.name.is_empty())
    }

    /// Returns the uploaded files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &UploadedFile> {
        self.files.iter()
    }

    /// Returns what was typed, with the secrets: for the form that goes on after a proof of identity.
    pub(crate) fn typed(&self) -> Vec<(&str, &str)> {
        let typed = self.pairs.iter().filter(|(name, _)| !SERVICE_FIELDS.contains(&name.as_str()));
        typed.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Returns what was typed without secrets, for showing it again. A field that was left as it was shows its present
    /// value.
    pub(crate) fn without_secrets(&self) -> Self {
        let is_shown = |(name, _): &&(String, String)| {
            !SERVICE_FIELDS.contains(&name.as_str())
                && !SECRET_FIELDS.contains(&name.as_str())
                && !self.is_untouched(name)
        };
        Self { pairs: self.pairs.iter().filter(is_shown).cloned().collect(), files: Vec::new() }
    }

    /// Encodes the fields as a URL-encoded form.
    pub(crate) fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_fields_keep_all_values() {
        let fields = Fields::parse("scopes=a&scopes=b&name=Ada+L%C3%B6w&empty=").unwrap();
        assert_eq!(fields.all("scopes"), ["a", "b"]);
        assert_eq!(fields.get("name"), "Ada Löw");
        assert_eq!((fields.optional("empty"), fields.has("empty")), (None, true));
        assert_eq!((fields.get("other"), fields.has("other")), ("", false));
    }

    #[test]
    fn a_field_is_edited_if_it_differs_from_what_was_shown() {
        let fields = "before_a=1&a=1&before_b=1&b=2&before_c=1&c=&d=4";
        let fields = Fields::parse(fields).unwrap();
        let edited = ["a", "b", "c", "d"].map(|name| fields.edited(name));
        assert_eq!(edited, [None, Some("2"), Some(""), Some("4")]);
        let shown = fields.without_secrets();
        assert_eq!((shown.has("a"), shown.has("b")), (false, true));
    }

    #[test]
    fn secrets_are_not_shown_again() {
        let fields = Fields::parse("csrf=x&password=y&name=z&idempotency_key=k").unwrap();
        assert_eq!(fields.without_secrets().encode(), "name=z");
        assert_eq!(fields.typed(), [("password", "y"), ("name", "z")]);
    }
}
