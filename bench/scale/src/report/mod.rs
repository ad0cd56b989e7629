//! Writes the report `bench/SCALE.md`, and its summary in `docs/COSTS.md`.

mod calls;
mod debits;
mod format;
mod limits;
mod money;
mod summary;

use std::fs;
use std::path::Path;

use crate::inputs::text;
use crate::model::Model;
use crate::{Error, Result};

/// Path of the report below the workspace's root.
pub const SCALE_PATH: &str = "bench/SCALE.md";
/// Path of the page that quotes the summary, below the workspace's root.
pub const COSTS_PATH: &str = "docs/COSTS.md";

/// The lines around the summary in `docs/COSTS.md`.
const BEGIN: &str = "<!-- bench-scale: begin -->\n";
const END: &str = "<!-- bench-scale: end -->\n";

/// Maximum number of limits that the summary lists.
const MAX_SUMMARY_LIMITS: usize = 10;

/// Renders the whole report as Markdown.
///
/// # Errors
/// Fails if a call has no route.
pub fn report(model: &Model<'_>) -> Result<String> {
    let parts = [
        summary::introduction(model),
        summary::first_limits(model, usize::MAX),
        limits::partitions(model),
        limits::functions(model),
        limits::sign_in_storm(model)?,
        debits::tables(model),
        money::bill(model),
        calls::mix(model)?,
        calls::all(model)?,
        money::sources(model),
    ];
    Ok(parts.join("\n"))
}

/// Renders the summary that `docs/COSTS.md` quotes.
///
/// # Errors
/// Fails if a call has no route.
pub fn quoted_summary(model: &Model<'_>) -> Result<String> {
    let parts = [
        summary::findings(model),
        summary::first_limits(model, MAX_SUMMARY_LIMITS),
        money::bill(model),
        calls::mix(model)?,
    ];
    Ok(parts.join("\n"))
}

/// Replaces the summary between the markers of a page.
///
/// # Errors
/// Fails if the page lacks a marker.
pub fn update_costs_page(page: &str, summary: &str) -> Result<String> {
    let missing =
        || Error::new(format!("{COSTS_PATH} lacks the lines {} and {}", BEGIN.trim(), END.trim()));
    let (before, rest) = page.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}\n{summary}\n{END}{after}"))
}

/// Writes both files.
///
/// # Errors
/// Fails if a file cannot be read or written, or if the page lacks a marker.
pub fn update_files(root: &Path, model: &Model<'_>) -> Result<()> {
    let write = |path: &str, text: String| {
        fs::write(root.join(path), text).map_err(|e| Error::new(format!("{path}: {e}")))
    };
    let page = update_costs_page(&text(root, COSTS_PATH)?, &quoted_summary(model)?)?;
    write(COSTS_PATH, page)?;
    write(SCALE_PATH, report(model)?)
}
