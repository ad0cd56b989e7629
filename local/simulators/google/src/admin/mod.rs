//! Control endpoints for people and tests. They speak JSON, like all control endpoints of the local stack.

pub(crate) mod endpoints;
mod error;
