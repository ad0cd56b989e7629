//! Checkout sessions: creating, paying, settling and expiring them.

pub(crate) mod bank_settlement;
mod line_items;
pub(crate) mod payment;
pub(crate) mod sessions;
mod validation;
