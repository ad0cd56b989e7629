//! Assertions about the DynamoDB cost of a request.

use crate::Reply;

/// Asserts the number of calls, and a maximum of sequential ones: calls side by side may happen not to
/// overlap.
#[track_caller]
pub fn assert_cost(reply: &Reply, calls: u32, max_trips: u32) {
    let cost = reply.cost();
    assert_eq!(cost.calls, calls, "{cost:?}");
    assert!(cost.trips <= max_trips, "{cost:?}");
}

/// Asserts the maximum number of sequential round trips of a request.
#[track_caller]
pub fn assert_round_trips(reply: &Reply, max_trips: u32) {
    assert!(reply.cost().trips <= max_trips, "{:?}", reply.cost());
}
