//! Measures what a request costs at DynamoDB: calls, sequential round trips, capacity units and conflicts. The
//! result is logged for each request; the local stack also returns it in `x-local-dynamodb`.
//!
//! Each request asks DynamoDB for the capacity that it consumed (`ReturnConsumedCapacity`), which costs no capacity.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// The DynamoDB usage of a piece of work.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// The number of requests to DynamoDB.
    pub calls: u32,
    /// The number of sequential round trips: calls that run concurrently count once.
    pub trips: u32,
    /// The read capacity units consumed.
    pub rcu: f64,
    /// The write capacity units consumed.
    pub wcu: f64,
    /// The attempts that met another writer, and were repeated or given up.
    pub conflicts: u32,
    in_flight: u32,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calls={};trips={};rcu={};wcu={}", self.calls, self.trips, self.rcu, self.wcu)
    }
}

tokio::task_local! {
    static USAGE: RefCell<Usage>;
}

/// Runs `work` and returns its output and usage. An enclosing `measure` counts the usage as well.
pub async fn measure<T>(work: impl Future<Output = T>) -> (T, Usage) {
    let (output, usage) = USAGE
        .scope(RefCell::default(), async {
            let output = work.await;
            (output, USAGE.with(|usage| *usage.borrow()))
        })
        .await;
    update_usage(|outer| {
        outer.calls += usage.calls;
        outer.trips += usage.trips;
        outer.rcu += usage.rcu;
        outer.wcu += usage.wcu;
        outer.conflicts += usage.conflicts;
    });
    (output, usage)
}

/// Counts one call while it runs. Does nothing outside of [`measure`].
pub(crate) async fn count_call<T>(request: impl Future<Output = T>) -> T {
    update_usage(|usage| {
        usage.calls += 1;
        usage.trips += u32::from(usage.in_flight == 0);
        usage.in_flight += 1;
    });
    let answer = request.await;
    update_usage(|usage| usage.in_flight -= 1);
    answer
}

/// Adds the capacity of a read.
pub(crate) fn add_read(capacity: &[ConsumedCapacity]) {
    update_usage(|usage| usage.rcu += units(capacity));
}

/// Adds the capacity of a write.
pub(crate) fn add_written(capacity: &[ConsumedCapacity]) {
    update_usage(|usage| usage.wcu += units(capacity));
}

/// Counts an attempt that met another writer.
pub(crate) fn count_conflict() {
    update_usage(|usage| usage.conflicts += 1);
}

fn units(capacity: &[ConsumedCapacity]) -> f64 {
    capacity.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

fn update_usage(change: impl FnOnce(&mut Usage)) {
    // Outside of `measure` there is nothing to update.
    let _ = USAGE.try_with(|usage| change(&mut usage.borrow_mut()));
}
