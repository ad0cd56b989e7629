//! The stylesheet and the script of all pages, under names that change with their content.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use shared::error::Error;
use shared::http;

static STYLE: LazyLock<String> = LazyLock::new(|| {
    // No text of the stylesheet contains a semicolon or a brace.
    let style = compact(include_str!("../assets/style.css"));
    style.replace("; ", ";").replace(" { ", "{").replace(" }", "}")
});
static SCRIPT: LazyLock<String> = LazyLock::new(|| compact(include_str!("../assets/script.js")));
const ICON: &str = include_str!("../assets/icon.svg");

/// The paths of the assets.
pub(crate) struct AssetPaths {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

/// The paths of the assets. Each has a hash of the content, so browsers may keep it for a year.
pub(crate) static ASSETS: LazyLock<AssetPaths> = LazyLock::new(|| {
    let path = |content: &str, extension: &str| {
        let hash = HEXLOWER.encode(&Sha256::digest(content)[..8]);
        format!("/account/assets/{hash}.{extension}")
    };
    AssetPaths { style: path(&STYLE, "css"), script: path(&SCRIPT, "js"), icon: path(ICON, "svg") }
});

/// Removes indentation, and lines that are a comment. No text of the assets spans lines.
fn compact(source: &str) -> String {
    let lines = source.lines().map(str::trim_start);
    let is_comment =
        |line: &str| line.starts_with("//") || line.starts_with("/*") && line.ends_with("*/");
    lines
        .filter(|line| !line.is_empty() && !is_comment(line))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// Returns an asset.
pub(crate) async fn asset(Path(name): Path<String>) -> http::Result<Response> {
    let path = format!("/account/assets/{name}");
    let (content_type, content) = if path == ASSETS.style {
        ("text/css; charset=utf-8", STYLE.as_str())
    } else if path == ASSETS.script {
        ("text/javascript; charset=utf-8", SCRIPT.as_str())
    } else if path == ASSETS.icon {
        ("image/svg+xml", ICON)
    } else {
        return Err(Error::NotFound.into());
    };
    let headers =
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, content).into_response())
}
