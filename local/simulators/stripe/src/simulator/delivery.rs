//! Delivers events to the webhook endpoint, and retries until it accepts them.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::Value;

use super::{StripeSimulator, push_log_entry};
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::webhooks::delivery::{DeliveryAttempt, DeliveryMode, record_outcome};
use crate::webhooks::signature::sign;

impl StripeSimulator {
    /// Runs an operation and delivers its events, unless deliveries are held.
    ///
    /// # Errors
    /// Fails if the operation fails. Its events are delivered nevertheless.
    pub(crate) async fn run_and_deliver(
        &self,
        operation: impl FnOnce(&mut Operation<'_>) -> ApiResult<Value>,
    ) -> ApiResult<Value> {
        let outcome = self.run(operation);
        self.deliver_due_events().await;
        outcome
    }

    /// Delivers due events in the background.
    pub(crate) fn spawn_delivery(stripe: &Arc<Self>) {
        let stripe = stripe.clone();
        tokio::spawn(async move { stripe.deliver_due_events().await });
    }

    /// Delivers due events, including those that the deliveries cause. Returns at once in the mode `Hold`.
    pub(crate) async fn deliver_due_events(&self) {
        let _delivery = self.delivery_lock.lock().await;
        loop {
            let (mode, times) = self.delivery_mode();
            let mut events = self.due_events();
            if events.is_empty() || mode == DeliveryMode::Hold {
                return;
            }
            if mode == DeliveryMode::Reverse {
                events.reverse();
            }
            let times = if mode == DeliveryMode::Duplicate { times } else { 1 };
            for event in events {
                if self.is_shut_down() {
                    return;
                }
                self.deliver_event(&event, times).await;
            }
        }
    }

    /// Delivers due events in any mode: those in `order`, or all of them if it is `None`.
    pub(crate) async fn flush_events(&self, order: Option<Vec<String>>) -> Vec<DeliveryAttempt> {
        let _delivery = self.delivery_lock.lock().await;
        let (mode, times) = self.delivery_mode();
        let mut events = self.due_events();
        if mode == DeliveryMode::Reverse {
            events.reverse();
        }
        if let Some(order) = order {
            events = order.into_iter().filter(|event| events.contains(event)).collect();
        }
        let times = if mode == DeliveryMode::Duplicate { times } else { 1 };
        let mut attempts = Vec::new();
        for event in events {
            attempts.extend(self.deliver_event(&event, times).await);
        }
        attempts
    }

    /// Returns the ids of the events that are due, in the order of creation.
    pub(crate) fn due_events(&self) -> Vec<String> {
        let now = self.now();
        let store = self.lock_store();
        let due = store.deliveries.iter().filter(|delivery| delivery.next_attempt_at <= now);
        due.map(|delivery| delivery.event.clone()).collect()
    }

    /// Sends an event several times concurrently. It counts as delivered if one attempt is accepted.
    async fn deliver_event(&self, id: &str, times: usize) -> Vec<DeliveryAttempt> {
        let Some(event) = self.lock_store().get("event", id).cloned() else { return Vec::new() };
        let attempts = join_all((0..times.max(1)).map(|_| self.send_event(&event))).await;
        let is_accepted = attempts.iter().any(DeliveryAttempt::is_accepted);
        let now = self.now();
        let mut store = self.lock_store();
        record_outcome(&mut store, id, is_accepted, now);
        self.save(&store);
        attempts
    }

    /// Sends an event once and logs the attempt.
    pub(crate) async fn send_event(&self, event: &Value) -> DeliveryAttempt {
        let (body, now) = (event.to_string(), self.now());
        let secrets = &self.account_keys.webhook_secrets;
        let secret = secrets.first().map(String::as_str).unwrap_or_default();
        let request = self
            .http
            .post(&self.webhook_url)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", sign(secret, now, &body))
            .body(body);
        let status = match request.send().await {
            Ok(response) => Some(response.status().as_u16()),
            Err(error) => {
                tracing::warn!(cause = ?error, "the webhook endpoint did not respond");
                None
            }
        };
        let attempt = DeliveryAttempt::new(event, status, now);
        push_log_entry(&self.delivery_log, attempt.clone());
        attempt
    }
}
