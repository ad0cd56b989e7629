//! A debit as the service makes it: a read, and four writes of single items in the ledger's partition. One of them is
//! a conditional update of the balance, which DynamoDB serializes, so nothing conflicts (`docs/decisions/ledger.md`).

use super::SimulationParams;
use super::engine::{Design, Env, Next};
use super::latency::LatencySource;
use super::partition::{Partition, whole};
use crate::limits::Limits;

/// How the items of one ledger are divided among partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// All in one, as at first.
    One,
    /// DynamoDB has split the ledger for heat: the balance alone, the latest entries, and the guards in two, because
    /// their keys are hashes. No split divides one item, and new entries always have the highest number.
    ForHeat,
}

/// State of the simulated design: the partitions of the ledger, and the step of each caller.
pub(super) struct UpdateDesign {
    params: SimulationParams,
    split: Split,
    read: LatencySource,
    write: LatencySource,
    /// Units of guard, entry and balance.
    units: [u64; 3],
    /// One, or those of the balance, of the entries and of the two halves of the guards.
    partitions: Vec<Partition>,
    callers: Vec<Debit>,
}

/// A caller's present debit.
#[derive(Clone, Copy, Default)]
struct Debit {
    latency: u64,
    throttles: u32,
    /// The partition of its guard.
    guards: usize,
}

/// A write of a debit, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Write {
    /// Puts the guard, so that a repeated request finds it.
    PutGuard,
    /// Updates the balance, if it is enough.
    UpdateBalance,
    /// Puts the entry with the number that the update returned, and side by side this number into the guard.
    PutEntryAndNumber,
    /// Removes old debits from the balance, after reading their guards and entries.
    ShortenBalance,
}

/// A step of a debit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Sends the read.
    Read,
    /// Sends a write.
    Send(Write),
    /// DynamoDB serves or throttles a write.
    Serve(Write),
}

impl UpdateDesign {
    pub(super) fn new(
        limits: &Limits,
        params: &SimulationParams,
        split: Split,
        callers: usize,
    ) -> Self {
        let partitions = match split {
            Split::One => 1,
            Split::ForHeat => 4,
        };
        Self {
            params: params.clone(),
            split,
            read: LatencySource::new(limits.latency.read),
            write: LatencySource::new(limits.latency.write),
            units: [params.guard_bytes, params.entry_bytes, params.full_balance_bytes]
                .map(|bytes| whole(limits.dynamodb.write_units(bytes))),
            partitions: vec![
                Partition::new(whole(limits.dynamodb.partition_writes_per_s));
                partitions
            ],
            callers: vec![Debit::default(); callers],
        }
    }

    /// Takes the units of a write from its partitions. Returns whether it is served.
    fn take_units(&mut self, write: Write, guards: usize, now: u64) -> bool {
        let (balance, entries, guards) = match self.split {
            Split::One => (0, 0, 0),
            Split::ForHeat => (0, 1, 2 + guards),
        };
        let [of_guard, of_entry, of_balance] = self.units;
        let mut take = |partition: usize, units| self.partitions[partition].take(now, units);
        match write {
            Write::PutGuard => take(guards, of_guard),
            Write::UpdateBalance | Write::ShortenBalance => take(balance, of_balance),
            Write::PutEntryAndNumber if entries == guards => take(entries, of_entry + of_guard),
            Write::PutEntryAndNumber => take(entries, of_entry) && take(guards, of_guard),
        }
    }

    /// Serves a write, or throttles it.
    fn serve(&mut self, caller: usize, write: Write, env: &mut Env) -> Next<Step> {
        let Debit { latency, guards, .. } = self.callers[caller];
        let rest = latency / 2;
        if !self.take_units(write, guards, env.now) {
            env.counts.throttles += 1;
            if write == Write::ShortenBalance {
                // A later debit does it.
                return Next::Done(rest);
            }
            let throttles = &mut self.callers[caller].throttles;
            return match env.throttle_wait(&self.params, throttles) {
                Some(wait) => Next::After(rest + wait, Step::Send(write)),
                // The repeated request finds the guard, and goes on with the write that is missing.
                None => Next::Refused(Step::Send(write)),
            };
        }
        self.callers[caller].throttles = 0;
        match write {
            Write::PutGuard => Next::After(rest, Step::Send(Write::UpdateBalance)),
            Write::UpdateBalance => Next::After(rest, Step::Send(Write::PutEntryAndNumber)),
            Write::PutEntryAndNumber if env.random.up_to(self.params.shorten_one_in - 1) == 0 => {
                let read = self.read.draw(&mut env.random);
                Next::After(rest + read, Step::Send(Write::ShortenBalance))
            }
            Write::PutEntryAndNumber | Write::ShortenBalance => Next::Done(rest),
        }
    }
}

impl Design for UpdateDesign {
    type Step = Step;

    fn first(&self) -> Step {
        Step::Read
    }

    fn take(&mut self, caller: usize, step: Step, env: &mut Env) -> Next<Step> {
        match step {
            Step::Read => {
                let guards = usize::from(env.random.up_to(1) == 1);
                self.callers[caller] = Debit { guards, ..Debit::default() };
                Next::After(self.read.draw(&mut env.random), Step::Send(Write::PutGuard))
            }
            Step::Send(write) => {
                self.callers[caller].latency = self.write.draw(&mut env.random);
                Next::After(self.callers[caller].latency / 2, Step::Serve(write))
            }
            Step::Serve(write) => self.serve(caller, write, env),
        }
    }

    fn busiest_partition(&self) -> (u64, u64) {
        let consumed = self.partitions.iter().map(|partition| partition.consumed).max();
        (consumed.unwrap_or_default(), self.partitions[0].units_per_s())
    }
}
