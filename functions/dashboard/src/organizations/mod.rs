//! The pages of an organization, one file or folder each.

pub(crate) mod artifacts;
pub(crate) mod billing;
pub(crate) mod labels;
pub(crate) mod projects;
pub(crate) mod usage;
