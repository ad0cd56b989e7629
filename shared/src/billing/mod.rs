//! Plans: what an organization may use.

mod plan;
pub mod set_plan;

pub use plan::{Limits, Plan};
