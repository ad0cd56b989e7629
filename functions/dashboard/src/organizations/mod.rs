//! The pages of an organization, one file or folder each.

pub(crate) mod artifacts;
pub(crate) mod projects;
