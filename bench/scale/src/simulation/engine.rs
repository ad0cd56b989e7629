//! The event loop: callers take their steps in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::SimulationParams;
use super::latency::MICROS_PER_MS;
use super::outcome::{Counts, SimulationOutcome, percentile};
use super::random::Random;

/// How a debit is made: a sequence of steps, each at a time.
pub(super) trait Design {
    /// A step of a debit.
    type Step: Copy + Ord;

    /// Returns the first step of a debit.
    fn first(&self) -> Self::Step;

    /// Takes a step of a caller, and returns what follows.
    fn take(&mut self, caller: usize, step: Self::Step, env: &mut Env) -> Next<Self::Step>;

    /// Returns the units that the busiest partition has consumed, and how many it serves in a second.
    fn busiest_partition(&self) -> (u64, u64);
}

/// What a caller does after a step.
pub(super) enum Next<S> {
    /// The caller takes another step of the same request, after that many microseconds.
    After(u64, S),
    /// The request is answered 503. The caller sends another one, which begins with that step.
    Refused(S),
    /// The debit succeeds, after that many microseconds.
    Done(u64),
}

/// Clock, random numbers and counts of a run, which the designs use.
pub(super) struct Env {
    /// Time of the present step, in microseconds since the start.
    pub(super) now: u64,
    pub(super) random: Random,
    pub(super) counts: Counts,
}

impl Env {
    /// Returns how many microseconds the SDK waits before it retries a write that DynamoDB throttled, and counts the
    /// retry in `throttles`. `None` if it gives up, which ends the count.
    pub(super) fn throttle_wait(
        &mut self,
        params: &SimulationParams,
        throttles: &mut u32,
    ) -> Option<u64> {
        if *throttles == params.throttle_retries {
            *throttles = 0;
            return None;
        }
        let longest = params.throttle_backoff_ms << *throttles;
        *throttles += 1;
        Some(self.random.up_to(longest * MICROS_PER_MS))
    }
}

/// When a caller's present debit and request started, in microseconds since the start.
#[derive(Clone, Copy, Default)]
struct Caller {
    debit_started_at: u64,
    request_started_at: u64,
}

/// Runs a design for the time of the parameters.
pub(super) fn run<D: Design>(
    mut design: D,
    params: &SimulationParams,
    callers: usize,
) -> SimulationOutcome {
    let warm_up = params.warm_up_seconds * 1_000 * MICROS_PER_MS;
    let end = warm_up + params.seconds * 1_000 * MICROS_PER_MS;
    let mut env = Env { now: 0, random: Random::new(params.seed), counts: Counts::default() };
    let mut states = vec![Caller::default(); callers];
    let mut events = BinaryHeap::new();
    let mut sequence = 0_u64;
    for (caller, state) in states.iter_mut().enumerate() {
        // Callers do not begin at one moment.
        let at = env.random.up_to((2 * params.pause_ms).max(100) * MICROS_PER_MS);
        *state = Caller { debit_started_at: at, request_started_at: at };
        events.push(Reverse((at, sequence, caller, design.first())));
        sequence += 1;
    }
    let mut consumed_before = None;
    while let Some(Reverse((at, _, caller, step))) = events.pop() {
        if at >= end {
            break;
        }
        if at >= warm_up && consumed_before.is_none() {
            env.counts = Counts::default();
            consumed_before = Some(design.busiest_partition().0);
        }
        env.now = at;
        let state = &mut states[caller];
        let (at, step) = match design.take(caller, step, &mut env) {
            Next::After(wait, step) => (at + wait, step),
            Next::Refused(step) => {
                env.counts.refused += 1;
                env.counts.request_time += at - state.request_started_at.max(warm_up.min(at));
                state.request_started_at = at + params.retry_after_ms * MICROS_PER_MS;
                (state.request_started_at, step)
            }
            Next::Done(wait) => {
                let at = at + wait;
                env.counts.request_time += at - state.request_started_at.max(warm_up.min(at));
                env.counts.durations.push(at - state.debit_started_at);
                let at = at + env.random.up_to(2 * params.pause_ms * MICROS_PER_MS);
                *state = Caller { debit_started_at: at, request_started_at: at };
                (at, design.first())
            }
        };
        events.push(Reverse((at, sequence, caller, step)));
        sequence += 1;
    }
    let (consumed, units_per_s) = design.busiest_partition();
    outcome(
        env.counts,
        params,
        callers,
        (consumed - consumed_before.unwrap_or_default(), units_per_s),
    )
}

/// Summarizes the counts of a run.
// The counts are far below 2^52, up to which a float is exact.
#[allow(clippy::cast_precision_loss)]
fn outcome(
    counts: Counts,
    params: &SimulationParams,
    callers: usize,
    (consumed, units_per_s): (u64, u64),
) -> SimulationOutcome {
    let Counts { conflicts, throttles, refused, request_time, mut durations } = counts;
    durations.sort_unstable();
    let debits = durations.len() as f64;
    let per_debit = |count: u64| if debits > 0.0 { count as f64 / debits } else { 0.0 };
    let seconds = params.seconds as f64;
    let ms = |micros: u64| micros as f64 / MICROS_PER_MS as f64;
    SimulationOutcome {
        callers,
        debits_per_s: debits / seconds,
        conflicts_per_debit: per_debit(conflicts),
        throttles_per_debit: per_debit(throttles),
        refused_share: refused as f64 / (refused as f64 + debits).max(1.0),
        median_ms: ms(percentile(&durations, 50)),
        p99_ms: ms(percentile(&durations, 99)),
        mean_ms: per_debit(durations.iter().sum()) / MICROS_PER_MS as f64,
        executions: request_time as f64 / (seconds * 1e6),
        utilization: consumed as f64 / (units_per_s as f64 * seconds),
    }
}
