//! Where people are sent after a detour: only to a page of our own.

use percent_encoding::percent_decode;
use serde::{Deserialize, Serialize};
use url::{Position, Url, form_urlencoded};

use crate::error::{Error, Result};

/// Longest path with its query, as given and as sent, in characters.
const LONGEST: usize = 512;

/// A path on the site of `BASE_URL`, perhaps with a query: what a browser takes for one, too. Without
/// a fragment, which is the answer's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SitePath(String);

impl SitePath {
    /// Reads what a request asks for in `field`: [`Error::InvalidField`] unless it is a path of ours,
    /// however often it is decoded on the way.
    pub fn parse(field: &str, text: &str, base_url: &str) -> Result<Self> {
        let refused =
            || Error::invalid_field(field, "must be a path on this site, such as /account");
        if text.chars().count() > LONGEST || !is_plain_in_all_readings(text) {
            return Err(refused());
        }
        let base = Url::parse(base_url).map_err(Error::internal)?;
        let url = base.join(text).map_err(|_| refused())?;
        // Dots are resolved by now: `/.//evil` starts with two slashes like `//evil`.
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let is_ours = url.origin() == base.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && path.len() <= LONGEST
            && is_plain_in_all_readings(path);
        if is_ours { Ok(Self(path.to_owned())) } else { Err(refused()) }
    }

    /// As it stands in `Location`: ASCII, one slash at its start.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With more in its query.
    pub fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let separator = if self.0.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.0, encoded(pairs))
    }

    /// With a fragment, which a browser keeps to itself: no server and no log gets to see it.
    pub fn with_fragment(&self, pairs: &[(&str, &str)]) -> String {
        format!("{}#{}", self.0, encoded(pairs))
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Whether the text is a path without tricks, and still is when somebody decodes it once more, and
/// again.
fn is_plain_in_all_readings(text: &str) -> bool {
    let mut reading = text.as_bytes().to_vec();
    loop {
        let trick = |byte: &u8| *byte == b'\\' || byte.is_ascii_control();
        if !reading.starts_with(b"/") || reading.starts_with(b"//") || reading.iter().any(trick) {
            return false;
        }
        let next: Vec<u8> = percent_decode(&reading).collect();
        if next == reading {
            return true;
        }
        reading = next;
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
    fn paths_of_ours_are_kept() {
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
    fn open_redirect_leads_nowhere_else() {
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
    fn what_is_added_is_encoded() {
        let path = parse("/account?tab=google").unwrap();
        assert_eq!(path.with_query(&[("error", "a&b")]), "/account?tab=google&error=a%26b");
        let plain = parse("/account").unwrap();
        assert_eq!(plain.with_query(&[("error", "x")]), "/account?error=x");
        assert_eq!(plain.with_fragment(&[("email", "a+b@c")]), "/account#email=a%2Bb%40c");
    }

    proptest! {
        #[test]
        fn open_redirect_whatever_is_kept_stays_on_the_site(text in "[/\\\\.%25fFcC2eE@:?a-c\t ]{0,12}") {
            if let Ok(path) = parse(&text) {
                let url = Url::parse(BASE).unwrap().join(path.as_str()).unwrap();
                prop_assert_eq!(url.host_str(), Some("aius.co"));
                prop_assert!(!path.as_str().starts_with("//"));
                prop_assert_eq!(parse(path.as_str()).unwrap(), path.clone());
            }
        }
    }
}
