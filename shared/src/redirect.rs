//! Redirect targets after a sign-in at Google or a page of Stripe: paths on our own site only.

use percent_encoding::percent_decode;
use serde::{Deserialize, Serialize};
use url::{Position, Url, form_urlencoded};

use crate::error::{Error, Result};

/// Maximum characters of a path with its query, both as given and as sent.
const MAX_PATH_LEN: usize = 512;

/// A path on the site of `BASE_URL`, with an optional query, that browsers read as such too. It has no
/// fragment, because the service adds its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SitePath(String);

impl SitePath {
    /// Parses the path in the field `field` of a request.
    ///
    /// # Errors
    /// [`Error::InvalidField`] unless the text is a path on this site, however often it is decoded.
    pub fn parse(field: &str, text: &str, base_url: &str) -> Result<Self> {
        let refused =
            || Error::invalid_field(field, "must be a path on this site, such as /account");
        if text.chars().count() > MAX_PATH_LEN || !is_safe_however_decoded(text) {
            return Err(refused());
        }
        let base = Url::parse(base_url).map_err(Error::internal)?;
        let url = base.join(text).map_err(|_| refused())?;
        // The parser has resolved dots: `/.//evil` now starts with two slashes, like `//evil`.
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let is_ours = url.origin() == base.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && path.len() <= MAX_PATH_LEN
            && is_safe_however_decoded(path);
        if is_ours { Ok(Self(path.to_owned())) } else { Err(refused()) }
    }

    /// Returns the path for a `Location` header: in ASCII, with one slash at its start.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path with more query parameters.
    pub fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let separator = if self.0.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.0, encode_pairs(pairs))
    }

    /// Returns the path with a fragment, which browsers never send to a server.
    pub fn with_fragment(&self, pairs: &[(&str, &str)]) -> String {
        format!("{}#{}", self.0, encode_pairs(pairs))
    }
}

fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Returns whether the text is a path without backslashes, control characters and a double slash at its start,
/// however often it is decoded.
fn is_safe_however_decoded(text: &str) -> bool {
    let mut decoded = text.as_bytes().to_vec();
    loop {
        let is_unsafe = |byte: &u8| *byte == b'\\' || byte.is_ascii_control();
        if !decoded.starts_with(b"/") || decoded.starts_with(b"//") || decoded.iter().any(is_unsafe)
        {
            return false;
        }
        let next: Vec<u8> = percent_decode(&decoded).collect();
        if next == decoded {
            return true;
        }
        decoded = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: &str = "https://aius.co/accounts";

    fn parse(text: &str) -> Result<SitePath> {
        SitePath::parse("redirect", text, BASE)
    }

    #[test]
    fn paths_on_this_site_are_accepted() {
        for (given, kept) in [
            ("/", "/"),
            ("/account", "/account"),
            ("/account?tab=google&x=%20", "/account?tab=google&x=%20"),
            ("/a/b//c", "/a/b//c"),
            ("/a/../b", "/b"),
            ("/.%2f%2fevil.example/..", "/"),
            ("/käse", "/k%C3%A4se"),
            ("/100%", "/100%"),
            ("/@evil.example", "/@evil.example"),
            ("/account?next=https://evil.example", "/account?next=https://evil.example"),
        ] {
            assert_eq!(parse(given).unwrap().as_str(), kept, "{given}");
        }
    }

    #[test]
    fn open_redirects_are_refused() {
        for evil in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\evil.example",
            "\\\\evil.example",
            "/a\\b",
            "https://evil.example",
            "https:evil.example",
            "http:/evil.example",
            "HTTPS://EVIL.example",
            "https://aius.co@evil.example",
            "https://aius.co/account",
            "//aius.co@evil.example/",
            "@evil.example",
            ".evil.example",
            "?x",
            "#x",
            "/account#x",
            "javascript:alert(1)",
            "data:text/html,x",
            "/%2fevil.example",
            "/%2Fevil.example",
            "%2f%2fevil.example",
            "/%5cevil.example",
            "/%5Cevil.example",
            "/%252fevil.example",
            "/%25252fevil.example",
            "/%255cevil.example",
            "/./\u{2f}evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "/%2e%2e//evil.example",
            "/a/%2e%2e//evil.example",
            "/%2e%2e/%2fevil.example",
            "/\t/evil.example",
            "\t//evil.example",
            " //evil.example",
            " /account",
            "/\n/evil.example",
            "/\r\nset-cookie: x=y",
            "/%0d%0aset-cookie: x=y",
            "/%09/evil.example",
            "/\u{0}/evil.example",
            "/%00",
        ] {
            let refused = matches!(parse(evil), Err(Error::InvalidField { field, .. }) if field == "redirect");
            assert!(refused, "{evil:?}");
        }
        assert!(parse(&format!("/{}", "x".repeat(511))).is_ok());
        assert!(parse(&format!("/{}", "x".repeat(512))).is_err());
        assert!(parse(&format!("/{}", "ä".repeat(100))).is_err());
    }

    #[test]
    fn added_parameters_are_encoded() {
        let path = parse("/account?tab=google").unwrap();
        assert_eq!(path.with_query(&[("error", "a&b")]), "/account?tab=google&error=a%26b");
        let plain = parse("/account").unwrap();
        assert_eq!(plain.with_query(&[("error", "x")]), "/account?error=x");
        assert_eq!(plain.with_fragment(&[("email", "a+b@c")]), "/account#email=a%2Bb%40c");
    }

    proptest! {
        #[test]
        fn accepted_paths_stay_on_the_site(text in "[/\\\\.%25fFcC2eE@:?a-c\t ]{0,12}") {
            if let Ok(path) = parse(&text) {
                let url = Url::parse(BASE).unwrap().join(path.as_str()).unwrap();
                prop_assert_eq!(url.host_str(), Some("aius.co"));
                prop_assert!(!path.as_str().starts_with("//"));
                prop_assert_eq!(parse(path.as_str()).unwrap(), path.clone());
            }
        }
    }
}
