//! What the simulator makes, without HTTP: whole objects that Stripe's own library takes, and what happens
//! by the clock.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::random::SystemRandom;

use super::*;

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

/// Everything that there can be.
fn everything() -> Simulation {
    let simulation = Simulation::start();
    let customer = simulation.customer();
    simulation.pay(&simulation.subscription(&customer), "4242 4242 4242 4242").unwrap();
    let paid = simulation.pay(&simulation.top_up(&customer), "5555555555554444").unwrap();
    let intent = paid["payment_intent"].as_str().unwrap();
    simulation.post("/v1/refunds", &format!("payment_intent={intent}&amount=400"));
    simulation.pay(&simulation.top_up(&customer), "4000000000000259").unwrap();
    simulation.pay(&simulation.top_up(&customer), "us_bank_account").unwrap();
    simulation.pay(&simulation.top_up(&customer), "4000000000000002").unwrap_err();
    let set_up = simulation.checkout(&customer, "mode=setup&payment_method_types[0]=card");
    simulation.pay(&set_up, "4000000000000341").unwrap();
    simulation.top_up(&customer);
    simulation.post(
        "/v1/billing_portal/sessions",
        &format!("customer={customer}&return_url=https://a.example"),
    );
    simulation
}

#[test]
fn every_object_has_all_fields_of_its_example() {
    let simulation = everything();
    let store = simulation.stripe.store();
    let kinds = [
        "customer",
        "checkout.session",
        "subscription",
        "invoice",
        "invoice_payment",
        "payment_intent",
        "charge",
        "refund",
        "dispute",
        "payment_method",
        "setup_intent",
        "billing_portal.session",
        "event",
        "price",
        "product",
    ];
    for kind in kinds {
        let mut count = 0;
        for object in store.all(kind) {
            count += 1;
            let fields: BTreeSet<_> = object.as_object().unwrap().keys().cloned().collect();
            let expected: BTreeSet<_> = simulation.stripe.public.fields(kind).into_iter().collect();
            let lacking: Vec<_> = expected.difference(&fields).collect();
            assert!(lacking.is_empty(), "{kind}: {lacking:?}");
            let text = object.to_string();
            // What the examples are filled with.
            for filler in ["1234567890", "obj_123", "1028554472", "Jenny", "jenny", "1555417355"] {
                assert!(!text.contains(filler), "{kind}: {filler} in {text}");
            }
            assert!(!text.contains("zgkW"), "{kind}: {text}");
        }
        assert!(count > 0, "{kind}");
    }
}

#[test]
fn stripe_s_library_takes_every_object() {
    let simulation = everything();
    let store = simulation.stripe.store();
    macro_rules! takes {
        ($($kind:literal as $type:ty),+ $(,)?) => {$(
            for object in store.all($kind) {
                let text = object.to_string();
                serde_json::from_str::<$type>(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}: {text}", $kind));
                miniserde::json::from_str::<$type>(&text)
                    .unwrap_or_else(|_| panic!("{}: {text}", $kind));
            }
        )+};
    }
    takes!(
        "customer" as stripe_shared::Customer,
        "checkout.session" as stripe_shared::CheckoutSession,
        "subscription" as stripe_shared::Subscription,
        "invoice" as stripe_shared::Invoice,
        "invoice_payment" as stripe_shared::InvoicePayment,
        "payment_intent" as stripe_shared::PaymentIntent,
        "charge" as stripe_shared::Charge,
        "refund" as stripe_shared::Refund,
        "dispute" as stripe_shared::Dispute,
        "payment_method" as stripe_shared::PaymentMethod,
        "setup_intent" as stripe_shared::SetupIntent,
        "event" as stripe_shared::Event,
        "price" as stripe_shared::Price,
        "product" as stripe_shared::Product,
    );
    for object in store.all("billing_portal.session") {
        let text = object.to_string();
        miniserde::json::from_str::<stripe_billing::BillingPortalSession>(&text).expect(&text);
    }
}

#[test]
fn stripe_s_library_takes_what_is_expanded_and_listed() {
    let simulation = everything();
    let subscriptions = simulation.get("/v1/subscriptions?status=all&expand[]=data.latest_invoice");
    assert_eq!(subscriptions["data"][0]["latest_invoice"]["object"], "invoice");
    let parsed = serde_json::from_value::<stripe_types_list::Subscriptions>(subscriptions).unwrap();
    assert_eq!(parsed.data.len(), 1);
    let invoices = simulation.get("/v1/invoices?expand[]=data.payments");
    let intent = &invoices["data"][0]["payments"]["data"][0]["payment"]["payment_intent"];
    assert!(intent.as_str().unwrap().starts_with("pi_"), "{invoices}");
    for invoice in invoices["data"].as_array().unwrap() {
        miniserde::json::from_str::<stripe_shared::Invoice>(&invoice.to_string()).unwrap();
    }
    let refused = simulation.call("GET", "/v1/invoices", "expand[]=data.colour").unwrap_err();
    assert_eq!(refused.message(), "This property cannot be expanded (data.colour).");
}

mod stripe_types_list {
    #[derive(serde::Deserialize)]
    pub(super) struct Subscriptions {
        pub(super) data: Vec<stripe_shared::Subscription>,
    }
}

#[test]
fn a_subscription_renews_each_month_an_hour_after_its_period() {
    // The 31st of January 2027.
    let simulation = Simulation::start_at(1_801_390_000);
    let customer = simulation.customer();
    let session = simulation.pay(&simulation.subscription(&customer), "4242424242424242").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let end = |subscription: &Value| {
        subscription["items"]["data"][0]["current_period_end"].as_i64().unwrap()
    };
    let first = simulation.get(&path);
    assert_eq!(end(&first), 1_801_390_000 + 28 * 86_400);
    simulation.events();
    simulation.days(28);
    let renewed = simulation.get(&format!("{path}?expand[]=latest_invoice"));
    assert_eq!(end(&renewed), 1_801_390_000 + 59 * 86_400);
    assert_eq!(renewed["latest_invoice"]["status"], "draft");
    assert_eq!(simulation.events(), ["invoice.created", "customer.subscription.updated"]);
    simulation.clock.advance(3_600).unwrap();
    let renewed = simulation.get(&format!("{path}?expand[]=latest_invoice"));
    let invoice = &renewed["latest_invoice"];
    assert_eq!(
        (&invoice["status"], &invoice["billing_reason"]),
        (&json!("paid"), &json!("subscription_cycle"))
    );
    assert_eq!(invoice["lines"]["data"][0]["period"]["end"], end(&renewed));
    assert_eq!(
        simulation.events(),
        [
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
        ]
    );
}

#[test]
fn a_card_that_pays_no_renewal_ends_the_subscription_after_four_attempts() {
    let simulation = Simulation::start();
    let customer = simulation.customer();
    let session = simulation.pay(&simulation.subscription(&customer), "4000000000000341").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let end = simulation.get(&path)["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    let failed = end + subscriptions::FINALIZED_AFTER;
    simulation.clock.advance(u32::try_from(failed - START).unwrap()).unwrap();
    for (count, wait) in [(1, 3), (2, 5), (3, 7)] {
        let subscription = simulation.get(&format!("{path}?expand[]=latest_invoice"));
        assert_eq!(subscription["status"], "past_due");
        assert_eq!(subscription["latest_invoice"]["attempt_count"], count);
        simulation.days(wait);
    }
    let subscription = simulation.get(&format!("{path}?expand[]=latest_invoice"));
    assert_eq!(subscription["status"], "canceled");
    assert_eq!(subscription["ended_at"], failed + 15 * 86_400);
    assert_eq!(subscription["cancellation_details"]["reason"], "payment_failed");
    assert_eq!(subscription["latest_invoice"]["status"], "open");
    assert_eq!(simulation.events().last().unwrap(), "customer.subscription.deleted");
    simulation.days(60);
    simulation.get(&path);
    assert_eq!(simulation.events(), Vec::<String>::new());
}

#[test]
fn another_price_is_prorated_and_a_credit_stays_with_the_customer() {
    let simulation = Simulation::start();
    let customer = simulation.customer();
    let session = simulation.pay(&simulation.subscription(&customer), "4242424242424242").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let subscription = simulation.get(&path);
    let item = id(&subscription["items"]["data"][0]);
    let end = subscription["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    simulation.clock.advance(u32::try_from((end - START) / 2).unwrap()).unwrap();
    let change = |price: &str| {
        let sent = format!(
            "items[0][id]={item}&items[0][price]={price}&proration_behavior=always_invoice&expand[]=latest_invoice"
        );
        simulation.post(&path, &sent)["latest_invoice"].clone()
    };
    let up = change("price_pro_monthly");
    assert_eq!(
        (&up["billing_reason"], &up["status"]),
        (&json!("subscription_update"), &json!("paid"))
    );
    assert_eq!((&up["total"], &up["amount_paid"]), (&json!(7_500), &json!(7_500)));
    let lines: Vec<_> =
        up["lines"]["data"].as_array().unwrap().iter().map(|line| line["amount"].clone()).collect();
    assert_eq!(lines, [json!(-2_500), json!(10_000)]);
    let down = change("price_basic_monthly");
    assert_eq!((&down["total"], &down["amount_due"]), (&json!(-7_500), &json!(0)));
    assert_eq!(simulation.get(&format!("/v1/customers/{customer}"))["balance"], -7_500);
    simulation.clock.advance(u32::try_from((end - START) / 2 + 3_601).unwrap()).unwrap();
    let renewal = &simulation.get(&format!("{path}?expand[]=latest_invoice"))["latest_invoice"];
    assert_eq!((&renewal["total"], &renewal["amount_due"]), (&json!(5_000), &json!(0)));
    assert_eq!(simulation.get(&format!("/v1/customers/{customer}"))["balance"], -2_500);
}

#[test]
fn a_canceled_subscription_runs_to_the_end_of_what_was_paid() {
    let simulation = Simulation::start();
    let customer = simulation.customer();
    let session = simulation.pay(&simulation.subscription(&customer), "4242424242424242").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let canceled = simulation.post(&path, "cancel_at_period_end=true");
    assert_eq!((&canceled["status"], &canceled["canceled_at"]), (&json!("active"), &json!(START)));
    let end = canceled["cancel_at"].as_i64().unwrap();
    simulation.clock.advance(u32::try_from(end - START - 1).unwrap()).unwrap();
    assert_eq!(simulation.get(&path)["status"], "active");
    simulation.clock.advance(1).unwrap();
    let ended = simulation.get(&path);
    assert_eq!((&ended["status"], &ended["ended_at"]), (&json!("canceled"), &json!(end)));
    assert_eq!(simulation.events().last().unwrap(), "customer.subscription.deleted");
    // Whoever takes it back in time keeps it; whoever is late doesn't.
    assert!(simulation.call("POST", &path, "cancel_at_period_end=false").is_err());
}

#[test]
fn what_is_kept_is_found_again() {
    let simulation = everything();
    let store = simulation.stripe.store();
    let kept = serde_json::to_string(&*store).unwrap();
    let again: Store = serde_json::from_str(&kept).unwrap();
    let again = again.placed();
    assert_eq!(serde_json::to_string(&again).unwrap(), kept);
    let customer = store.all("customer").next().unwrap();
    assert_eq!(again.get("customer", customer["id"].as_str().unwrap()), Some(customer));
}
