//! A debit as a transaction, which the service made before: a read, and a transaction on condition of what was read.

use super::SimulationParams;
use super::engine::{Design, Env, Next};
use super::latency::{LatencySource, MICROS_PER_MS};
use super::partition::{Partition, whole};
use crate::limits::Limits;

/// State of the simulated design: the items of the organization, and the step of each caller.
///
/// DynamoDB prepares a transaction and then commits it, and cancels another one that touches its items meanwhile
/// ("Distributed Transactions at Scale in Amazon DynamoDB", USENIX ATC 2023). Here the items are held during the
/// middle half of the transaction's latency. A canceled transaction consumes its units as well.
pub(super) struct TransactionDesign {
    params: SimulationParams,
    read: LatencySource,
    transaction: LatencySource,
    ledger: Partition,
    organization: Partition,
    /// Counts the changes of the balance.
    version: u64,
    /// Units of a transaction in the two partitions.
    units: (u64, u64),
    is_held: bool,
    callers: Vec<Debit>,
}

/// A caller's present request.
#[derive(Clone, Copy, Default)]
struct Debit {
    version_read: u64,
    latency: u64,
    attempts: u32,
    throttles: u32,
}

/// A step of a debit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Sends the read.
    Read,
    /// DynamoDB reads the balance.
    Observe,
    /// Sends the transaction.
    Write,
    /// DynamoDB prepares the transaction.
    Prepare,
    /// DynamoDB commits the transaction.
    Commit,
    /// The function learns that the transaction was canceled.
    Canceled,
}

impl TransactionDesign {
    pub(super) fn new(limits: &Limits, params: &SimulationParams, callers: usize) -> Self {
        let partition = Partition::new(whole(limits.dynamodb.partition_writes_per_s));
        let units = |items: &[f64]| {
            whole(items.iter().map(|bytes| limits.dynamodb.transaction_units(*bytes)).sum())
        };
        Self {
            params: params.clone(),
            read: LatencySource::new(limits.latency.read),
            transaction: LatencySource::new(limits.latency.transaction),
            ledger: partition.clone(),
            organization: partition,
            version: 0,
            units: (
                units(&[params.balance_bytes, params.entry_bytes, params.guard_bytes]),
                units(&params.organization_item_bytes),
            ),
            is_held: false,
            callers: vec![Debit::default(); callers],
        }
    }

    /// Prepares a transaction: both partitions must have its units, and nothing may have touched the balance.
    fn prepare(&mut self, caller: usize, env: &mut Env) -> Next<Step> {
        let debit = &mut self.callers[caller];
        let quarter = debit.latency / 4;
        let is_served = self.ledger.take(env.now, self.units.0)
            && self.organization.take(env.now, self.units.1);
        if !is_served {
            env.counts.throttles += 1;
            let Some(wait) = env.throttle_wait(&self.params, &mut debit.throttles) else {
                *debit = Debit::default();
                return Next::Refused(Step::Read);
            };
            return Next::After(quarter + wait, Step::Write);
        }
        if self.is_held || debit.version_read != self.version {
            env.counts.conflicts += 1;
            return Next::After(quarter, Step::Canceled);
        }
        self.is_held = true;
        Next::After(debit.latency / 2, Step::Commit)
    }

    /// Retries a canceled transaction after a random wait, or gives up.
    fn retry(&mut self, caller: usize, env: &mut Env) -> Next<Step> {
        let debit = &mut self.callers[caller];
        debit.attempts += 1;
        if debit.attempts == self.params.max_attempts {
            *debit = Debit::default();
            return Next::Refused(Step::Read);
        }
        let doubled = self.params.initial_backoff_ms << (debit.attempts - 1);
        let longest = doubled.min(self.params.max_backoff_ms) * MICROS_PER_MS;
        Next::After(env.random.up_to(longest), Step::Read)
    }
}

impl Design for TransactionDesign {
    type Step = Step;

    fn first(&self) -> Step {
        Step::Read
    }

    fn take(&mut self, caller: usize, step: Step, env: &mut Env) -> Next<Step> {
        match step {
            Step::Read => {
                self.callers[caller].latency = self.read.draw(&mut env.random);
                Next::After(self.callers[caller].latency / 2, Step::Observe)
            }
            Step::Observe => {
                self.callers[caller].version_read = self.version;
                Next::After(self.callers[caller].latency / 2, Step::Write)
            }
            Step::Write => {
                self.callers[caller].latency = self.transaction.draw(&mut env.random);
                Next::After(self.callers[caller].latency / 4, Step::Prepare)
            }
            Step::Prepare => self.prepare(caller, env),
            Step::Canceled => self.retry(caller, env),
            Step::Commit => {
                self.is_held = false;
                self.version += 1;
                let latency = self.callers[caller].latency;
                self.callers[caller] = Debit::default();
                Next::Done(latency / 4)
            }
        }
    }

    fn busiest_partition(&self) -> (u64, u64) {
        (self.ledger.consumed.max(self.organization.consumed), self.ledger.units_per_s())
    }
}
