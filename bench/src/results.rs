//! Everything that was measured.

use std::time::Duration;

use crate::hashing::Hashing;
use crate::load::Load;
use crate::measure::Measured;
use crate::operation::Operation;
use crate::stack_load::StackLoads;

/// The measurements of a run.
pub(crate) struct Results {
    /// The bare function, then the others.
    pub(crate) functions: Vec<Measured>,
    /// Durations of password hashes.
    pub(crate) hashing: Hashing,
    /// Times from the start of the local stack to its first answer.
    pub(crate) stack_starts: Vec<Duration>,
    /// Load on the local stack.
    pub(crate) stack: StackLoads,
    /// Load on better-auth.
    pub(crate) better_auth: Vec<(Operation, Load)>,
}
