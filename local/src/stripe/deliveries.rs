//! Webhooks: signed events to the stack's own gateway, again until they are taken.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Stripe;
use super::signature::sign;
use super::store::{Delivery, Store};

/// Seconds from one attempt to the next; after the last of these, the last again.
const WAITS: [i64; 8] = [10, 60, 300, 1_800, 7_200, 18_000, 36_000, 43_200];

/// How long an event is tried, in seconds.
const PATIENCE: i64 = 3 * 86_400;

/// How long an answer may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// How events are delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// Each once, in the order of making.
    #[default]
    Normal,
    /// Not before they are flushed.
    Hold,
    /// Of those that are waiting, the newest first.
    Reverse,
    /// Each several times at once.
    Duplicate,
}

/// What became of one attempt.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Attempt {
    pub(super) event: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Nothing where there was no answer.
    pub(super) status: Option<u16>,
    /// Seconds since 1970, by the stack's clock.
    pub(super) at: i64,
}

impl Stripe {
    /// Delivers what is due without anybody waiting for it.
    pub(super) fn deliver_soon(stripe: &Arc<Self>) {
        let stripe = stripe.clone();
        tokio::spawn(async move { stripe.deliver().await });
    }

    /// Delivers what is due, and what comes of that. Returns when nothing is due any more, or all is held.
    pub(super) async fn deliver(&self) {
        let _turn = self.turn.lock().await;
        loop {
            let (mode, times) = self.mode();
            let mut batch = self.due();
            if batch.is_empty() || mode == Mode::Hold {
                return;
            }
            if mode == Mode::Reverse {
                batch.reverse();
            }
            let times = if mode == Mode::Duplicate { times } else { 1 };
            for event in batch {
                if self.is_over() {
                    return;
                }
                self.attempt(&event, times).await;
            }
        }
    }

    /// Delivers what is held: those events in that order, or all of them.
    pub(super) async fn flush(&self, order: Option<Vec<String>>) -> Vec<Attempt> {
        let _turn = self.turn.lock().await;
        let (mode, times) = self.mode();
        let mut batch = self.due();
        if mode == Mode::Reverse {
            batch.reverse();
        }
        if let Some(order) = order {
            batch = order.into_iter().filter(|event| batch.contains(event)).collect();
        }
        let mut attempts = Vec::new();
        for event in batch {
            attempts.extend(
                self.attempt(&event, if mode == Mode::Duplicate { times } else { 1 }).await,
            );
        }
        attempts
    }

    /// The events that are to be delivered by now, in the order of making.
    pub(super) fn due(&self) -> Vec<String> {
        let now = self.now();
        let store = self.store();
        let due = store.deliveries.iter().filter(|delivery| delivery.at <= now);
        due.map(|delivery| delivery.event.clone()).collect()
    }

    /// Sends an event so many times at once; one of them taken is enough.
    async fn attempt(&self, event: &str, times: usize) -> Vec<Attempt> {
        let Some(body) = self.store().get("event", event).cloned() else { return Vec::new() };
        let attempts = join_all((0..times.max(1)).map(|_| self.send(&body))).await;
        let taken =
            |attempt: &Attempt| attempt.status.is_some_and(|status| (200..300).contains(&status));
        let is_taken = attempts.iter().any(taken);
        let now = self.now();
        let mut store = self.store();
        settle(&mut store, event, is_taken, now);
        self.keep(&store);
        attempts
    }

    /// Sends an event once.
    pub(super) async fn send(&self, event: &Value) -> Attempt {
        let (body, at) = (event.to_string(), self.now());
        let secret = self.account.webhook_secrets.first().map(String::as_str).unwrap_or_default();
        let request = self
            .http
            .post(&self.hook)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", sign(secret, at, &body))
            .body(body);
        let status = match request.send().await {
            Ok(response) => Some(response.status().as_u16()),
            Err(error) => {
                tracing::warn!(cause = ?error, "a webhook was not answered");
                None
            }
        };
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let attempt = Attempt { event: text("id"), kind: text("type"), status, at };
        self.log(attempt.clone());
        attempt
    }
}

/// Takes note of what became of a delivery.
fn settle(store: &mut Store, event: &str, is_taken: bool, now: i64) {
    let made = store.any(event).and_then(|event| event["created"].as_i64()).unwrap_or(now);
    if is_taken {
        if let Some(event) = store.any_mut(event) {
            super::public::merge(event, json!({"pending_webhooks": 0}));
        }
        store.deliveries.retain(|delivery| delivery.event != event);
        return;
    }
    if let Some(delivery) = store.deliveries.iter_mut().find(|delivery| delivery.event == event) {
        let wait = WAITS.get(delivery.attempts).or(WAITS.last()).copied().unwrap_or(PATIENCE);
        delivery.attempts += 1;
        delivery.at = now + wait;
    }
    store
        .deliveries
        .retain(|delivery: &Delivery| delivery.event != event || delivery.at <= made + PATIENCE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_with_growing_waits_for_three_days() {
        let mut store = Store::default();
        store.put(
            json!({"id": "evt_1", "object": "event", "created": 1_000, "pending_webhooks": 1}),
        );
        store.deliveries.push(Delivery { event: "evt_1".to_owned(), attempts: 0, at: 1_000 });
        let mut waits = Vec::new();
        while let Some(delivery) = store.deliveries.first().cloned() {
            settle(&mut store, "evt_1", false, delivery.at);
            if let Some(next) = store.deliveries.first() {
                waits.push(next.at - delivery.at);
            }
        }
        assert_eq!(waits[..8], WAITS);
        assert!(waits[8..].iter().all(|wait| *wait == 43_200));
        let all: i64 = waits.iter().sum();
        assert!((PATIENCE - 43_200..=PATIENCE).contains(&all), "{all}");
        assert_eq!(store.any("evt_1").unwrap()["pending_webhooks"], 1);
    }
}
