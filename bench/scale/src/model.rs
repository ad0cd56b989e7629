//! Computes all results of the report from the inputs.

use crate::Result;
use crate::inputs::Inputs;
use crate::load::Load;
use crate::money::{BillLine, monthly_bill};
use crate::partitions::{HotPartition, hot_partitions};
use crate::saturation::{Saturation, saturations};
use crate::simulation::{SimulationOutcome, Split, simulate_transactions, simulate_updates};
use crate::storage::TableSize;

/// Factors by which DynamoDB's latencies may differ from the assumed ones.
const OTHER_LATENCIES: [f64; 2] = [0.5, 2.0];

/// All results that the report shows.
#[derive(Debug)]
pub struct Model<'a> {
    /// The inputs that the results are computed from.
    pub inputs: &'a Inputs,
    /// What the calls of the mix consume in a second.
    pub load: Load<'a>,
    /// The busiest partition of each kind of key.
    pub partitions: Vec<HotPartition>,
    /// Size of the table in GB, and its growth.
    pub size: TableSize,
    /// The lines of the bill of a month, in US dollars.
    pub bill: Vec<BillLine>,
    /// The simulated debits as transactions, which the service made before.
    pub transactions: Vec<SimulationOutcome>,
    /// The debits as transactions with other latencies: the factor of all latencies, and the most debits in a second.
    pub other_latencies: Vec<(f64, f64)>,
    /// The simulated debits as single writes, with the ledger in one partition.
    pub updates: Vec<SimulationOutcome>,
    /// The debits as single writes, after DynamoDB split the ledger.
    pub updates_after_split: Vec<SimulationOutcome>,
    /// The limits, the first that is met at the top.
    pub saturations: Vec<Saturation>,
}

impl<'a> Model<'a> {
    /// Computes the results and runs the simulations, which takes seconds.
    ///
    /// # Errors
    /// Fails if the inputs do not fit each other.
    pub fn compute(inputs: &'a Inputs) -> Result<Self> {
        let load = Load::new(inputs)?;
        let partitions = hot_partitions(inputs);
        let size = TableSize::new(inputs);
        let bill = monthly_bill(inputs, &load, &size);
        let (limits, params) = (&inputs.limits, &inputs.workload.simulation);
        let simulate = |run: &dyn Fn(usize) -> SimulationOutcome| {
            params.callers.iter().map(|callers| run(*callers)).collect()
        };
        let transactions: Vec<_> =
            simulate(&|callers| simulate_transactions(limits, params, callers));
        let other_latencies = OTHER_LATENCIES.map(|factor| {
            let limits = limits.with_latencies(factor);
            let outcomes: Vec<_> =
                simulate(&|callers| simulate_transactions(&limits, params, callers));
            (factor, sustained(&outcomes).map_or(0.0, |most| most.debits_per_s))
        });
        let updates: Vec<_> =
            simulate(&|callers| simulate_updates(limits, params, Split::One, callers));
        let updates_after_split =
            simulate(&|callers| simulate_updates(limits, params, Split::ForHeat, callers));
        let saturations = match sustained(&updates) {
            Some(most) => saturations(inputs, &load, &partitions, most)?,
            None => Vec::new(),
        };
        Ok(Self {
            inputs,
            load,
            partitions,
            size,
            bill,
            transactions,
            other_latencies: other_latencies.to_vec(),
            updates,
            updates_after_split,
            saturations,
        })
    }

    /// Returns the sum of the bill, in US dollars a month.
    pub fn dollars_per_month(&self) -> f64 {
        self.bill.iter().map(|line| line.dollars).sum()
    }
}

/// The share of requests that may be answered 503 before a rate counts as too much.
pub const MAX_REFUSED_SHARE: f64 = 0.01;

/// Returns the run with the most debits in a second of which at most [`MAX_REFUSED_SHARE`] are answered 503.
pub fn sustained(outcomes: &[SimulationOutcome]) -> Option<&SimulationOutcome> {
    let good = outcomes.iter().filter(|outcome| outcome.refused_share <= MAX_REFUSED_SHARE);
    good.max_by(|one, other| one.debits_per_s.total_cmp(&other.debits_per_s))
}
