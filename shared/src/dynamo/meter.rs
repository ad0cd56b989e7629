//! What a request costs at DynamoDB: calls, sequential round trips, capacity units. Logged for each
//! request; the local stack also answers it in `x-local-dynamodb`.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What was used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Requests to DynamoDB.
    pub calls: u32,
    /// Requests that had to wait for another: calls that run side by side count once.
    pub trips: u32,
    /// Read capacity units.
    pub rcu: f64,
    /// Write capacity units.
    pub wcu: f64,
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

/// Runs `work` and says what it used. Inside another `measure`, the outer one counts it as well.
pub async fn measure<T>(work: impl Future<Output = T>) -> (T, Usage) {
    let (output, usage) = USAGE
        .scope(RefCell::default(), async {
            let output = work.await;
            (output, USAGE.with(|usage| *usage.borrow()))
        })
        .await;
    note(|outer| {
        outer.calls += usage.calls;
        outer.trips += usage.trips;
        outer.rcu += usage.rcu;
        outer.wcu += usage.wcu;
    });
    (output, usage)
}

/// Counts one call. Outside of [`measure`] nobody asked, and nothing is counted.
pub(super) async fn call<T>(request: impl Future<Output = T>) -> T {
    note(|usage| {
        usage.calls += 1;
        usage.trips += u32::from(usage.in_flight == 0);
        usage.in_flight += 1;
    });
    let answer = request.await;
    note(|usage| usage.in_flight -= 1);
    answer
}

pub(super) fn read(capacity: &[ConsumedCapacity]) {
    note(|usage| usage.rcu += units(capacity));
}

pub(super) fn written(capacity: &[ConsumedCapacity]) {
    note(|usage| usage.wcu += units(capacity));
}

fn units(capacity: &[ConsumedCapacity]) -> f64 {
    capacity.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

fn note(change: impl FnOnce(&mut Usage)) {
    // An error means: nobody measures.
    let _ = USAGE.try_with(|usage| change(&mut usage.borrow_mut()));
}
