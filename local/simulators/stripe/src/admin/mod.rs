//! Control endpoints for people and tests. They speak JSON, like all control endpoints of the local stack.

pub(crate) mod actions;
pub(crate) mod deliveries;
mod error;
pub(crate) mod requests;
