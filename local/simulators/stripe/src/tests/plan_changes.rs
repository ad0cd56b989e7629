//! Changes of a subscription's price: pending updates, schedules and previews.

use serde_json::json;

use super::*;

const CARD: &str = "4242424242424242";
const DECLINED_LATER: &str = "4000000000000341";
const CONFIRMED_LATER: &str = "4000002760003184";

/// A subscription to the basic plan, whose period is half over.
struct Subscribed {
    simulation: Simulation,
    customer: String,
    path: String,
    item: String,
    end: i64,
}

impl Subscribed {
    fn start(card: &str) -> Self {
        let simulation = Simulation::start();
        let customer = simulation.create_customer();
        let session = simulation.create_subscription_session(&customer);
        let session = simulation.pay(&session, card).unwrap();
        let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
        let subscription = simulation.get(&path);
        let item = subscription["items"]["data"][0].clone();
        let end = item["current_period_end"].as_i64().unwrap();
        simulation.clock.advance((end - START) / 2);
        simulation.take_event_types();
        Self { simulation, customer, path, item: id(&item), end }
    }

    fn upgrade(&self) -> ApiResult<Value> {
        let encoded = format!(
            "items[0][id]={}&items[0][price]=price_pro_monthly&proration_behavior=always_invoice\
             &payment_behavior=pending_if_incomplete&expand[]=latest_invoice",
            self.item
        );
        self.simulation.call("POST", &self.path, &encoded)
    }

    fn read(&self) -> Value {
        self.simulation.get(&format!("{}?expand[]=latest_invoice&expand[]=schedule", self.path))
    }

    fn price(&self) -> Value {
        self.read()["items"]["data"][0]["price"]["id"].clone()
    }

    fn advance_to(&self, moment: i64) {
        self.simulation.clock.advance(moment - self.simulation.clock.now_seconds());
    }

    fn schedule(&self) -> String {
        let from = format!("from_subscription={}", id(&self.read()));
        let schedule = self.simulation.post("/v1/subscription_schedules", &from);
        let (path, end) = (format!("/v1/subscription_schedules/{}", id(&schedule)), self.end);
        let phases = format!(
            "end_behavior=release&proration_behavior=none&phases[0][start_date]={START}&phases[0][end_date]={end}\
             &phases[0][items][0][price]=price_basic_monthly&phases[0][items][0][quantity]=1\
             &phases[1][items][0][price]=price_pro_monthly&phases[1][end_date]={}",
            end + DAY
        );
        self.simulation.post(&path, &phases);
        path
    }
}

#[test]
fn paid_update_is_applied_at_once() {
    let subscribed = Subscribed::start(CARD);
    let changed = subscribed.upgrade().unwrap();
    assert_eq!(changed["latest_invoice"]["status"], "paid");
    assert_eq!(changed["latest_invoice"]["amount_paid"], 7_500);
    assert_eq!(changed["pending_update"], json!(null));
    assert_eq!(subscribed.price(), "price_pro_monthly");
    let events = subscribed.simulation.take_event_types();
    assert!(events.contains(&"customer.subscription.updated".to_owned()), "{events:?}");
    assert!(!events.iter().any(|event| event.contains("pending_update")), "{events:?}");
}

#[test]
fn unpaid_update_is_applied_when_it_is_paid() {
    for card in [DECLINED_LATER, CONFIRMED_LATER] {
        let subscribed = Subscribed::start(card);
        let changed = subscribed.upgrade().unwrap();
        let invoice = id(&changed["latest_invoice"]);
        assert_eq!(
            (&changed["status"], &changed["latest_invoice"]["status"]),
            (&json!("active"), &json!("open"))
        );
        let pending = &changed["pending_update"]["subscription_items"][0]["price"]["id"];
        assert_eq!(pending, "price_pro_monthly");
        assert_eq!(subscribed.price(), "price_basic_monthly");
        assert!(subscribed.upgrade().is_err(), "one update at a time");
        subscribed.simulation.stripe.run(|op| {
            let method = crate::billing::payment_methods::create(op, CARD, &json!(null));
            crate::billing::payment_methods::attach(op, &method, &subscribed.customer);
            let usage = crate::billing::payments::SessionUsage::OnSession;
            crate::billing::invoices::collect(op, &invoice, Some(&method), usage)
        });
        assert_eq!(subscribed.price(), "price_pro_monthly");
        assert_eq!(subscribed.read()["pending_update"], json!(null));
        let events = subscribed.simulation.take_event_types();
        let applied = "customer.subscription.pending_update_applied".to_owned();
        assert!(events.contains(&applied), "{events:?}");
    }
}

#[test]
fn unpaid_update_expires_or_is_withdrawn() {
    let expired = "customer.subscription.pending_update_expired".to_owned();
    for withdraws in [true, false] {
        let subscribed = Subscribed::start(DECLINED_LATER);
        let invoice = id(&subscribed.upgrade().unwrap()["latest_invoice"]);
        if withdraws {
            let path = format!("/v1/invoices/{invoice}/void");
            subscribed.simulation.post(&path, "");
            assert!(subscribed.simulation.call("POST", &path, "").is_err());
        } else {
            subscribed.simulation.clock.advance(23 * 3_600);
        }
        let now = subscribed.read();
        assert_eq!(now["latest_invoice"]["status"], "void");
        assert_eq!((&now["pending_update"], &now["status"]), (&json!(null), &json!("active")));
        assert_eq!(subscribed.price(), "price_basic_monthly");
        assert!(subscribed.simulation.take_event_types().contains(&expired));
    }
}

#[test]
fn updates_from_a_bank_account_do_not_wait() {
    let subscribed = Subscribed::start(CARD);
    subscribed
        .simulation
        .post(&subscribed.path, "collection_method=send_invoice&days_until_due=30");
    assert!(subscribed.upgrade().is_err());
    assert_eq!(subscribed.price(), "price_basic_monthly");
}

#[test]
fn schedule_changes_the_price_when_the_period_ends() {
    let subscribed = Subscribed::start(CARD);
    let path = subscribed.schedule();
    assert!(
        subscribed.simulation.call("POST", &subscribed.path, "cancel_at_period_end=true").is_err()
    );
    subscribed.advance_to(subscribed.end - 1);
    assert_eq!(subscribed.price(), "price_basic_monthly");
    subscribed.advance_to(subscribed.end + 3_601);
    let renewed = subscribed.read();
    assert_eq!(renewed["latest_invoice"]["total"], 20_000);
    assert_eq!(subscribed.price(), "price_pro_monthly");
    subscribed.advance_to(subscribed.end + DAY);
    assert_eq!(subscribed.read()["schedule"], json!(null));
    assert_eq!(subscribed.simulation.get(&path)["status"], "released");
    assert_eq!(subscribed.price(), "price_pro_monthly");
}

#[test]
fn released_schedule_changes_nothing() {
    let subscribed = Subscribed::start(CARD);
    let path = subscribed.schedule();
    let from = format!("from_subscription={}", id(&subscribed.read()));
    assert!(subscribed.simulation.call("POST", "/v1/subscription_schedules", &from).is_err());
    let released = subscribed.simulation.post(&format!("{path}/release"), "");
    assert_eq!(released["released_subscription"], id(&subscribed.read()));
    assert!(subscribed.simulation.call("POST", &format!("{path}/release"), "").is_err());
    subscribed.advance_to(subscribed.end + 3_601);
    assert_eq!(subscribed.read()["latest_invoice"]["total"], 5_000);
}

#[test]
fn preview_equals_the_invoice_and_stores_nothing() {
    let subscribed = Subscribed::start(CARD);
    let encoded = format!(
        "subscription={}&subscription_details[items][0][id]={}\
         &subscription_details[items][0][price]=price_pro_monthly\
         &subscription_details[proration_behavior]=always_invoice",
        id(&subscribed.read()),
        subscribed.item
    );
    let preview = subscribed.simulation.post("/v1/invoices/create_preview", &encoded);
    assert_eq!(subscribed.simulation.take_event_types(), Vec::<String>::new());
    assert_eq!(subscribed.price(), "price_basic_monthly");
    let invoice = subscribed.upgrade().unwrap()["latest_invoice"].clone();
    assert_eq!(preview["amount_due"], invoice["amount_paid"]);
    assert_eq!(preview["total"], invoice["total"]);
    miniserde::json::from_str::<stripe_shared::Invoice>(&preview.to_string()).unwrap();
}

#[test]
fn invoice_is_sent_and_stays_open_until_it_is_paid() {
    let subscribed = Subscribed::start(CARD);
    subscribed
        .simulation
        .post(&subscribed.path, "collection_method=send_invoice&days_until_due=30");
    subscribed.advance_to(subscribed.end + 3_601);
    let invoice = subscribed.read()["latest_invoice"].clone();
    assert_eq!(
        (&invoice["status"], &invoice["collection_method"]),
        (&json!("open"), &json!("send_invoice"))
    );
    assert_eq!(invoice["due_date"], subscribed.end + 3_600 + 30 * DAY);
    assert!(subscribed.simulation.take_event_types().contains(&"invoice.sent".to_owned()));
}
