//! Stripe's events, in whatever order they come, and however often.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use shared::activity::Log;
use shared::billing::billing_state::BillingState;
use shared::billing::stripe_account::{StripeAccount, StripeCustomer};
use shared::billing::webhooks::process_event;
use shared::error::Result;
use shared::ids::{OrganizationId, UserId};
use shared::organizations::Organization;
use shared::requester::Requester;
use shared::stripe::StripeId;
use shared::stripe::events::{EventData, EventObject, StripeEvent};
use shared::values::Name;
use tests::{CARD, Person, TestApp, is_dynamodb_local, price, race, race_size};

const DAY: u64 = 24 * 60 * 60;

/// What a subscription that begins and ends is told of with.
const LIFE: [&str; 6] = [
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "invoice.finalized",
    "invoice.paid",
    "customer.subscription.deleted",
];

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let with_last = |order: Vec<usize>| {
        (0..=order.len()).map(move |place| {
            let mut order = order.clone();
            order.insert(place, last);
            order
        })
    };
    orders(last).into_iter().flat_map(with_last).collect()
}

#[test]
fn there_are_as_many_orders_as_there_are() {
    let mut all = orders(6);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 720);
}

/// Tells of something at Stripe by its id, as an event of that name.
pub(crate) async fn hear(app: &TestApp, name: &str, kind: &str, object: &str) -> Result<()> {
    let stack = app.stack();
    let object = EventObject { id: Some(object.to_owned()), customer: None, charge: None };
    let data = EventData { object, previous_attributes: None };
    let event = StripeEvent { id: name.to_owned(), kind: kind.to_owned(), data };
    process_event(stack.context(), &stack.clients().stripe, &Requester::service(), &event).await
}

/// A new organization's subscription, of which nobody has told.
struct Paid {
    client: OrganizationId,
    session: String,
    subscription: String,
    invoice: String,
}

impl Paid {
    /// By the rows that somebody leaves who goes to the page to pay: over HTTP it takes too long so often.
    async fn new(app: &TestApp, owner: &UserId) -> Self {
        let ctx = app.stack().context();
        let client = OrganizationId::generate(&*ctx.random);
        let form = format!("metadata[client_id]={client}");
        let customer = app.call_stripe(Method::POST, "customers", &form).await.expect(200).json();
        let customer = customer["id"].as_str().unwrap();
        let form = format!(
            "mode=subscription&customer={customer}&success_url=https://app.example&line_items[0][quantity]=1\
             &line_items[0][price]={}",
            price("basic")
        );
        let made =
            app.call_stripe(Method::POST, "checkout/sessions", &form).await.expect(200).json();
        let session = made["id"].as_str().unwrap();
        let known = |id| StripeId::parse(id).unwrap();
        let of = StripeCustomer { id: known(customer), client_id: client.clone() };
        let account = StripeAccount {
            customer: Some(known(customer)),
            checkout: Some(known(session)),
            ..StripeAccount::new(&client)
        };
        let name = Name::parse("Analytical Engines").unwrap();
        let row = Organization::new(client.clone(), name, owner, ctx.now());
        let mut tx = ctx.table.transaction();
        tx.put_new(&row).unwrap();
        tx.put_new(&of).unwrap();
        account.store(&mut tx).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
        app.pay_checkout(session, CARD).await.expect(200);
        let path = format!("checkout/sessions/{session}");
        let visit = app.call_stripe(Method::GET, &path, "").await.expect(200).json();
        let text = |name: &str| visit[name].as_str().unwrap().to_owned();
        let (subscription, invoice) = (text("subscription"), text("invoice"));
        Self { client, subscription, invoice, session: session.to_owned() }
    }

    async fn hear(&self, app: &TestApp, kind: &str) {
        let object = match kind.split('.').next().unwrap() {
            "checkout" => &self.session,
            "customer" => &self.subscription,
            _ => &self.invoice,
        };
        let name = format!("evt_{}_{}", kind.replace('.', "_"), self.session);
        hear(app, &name, kind, object).await.unwrap();
    }

    async fn end(&self, app: &TestApp) {
        let path = format!("subscriptions/{}", self.subscription);
        app.call_stripe(Method::DELETE, &path, "").await.expect(200);
    }

    /// All that people see of it.
    async fn state(&self, app: &TestApp) -> Value {
        let state = BillingState::read(app.stack().context(), &self.client).await.unwrap();
        let subscription = state.account.subscription.unwrap();
        assert_eq!(subscription.id.as_str(), self.subscription);
        let of_period = state.balance.period().map(|period| period.end);
        assert!(of_period.is_none_or(|end| end == subscription.period_end));
        json!({
            "plan": state.organization.unwrap().plan,
            "status": subscription.status,
            "subscribed": [subscription.plan.name(), subscription.quota],
            "ends": subscription.cancel_at_period_end,
            "checkout": state.account.checkout.is_some(),
            "quota": state.balance.quota.micros(),
            "topups": state.balance.topups.micros(),
            // What was granted, and that it is over.
            "once": state.balance.entries <= if subscription.status.is_live() { 1 } else { 2 },
            "granted": state.balance.quota_granted().micros(),
        })
    }
}

/// Lets each order of so many of a subscription's events happen to an organization of its own, and returns
/// what there is of each afterwards. `ends_after` says after how many of them it ends at Stripe.
async fn in_all_orders(
    count: usize,
    ends_after: fn(usize) -> Option<usize>,
) -> Vec<(Vec<usize>, Value)> {
    // DynamoDB Local takes minutes for all of them: every eleventh will do there, in which each event comes in
    // each place, too.
    let every = if is_dynamodb_local() { 11 } else { 1 };
    let all: Vec<_> = orders(count).into_iter().enumerate().step_by(every).collect();
    let mut states = Vec::new();
    // Each hundred gets a test app of its own because held events slow down the next ones.
    for hundred in all.chunks(100) {
        let app = Arc::new(TestApp::start().await);
        let owner = app.sign_up("ada").await.id().await;
        app.set_webhook_delivery("hold").await;
        for part in hundred.chunks(10) {
            let run = race(part.len(), |place| {
                let (app, owner) = (app.clone(), owner.clone());
                let (number, order) = part[place].clone();
                async move {
                    let paid = Paid::new(&app, &owner).await;
                    for (heard, event) in order.iter().enumerate() {
                        if ends_after(number) == Some(heard) {
                            paid.end(&app).await;
                        }
                        paid.hear(&app, LIFE[*event]).await;
                    }
                    (order, paid.state(&app).await)
                }
            });
            states.extend(run.await);
        }
        app.assert_ledgers_consistent().await;
    }
    states
}

/// It ends before any is heard, or after one, two and so on: each order of the last three meets all of these.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_order_a_subscription_that_ended_is_over_whatever_was_told_first() {
    let states = in_all_orders(6, |number| Some((number / 6 + number) % 6)).await;
    let over = json!({"plan": "free", "status": "canceled", "subscribed": ["basic", 5000], "ends": false,
        "checkout": false, "quota": 0, "topups": 0, "once": true, "granted": 0});
    for (order, state) in states {
        assert_eq!(state, over, "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_order_a_subscription_brings_its_quota_once_whatever_was_told_first() {
    let states = in_all_orders(5, |_| None).await;
    let running = json!({"plan": "basic", "status": "active", "subscribed": ["basic", 5000], "ends": false,
        "checkout": false, "quota": 5_000_000_000_u64, "topups": 0, "once": true, "granted": 5_000_000_000_u64});
    for (order, state) in states {
        assert_eq!(state, running, "{order:?}");
    }
}

/// The statuses with which an event was answered that was sent so many times at once.
async fn send(app: &TestApp, event: &str, times: usize, new_ids: bool) -> Vec<u64> {
    let body = json!({"event": event, "times": times, "new_ids": new_ids});
    let sent = app.control_stripe("deliveries/send", body).await;
    let all = sent["data"].as_array().unwrap().iter();
    all.map(|attempt| attempt["status"].as_u64().unwrap_or_default()).collect()
}

/// Tells of what is held of that kind twenty times at once, again as twenty events, and again four days later;
/// and then of everything.
async fn tell_again_and_again(app: &TestApp, kind: &str) {
    let held = app.held_webhooks().await;
    let (event, _) = held.iter().find(|(_, held)| held == kind).unwrap();
    let tell = async |new_ids: bool| {
        let statuses = send(app, event, race_size().min(20), new_ids).await;
        // DynamoDB Local may take too long for so many: Stripe is told to come again.
        let heard = |status: &u64| *status == 200 || *status == 503 && is_dynamodb_local();
        assert!(statuses.iter().all(heard), "{statuses:?}");
    };
    tell(false).await;
    tell(true).await;
    app.advance_clock(4 * DAY).await;
    assert_eq!(send(app, event, 1, false).await, [200]);
    tell(true).await;
    app.set_webhook_delivery("normal").await;
}

async fn count(ada: &Person, client: &str, kind: &str) -> usize {
    let all = ada.transactions(client).await;
    all.iter().filter(|entry| entry["type"] == kind).count()
}

#[tokio::test]
async fn double_credit_a_payment_is_one_entry_however_often_it_is_told_of() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.set_webhook_delivery("hold").await;
    ada.buy_credits(&app, &client, 700).await;
    assert_eq!(ada.credits(&client).await["topup_balance"], 0);
    tell_again_and_again(&app, "checkout.session.completed").await;
    assert_eq!(count(&ada, &client, "topup").await, 1);
    assert_eq!(ada.credits(&client).await["topup_balance"], 700);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn double_credit_a_period_is_one_grant_however_often_it_is_told_of() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.set_webhook_delivery("hold").await;
    ada.subscribe(&app, &client, "basic").await;
    tell_again_and_again(&app, "invoice.paid").await;
    // The free credits are the other one.
    assert_eq!(count(&ada, &client, "quota_grant").await, 2);
    assert_eq!(ada.credits(&client).await["balance"], 5000);
    app.assert_ledgers_consistent().await;
}
