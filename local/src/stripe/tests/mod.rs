//! What the simulator makes, without HTTP.

mod life;
mod objects;

use serde_json::Value;
use shared::clock::Timestamp;
use shared::random::SystemRandom;

use super::*;
use crate::clock::MovableClock;

const START: i64 = 1_800_000_000;
const DAY: u32 = 86_400;

struct Simulation {
    stripe: Stripe,
    clock: Arc<MovableClock>,
}

impl Simulation {
    fn start() -> Self {
        Self::start_at(START)
    }

    fn start_at(seconds: i64) -> Self {
        let at = Some(Timestamp::from_seconds(seconds));
        let clock = Arc::new(MovableClock::start(None, at, true).unwrap());
        let account = Account::generate(&SystemRandom);
        let stripe =
            Stripe::start(1, account, None, clock.clone(), Arc::new(SystemRandom)).unwrap();
        Self { stripe, clock }
    }

    fn call(&self, method: &str, path: &str, sent: &str) -> work::Result<Value> {
        let sent = parameters::parse(sent.as_bytes()).unwrap();
        let (call, id) = calls::find(method, path).expect(path);
        schema::check(&self.stripe.public.parameters(&method.to_lowercase(), call.path), &sent)?;
        self.stripe.work((None, None), |work| {
            let mut answer = (call.run)(work, id, &sent)?;
            expand::expand(work, &mut answer, &sent)?;
            Ok(answer)
        })
    }

    fn get(&self, path: &str) -> Value {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.call("GET", path, query).unwrap()
    }

    fn post(&self, path: &str, sent: &str) -> Value {
        self.call("POST", path, sent).unwrap()
    }

    fn customer(&self) -> String {
        id(&self.post("/v1/customers", "email=ada@example.com&metadata[client_id]=c"))
    }

    fn checkout(&self, customer: &str, rest: &str) -> String {
        let urls = "success_url=https://a.example/s?x={CHECKOUT_SESSION_ID}&cancel_url=https://a.example/c";
        let sent = format!("customer={customer}&{urls}&client_reference_id=c&{rest}");
        id(&self.post("/v1/checkout/sessions", &sent))
    }

    fn subscription(&self, customer: &str) -> String {
        self.checkout(
            customer,
            "mode=subscription&line_items[0][price]=price_basic_monthly&line_items[0][quantity]=1\
             &metadata[client_id]=c&subscription_data[metadata][client_id]=c",
        )
    }

    fn top_up(&self, customer: &str) -> String {
        self.checkout(
            customer,
            "mode=payment&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=1000\
             &line_items[0][price_data][product_data][name]=Credits&line_items[0][quantity]=1\
             &payment_intent_data[metadata][client_id]=c&invoice_creation[enabled]=true",
        )
    }

    fn pay(&self, session: &str, card: &str) -> work::Result<Value> {
        self.stripe.work((None, None), |work| paying::pay(work, session, card))
    }

    fn days(&self, days: u32) {
        self.clock.advance(days * DAY).unwrap();
    }

    /// The types of all events since the last look, in the order of making.
    fn events(&self) -> Vec<String> {
        let mut store = self.stripe.store();
        let events = std::mem::take(&mut store.deliveries);
        let kind = |event: &str| store.any(event).unwrap()["type"].as_str().unwrap().to_owned();
        events.iter().map(|delivery| kind(&delivery.event)).collect()
    }
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}
