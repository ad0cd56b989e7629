//! `/v1/artifacts`

pub(crate) mod complete;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod upload;
pub(crate) mod versions;
