//! Everything that was measured.

use std::time::Duration;

use crate::hashing::Hashing;
use crate::load::Load;
use crate::measure::FunctionMeasurements;
use crate::operation::Operation;
use crate::stack_load::StackLoads;

/// All measurements of a run.
pub(crate) struct Results {
    /// The measurements of the bare function, then those of the others.
    pub(crate) functions: Vec<FunctionMeasurements>,
    /// The durations of password hashes of both implementations.
    pub(crate) hashing: Hashing,
    /// Times from the start of the local stack to its first answer.
    pub(crate) stack_starts: Vec<Duration>,
    /// The measurements of the load on the local stack.
    pub(crate) stack: StackLoads,
    /// The measurements of the load on better-auth, by operation.
    pub(crate) better_auth: Vec<(Operation, Load)>,
}
