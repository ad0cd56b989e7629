//! Control endpoints for people and tests. They speak JSON, like all control endpoints of the local stack.

pub(crate) mod actions;
pub(crate) mod deliveries;
pub(crate) mod requests;
