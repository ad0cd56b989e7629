//! Webhook deliveries: retry policy, results of attempts and signatures.

pub(crate) mod delivery;
pub(crate) mod signature;
