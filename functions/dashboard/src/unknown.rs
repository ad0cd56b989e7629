//! Requests for which the gateway has no route: 405 if the path exists with other methods, otherwise 404.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::Uri;
use serde::Deserialize;
use shared::error::Error;
use shared::http::{Rejection, path_matches};

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
    match PATHS.iter().find(|(pattern, _)| path_matches(pattern, uri.path())) {
        Some((_, methods)) => Rejection::MethodNotAllowed(methods.clone()),
        None => Error::NotFound.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_gives_every_path_its_methods() {
        let find = |path: &str| PATHS.iter().find(|(known, _)| known == path).cloned();
        assert_eq!(find("/v1/health"), Some(("/v1/health".to_owned(), "GET".to_owned())));
        assert!(PATHS.len() > 5);
    }
}
