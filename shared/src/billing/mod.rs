//! Plans: what an organization may use, what it uses, and what it pays.

mod payment_news;
mod plan;
pub mod set_plan;
pub mod usage;

pub use payment_news::{PaymentEvent, PaymentNews};
pub use plan::{Limits, Plan};

/// How much of its quota an organization has used when its people are told, in percent.
pub const ALERTS: [u8; 3] = [80, 90, 100];
