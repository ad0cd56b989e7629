//! The retry policy of webhook deliveries and the results of attempts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::description::merge_fields;
use crate::store::ObjectStore;

/// The delays after failed attempts in seconds. The last one repeats.
const RETRY_DELAYS: [i64; 8] = [10, 60, 300, 1_800, 7_200, 18_000, 36_000, 43_200];

/// The time in seconds after which an event is no longer delivered.
const DELIVERY_TTL: i64 = 3 * 86_400;

/// The way in which events are delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryMode {
    /// Each event once, in the order of creation.
    #[default]
    Normal,
    /// No event before it is flushed.
    Hold,
    /// The newest pending event first.
    Reverse,
    /// Each event several times concurrently.
    Duplicate,
}

/// The result of one delivery attempt.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DeliveryAttempt {
    pub(crate) event: String,
    #[serde(rename = "type")]
    pub(crate) event_type: String,
    /// The HTTP status, or `None` if there was no response.
    pub(crate) status: Option<u16>,
    /// The time in seconds since 1970.
    #[serde(rename = "at")]
    pub(crate) attempted_at: i64,
}

impl DeliveryAttempt {
    /// Creates the result of an attempt to deliver an event.
    pub(crate) fn new(event: &Value, status: Option<u16>, attempted_at: i64) -> Self {
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        Self { event: text("id"), event_type: text("type"), status, attempted_at }
    }

    /// Returns whether the receiver accepted the event.
    pub(crate) fn is_accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Records the outcome of a delivery: removes it if it was accepted or is too old, else schedules a retry.
pub(crate) fn record_outcome(store: &mut ObjectStore, event: &str, is_accepted: bool, now: i64) {
    let created = store.get_any(event).and_then(|event| event["created"].as_i64()).unwrap_or(now);
    if is_accepted {
        if let Some(event) = store.get_any_mut(event) {
            merge_fields(event, json!({"pending_webhooks": 0}));
        }
        store.deliveries.retain(|delivery| delivery.event != event);
        return;
    }
    if let Some(delivery) = store.deliveries.iter_mut().find(|delivery| delivery.event == event) {
        let delay = RETRY_DELAYS
            .get(delivery.attempts)
            .or(RETRY_DELAYS.last())
            .copied()
            .unwrap_or(DELIVERY_TTL);
        delivery.attempts += 1;
        delivery.next_attempt_at = now + delay;
    }
    store.deliveries.retain(|delivery| {
        delivery.event != event || delivery.next_attempt_at <= created + DELIVERY_TTL
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::PendingDelivery;

    #[test]
    fn delivery_is_retried_with_growing_delays_for_three_days() {
        let mut store = ObjectStore::default();
        store.put(
            json!({"id": "evt_1", "object": "event", "created": 1_000, "pending_webhooks": 1}),
        );
        store.deliveries.push(PendingDelivery {
            event: "evt_1".to_owned(),
            attempts: 0,
            next_attempt_at: 1_000,
        });
        let mut delays = Vec::new();
        while let Some(delivery) = store.deliveries.first().cloned() {
            record_outcome(&mut store, "evt_1", false, delivery.next_attempt_at);
            if let Some(next) = store.deliveries.first() {
                delays.push(next.next_attempt_at - delivery.next_attempt_at);
            }
        }
        assert_eq!(delays[..8], RETRY_DELAYS);
        assert!(delays[8..].iter().all(|delay| *delay == 43_200));
        let total: i64 = delays.iter().sum();
        assert!((DELIVERY_TTL - 43_200..=DELIVERY_TTL).contains(&total), "{total}");
        assert_eq!(store.get_any("evt_1").unwrap()["pending_webhooks"], 1);
    }
}
