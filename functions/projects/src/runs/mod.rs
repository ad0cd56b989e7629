//! Runs of projects.

pub(crate) mod finish;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod start;
