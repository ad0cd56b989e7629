//! The pages of an organization's projects.

pub(crate) mod brief;
pub(crate) mod delete;
pub(crate) mod details;
pub(crate) mod fork;
pub(crate) mod list;
mod load_frame;
pub(crate) mod project;
mod project_path;
pub(crate) mod runs;
pub(crate) mod upload;

pub(crate) use project_path::ProjectPath;
