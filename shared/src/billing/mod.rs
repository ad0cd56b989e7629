//! Plans: what an organization may use, and what it uses.

mod plan;
pub mod set_plan;
pub mod usage;

pub use plan::{Limits, Plan};
