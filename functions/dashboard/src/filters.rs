//! Filters of the templates.

#![allow(unreachable_pub)] // askama makes a filter public

/// Returns the length of a bar for a percentage: at most 100.
#[askama::filter_fn]
pub(crate) fn bar(percent: &u64, _: &dyn askama::Values) -> askama::Result<u64> {
    Ok((*percent).min(100))
}
