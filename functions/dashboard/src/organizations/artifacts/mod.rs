//! The pages of an organization's files.

pub(crate) mod artifact;
mod artifact_path;
pub(crate) mod delete;
pub(crate) mod download;
pub(crate) mod list;
mod rows;

pub(crate) use artifact_path::ArtifactPath;
pub(crate) use rows::ArtifactRow;
