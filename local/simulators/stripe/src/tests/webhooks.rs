//! Webhook deliveries to a listener in place of the service.

use std::collections::BTreeSet;
use std::sync::Mutex;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::billing::{customer_deletion, customers};
use crate::webhooks::delivery::DeliveryMode;
use crate::webhooks::signature::sign;

/// The requests that the listener received, and whether it refuses them.
#[derive(Default)]
struct WebhookInbox {
    requests: Mutex<Vec<(String, String)>>,
    is_refusing: Mutex<bool>,
}

impl WebhookInbox {
    fn take_events(&self) -> Vec<Value> {
        let requests = std::mem::take(&mut *self.requests.lock().unwrap());
        requests.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }

    fn take_event_types(&self) -> Vec<String> {
        let events = self.take_events();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    fn set_refusing(&self, is_refusing: bool) {
        *self.is_refusing.lock().unwrap() = is_refusing;
    }
}

struct WebhookFixture {
    stripe: StripeSimulator,
    clock: Arc<ManualClock>,
    inbox: Arc<WebhookInbox>,
}

impl WebhookFixture {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inbox = Arc::new(WebhookInbox::default());
        let app = Router::new().route("/hook", post(receive)).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let clock = Arc::new(ManualClock::new(START));
        let stripe = start_simulator(format!("http://127.0.0.1:{port}/hook"), clock.clone());
        Self { stripe, clock, inbox }
    }

    /// Creates, updates and deletes a customer, which emits three events.
    async fn emit_three_events(&self) {
        self.stripe.run(|op| {
            let customer = customers::create(op, "", &json!({"email": "a@example.com"})).unwrap();
            let id = customer["id"].as_str().unwrap();
            customers::update(op, id, &json!({"name": "Ada"})).unwrap();
            customer_deletion::delete(op, id, &json!({})).unwrap();
        });
        self.stripe.deliver_due_events().await;
    }

    fn pending_count(&self) -> usize {
        self.stripe.lock_store().deliveries.len()
    }
}

async fn receive(
    State(inbox): State<Arc<WebhookInbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    inbox.requests.lock().unwrap().push((signature, String::from_utf8(body.to_vec()).unwrap()));
    if *inbox.is_refusing.lock().unwrap() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    }
}

const EVENT_TYPES: [&str; 3] = ["customer.created", "customer.updated", "customer.deleted"];

#[tokio::test]
async fn events_arrive_signed_and_in_order() {
    let fixture = WebhookFixture::start().await;
    fixture.emit_three_events().await;
    let secret = fixture.stripe.account_keys.webhook_secrets[0].clone();
    for (signature, body) in fixture.inbox.requests.lock().unwrap().iter() {
        assert_eq!(*signature, sign(&secret, START, body));
    }
    let events = fixture.inbox.take_events();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, EVENT_TYPES);
    assert_eq!(events[1]["data"]["previous_attributes"], json!({"name": null}));
    assert_eq!(fixture.pending_count(), 0);
    let first = events[0]["id"].as_str().unwrap();
    assert_eq!(fixture.stripe.lock_store().get_any(first).unwrap()["pending_webhooks"], 0);
}

#[tokio::test]
async fn refused_events_are_retried_by_the_clock() {
    let fixture = WebhookFixture::start().await;
    fixture.inbox.set_refusing(true);
    fixture.emit_three_events().await;
    assert_eq!(fixture.inbox.take_event_types(), EVENT_TYPES);
    for (delay, count) in [(9, 0), (1, 3), (59, 0), (1, 3), (300, 3)] {
        fixture.clock.advance(delay);
        fixture.stripe.run_due().await;
        assert_eq!(fixture.inbox.take_events().len(), count);
    }
    let next = fixture.stripe.next_due_at().unwrap();
    assert_eq!(next, START + 10 + 60 + 300 + 1_800);
    fixture.inbox.set_refusing(false);
    fixture.clock.advance(1_800);
    fixture.stripe.run_due().await;
    assert_eq!(fixture.inbox.take_events().len(), 3);
    assert_eq!((fixture.pending_count(), fixture.stripe.next_due_at()), (0, None));
}

#[tokio::test]
async fn held_events_are_flushed_in_the_requested_order() {
    let fixture = WebhookFixture::start().await;
    fixture.stripe.set_delivery_mode(DeliveryMode::Hold, 1);
    fixture.emit_three_events().await;
    assert_eq!(fixture.inbox.take_event_types(), Vec::<String>::new());
    assert_eq!(fixture.stripe.next_due_at(), None);
    let held = fixture.stripe.due_events();
    let order = vec![held[2].clone(), held[0].clone()];
    let attempts = fixture.stripe.flush_events(Some(order)).await;
    assert_eq!(attempts.iter().map(|attempt| attempt.status).collect::<Vec<_>>(), [Some(200); 2]);
    assert_eq!(fixture.inbox.take_event_types(), ["customer.deleted", "customer.created"]);
    assert_eq!(fixture.stripe.due_events(), [held[1].clone()]);
    fixture.stripe.flush_events(None).await;
    assert_eq!(fixture.inbox.take_event_types(), ["customer.updated"]);
}

#[tokio::test]
async fn events_can_be_reversed_and_duplicated() {
    let fixture = WebhookFixture::start().await;
    fixture.stripe.set_delivery_mode(DeliveryMode::Reverse, 1);
    fixture.emit_three_events().await;
    let mut expected = EVENT_TYPES;
    expected.reverse();
    assert_eq!(fixture.inbox.take_event_types(), expected);
    fixture.stripe.set_delivery_mode(DeliveryMode::Duplicate, 5);
    fixture.emit_three_events().await;
    let events = fixture.inbox.take_events();
    assert_eq!(events.len(), 15);
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].to_string()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(fixture.pending_count(), 0);
}
