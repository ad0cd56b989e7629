//! A discrete-event simulation of one organization whose programs spend credits at once.
//!
//! A fixed number of callers spend credits, pause, and spend credits again. Two designs are compared: single writes
//! with one conditional update of the balance, as the service makes them, and a transaction with an optimistic lock.
//! Time is counted in whole microseconds and random numbers come from a seed, so a run has the same result on every
//! machine.

mod engine;
mod latency;
mod outcome;
mod params;
mod partition;
mod random;
mod transaction_design;
mod update_design;

pub use outcome::SimulationOutcome;
pub use params::SimulationParams;
pub use update_design::Split;

use crate::limits::Limits;
use engine::run;
use transaction_design::TransactionDesign;
use update_design::UpdateDesign;

/// Simulates callers of the other design: a read and a transaction on condition of what was read.
pub fn simulate_transactions(
    limits: &Limits,
    params: &SimulationParams,
    callers: usize,
) -> SimulationOutcome {
    run(TransactionDesign::new(limits, params, callers), params, callers)
}

/// Simulates callers of the service: a read and four writes of single items.
pub fn simulate_updates(
    limits: &Limits,
    params: &SimulationParams,
    split: Split,
    callers: usize,
) -> SimulationOutcome {
    run(UpdateDesign::new(limits, params, split, callers), params, callers)
}
