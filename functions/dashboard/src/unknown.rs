//! Requests for which the gateway has no route: 405 if the path exists with other methods, otherwise 404.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::Uri;
use serde::Deserialize;
use shared::error::Error;
use shared::http::Rejection;

use crate::openapi::OPENAPI;

#[derive(Deserialize)]
struct Document {
    paths: BTreeMap<String, BTreeMap<String, serde::de::IgnoredAny>>,
}

/// The paths of the OpenAPI document, each with its methods in the form of an `Allow` header.
static PATHS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    // The document is part of this binary, and a test checks that it can be read.
    let document = serde_json::from_str(OPENAPI).unwrap_or(Document { paths: BTreeMap::new() });
    document
        .paths
        .into_iter()
        .map(|(path, operations)| {
            let methods: Vec<_> = operations.keys().map(|name| name.to_ascii_uppercase()).collect();
            (path, methods.join(","))
        })
        .collect()
});

/// Rejects a request that no route matches.
pub(crate) async fn unknown(uri: Uri) -> Rejection {
    match PATHS.iter().find(|(pattern, _)| matches(pattern, uri.path())) {
        Some((_, methods)) => Rejection::MethodNotAllowed(methods.clone()),
        None => Error::NotFound.into(),
    }
}

/// Returns whether a path matches a pattern, in which `{…}` stands for any one segment.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_segments() {
        assert!(matches("/v1/clients/{id}", "/v1/clients/client_x"));
        for path in ["/v1/clients", "/v1/clients/", "/v1/clients/x/y", "/v1/other/x"] {
            assert!(!matches("/v1/clients/{id}", path), "{path}");
        }
    }

    #[test]
    fn the_document_gives_every_path_its_methods() {
        let find = |path: &str| PATHS.iter().find(|(known, _)| known == path).cloned();
        assert_eq!(find("/v1/health"), Some(("/v1/health".to_owned(), "GET".to_owned())));
        assert!(PATHS.len() > 5);
    }
}
