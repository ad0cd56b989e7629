//! Tests of the simulator without HTTP, except for webhooks.

mod objects;
mod plan_changes;
mod subscriptions;
mod webhooks;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use local_support::Clock;
use local_support::Random;
use serde_json::Value;

use crate::account_keys::AccountKeys;
use crate::api::{expand, routes, schema};
use crate::checkout::payment;
use crate::error::ApiResult;
use crate::parameters;
use crate::simulator::{StripeSimulator, StripeSimulatorOptions};

const START: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

/// A clock that moves only when a test advances it.
struct ManualClock(AtomicI64);

impl ManualClock {
    fn new(seconds: i64) -> Self {
        Self(AtomicI64::new(seconds))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Returns a source of bytes that never repeats and is the same in every run.
fn counting_random() -> Arc<dyn Random> {
    let counter = AtomicU64::new(0);
    Arc::new(move |buffer: &mut [u8]| {
        let count = counter.fetch_add(1, Ordering::SeqCst);
        let bytes = count.to_le_bytes();
        for (byte, index) in buffer.iter_mut().zip(0..) {
            *byte = bytes.get(index).copied().unwrap_or(0x5a);
        }
    })
}

fn start_simulator(webhook_url: String, clock: Arc<ManualClock>) -> StripeSimulator {
    let random = counting_random();
    StripeSimulator::new(StripeSimulatorOptions {
        base_url: "http://localhost:1".to_owned(),
        webhook_url,
        account_keys: AccountKeys::generate(&*random),
        data_file: None,
        clock,
        random,
    })
    .unwrap()
}

/// A simulator that delivers no webhooks.
struct Simulation {
    stripe: StripeSimulator,
    clock: Arc<ManualClock>,
}

impl Simulation {
    fn start() -> Self {
        Self::start_at(START)
    }

    fn start_at(seconds: i64) -> Self {
        let clock = Arc::new(ManualClock::new(seconds));
        let stripe = start_simulator("http://127.0.0.1:1/".to_owned(), clock.clone());
        Self { stripe, clock }
    }

    fn call(&self, method: &str, path: &str, encoded: &str) -> ApiResult<Value> {
        let parameters = parameters::parse(encoded.as_bytes()).unwrap();
        let (route, id) = routes::find_route(method, path).expect(path);
        let description = &self.stripe.description;
        let schema = description.parameter_schema(&method.to_lowercase(), route.path);
        schema::check_parameters(&schema, &parameters)?;
        self.stripe.run(|op| {
            let mut response = (route.handler)(op, id, &parameters)?;
            expand::expand(op, &mut response, &parameters)?;
            Ok(response)
        })
    }

    fn get(&self, path: &str) -> Value {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.call("GET", path, query).unwrap()
    }

    fn post(&self, path: &str, encoded: &str) -> Value {
        self.call("POST", path, encoded).unwrap()
    }

    fn create_customer(&self) -> String {
        id(&self.post("/v1/customers", "email=ada@example.com&metadata[client_id]=c"))
    }

    fn create_session(&self, customer: &str, rest: &str) -> String {
        let urls = "success_url=https://a.example/s?x={CHECKOUT_SESSION_ID}&cancel_url=https://a.example/c";
        let encoded = format!("customer={customer}&{urls}&client_reference_id=c&{rest}");
        id(&self.post("/v1/checkout/sessions", &encoded))
    }

    fn create_subscription_session(&self, customer: &str) -> String {
        self.create_session(
            customer,
            "mode=subscription&line_items[0][price]=price_basic_monthly&line_items[0][quantity]=1\
             &metadata[client_id]=c&subscription_data[metadata][client_id]=c",
        )
    }

    fn create_top_up_session(&self, customer: &str) -> String {
        self.create_session(
            customer,
            "mode=payment&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=1000\
             &line_items[0][price_data][product_data][name]=Credits&line_items[0][quantity]=1\
             &payment_intent_data[metadata][client_id]=c&invoice_creation[enabled]=true",
        )
    }

    fn pay(&self, session: &str, card: &str) -> ApiResult<Value> {
        self.stripe.run(|op| payment::pay(op, session, card))
    }

    fn advance_days(&self, days: i64) {
        self.clock.advance(days * DAY);
    }

    /// Removes all pending deliveries. Returns their event types in the order of creation.
    fn take_event_types(&self) -> Vec<String> {
        let mut store = self.stripe.lock_store();
        let deliveries = std::mem::take(&mut store.deliveries);
        let event_type =
            |event: &str| store.get_any(event).unwrap()["type"].as_str().unwrap().to_owned();
        deliveries.iter().map(|delivery| event_type(&delivery.event)).collect()
    }
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}
