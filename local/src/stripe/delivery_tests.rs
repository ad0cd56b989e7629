//! Deliveries, to a listener that stands for the gateway.

use std::collections::BTreeSet;
use std::sync::Mutex;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::random::SystemRandom;
use tokio::net::TcpListener;

use super::deliveries::Mode;
use super::*;
use crate::clock::MovableClock;
use crate::schedule::Events;

const START: i64 = 1_800_000_000;

/// What a listener got, and what it answers.
#[derive(Default)]
struct Got {
    /// Signatures and bodies.
    all: Mutex<Vec<(String, String)>>,
    refuses: Mutex<bool>,
}

impl Got {
    fn events(&self) -> Vec<Value> {
        let all = std::mem::take(&mut *self.all.lock().unwrap());
        all.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }

    fn types(&self) -> Vec<String> {
        self.events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

struct Setting {
    stripe: Arc<Stripe>,
    clock: Arc<MovableClock>,
    got: Arc<Got>,
}

impl Setting {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Got::default());
        let app = Router::new().route(HOOK, post(take)).with_state(got.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let at = Some(Timestamp::from_seconds(START));
        let clock = Arc::new(MovableClock::start(None, at, true).unwrap());
        let account = Account::generate(&SystemRandom);
        let random = Arc::new(SystemRandom);
        let stripe = Stripe::start(port, account, None, clock.clone(), random).unwrap();
        Self { stripe: Arc::new(stripe), clock, got }
    }

    /// Makes three events: a customer, changed and deleted.
    async fn make(&self) {
        self.stripe.work((None, None), |work| {
            let customer = customers::create(work, "", &json!({"email": "a@example.com"})).unwrap();
            let id = customer["id"].as_str().unwrap();
            customers::update(work, id, &json!({"name": "Ada"})).unwrap();
            customers::delete(work, id, &json!({})).unwrap();
        });
        self.stripe.deliver().await;
    }

    fn pending(&self) -> usize {
        self.stripe.store().deliveries.len()
    }
}

async fn take(State(got): State<Arc<Got>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    got.all.lock().unwrap().push((signature, String::from_utf8(body.to_vec()).unwrap()));
    if *got.refuses.lock().unwrap() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

const IN_ORDER: [&str; 3] = ["customer.created", "customer.updated", "customer.deleted"];

#[tokio::test]
async fn events_arrive_signed_and_in_order() {
    let setting = Setting::start().await;
    setting.make().await;
    let secret = setting.stripe.account.webhook_secrets[0].clone();
    for (signature, body) in setting.got.all.lock().unwrap().iter() {
        assert_eq!(*signature, signature::sign(&secret, START, body));
    }
    let events = setting.got.events();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, IN_ORDER);
    assert_eq!(events[1]["data"]["previous_attributes"], json!({"name": null}));
    assert_eq!(setting.pending(), 0);
    let first = events[0]["id"].as_str().unwrap();
    assert_eq!(setting.stripe.store().any(first).unwrap()["pending_webhooks"], 0);
}

#[tokio::test]
async fn what_is_refused_comes_again_by_the_clock() {
    let setting = Setting::start().await;
    *setting.got.refuses.lock().unwrap() = true;
    setting.make().await;
    assert_eq!(setting.got.types(), IN_ORDER);
    for (wait, count) in [(9, 0), (1, 3), (59, 0), (1, 3), (300, 3)] {
        setting.clock.advance(wait).unwrap();
        setting.stripe.happen().await;
        assert_eq!(setting.got.events().len(), count);
    }
    let next = setting.stripe.next().unwrap().seconds();
    assert_eq!(next, START + 10 + 60 + 300 + 1_800);
    *setting.got.refuses.lock().unwrap() = false;
    setting.clock.advance(1_800).unwrap();
    setting.stripe.happen().await;
    assert_eq!(setting.got.events().len(), 3);
    assert_eq!((setting.pending(), setting.stripe.next()), (0, None));
}

#[tokio::test]
async fn what_is_held_goes_when_it_is_flushed_in_the_order_asked_for() {
    let setting = Setting::start().await;
    setting.stripe.set_mode(Mode::Hold, 1);
    setting.make().await;
    assert_eq!(setting.got.types(), Vec::<String>::new());
    assert_eq!(setting.stripe.next(), None);
    let held = setting.stripe.due();
    let order = vec![held[2].clone(), held[0].clone()];
    let attempts = setting.stripe.flush(Some(order)).await;
    assert_eq!(attempts.iter().map(|attempt| attempt.status).collect::<Vec<_>>(), [Some(200); 2]);
    assert_eq!(setting.got.types(), ["customer.deleted", "customer.created"]);
    assert_eq!(setting.stripe.due(), [held[1].clone()]);
    setting.stripe.flush(None).await;
    assert_eq!(setting.got.types(), ["customer.updated"]);
}

#[tokio::test]
async fn reverse_and_duplicate() {
    let setting = Setting::start().await;
    setting.stripe.set_mode(Mode::Reverse, 1);
    setting.make().await;
    let mut expected = IN_ORDER;
    expected.reverse();
    assert_eq!(setting.got.types(), expected);
    setting.stripe.set_mode(Mode::Duplicate, 5);
    setting.make().await;
    let events = setting.got.events();
    assert_eq!(events.len(), 15);
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].to_string()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(setting.pending(), 0);
}
