//! Stripe's REST API under `/v1`.

mod authentication;
pub(crate) mod endpoint;
pub(crate) mod expand;
pub(crate) mod lists;
pub(crate) mod routes;
pub(crate) mod schema;
mod unsupported;
