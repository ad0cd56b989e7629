//! Stripe events in every order and delivered repeatedly.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use shared::activity::Log;
use shared::billing::billing_state::BillingState;
use shared::billing::stripe_account::{StripeAccount, StripeCustomer};
use shared::ids::{OrganizationId, UserId};
use shared::organizations::Organization;
use shared::stripe::StripeId;
use shared::values::Name;
use tests::billing::deliver_event;
use tests::time::DAY;
use tests::{CARD, Person, TestApp, is_dynamodb_local, price, race, race_size};

/// The event types of a subscription from its start to its end.
const SUBSCRIPTION_EVENTS: [&str; 6] = [
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "invoice.finalized",
    "invoice.paid",
    "customer.subscription.deleted",
];

/// Lists all permutations of `count` indices.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let with_last = |order: Vec<usize>| {
        (0..=order.len()).map(move |place| {
            let mut order = order.clone();
            order.insert(place, last);
            order
        })
    };
    permutations(last).into_iter().flat_map(with_last).collect()
}

#[test]
fn six_events_have_720_permutations() {
    let mut all = permutations(6);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 720);
}

/// A paid subscription of a new organization whose events have not been handled.
struct PaidSubscription {
    client: OrganizationId,
    session: String,
    subscription: String,
    invoice: String,
}

impl PaidSubscription {
    /// Creates the organization by writing the rows directly, because so many HTTP requests take
    /// too long.
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

    /// Handles an event of the subscription.
    async fn deliver(&self, app: &TestApp, kind: &str) {
        let object = match kind.split('.').next().unwrap() {
            "checkout" => &self.session,
            "customer" => &self.subscription,
            _ => &self.invoice,
        };
        let name = format!("evt_{}_{}", kind.replace('.', "_"), self.session);
        deliver_event(app, &name, kind, object).await.unwrap();
    }

    /// Cancels the subscription at Stripe.
    async fn end(&self, app: &TestApp) {
        let path = format!("subscriptions/{}", self.subscription);
        app.call_stripe(Method::DELETE, &path, "").await.expect(200);
    }

    /// Reads what users see of the subscription.
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
            // The ledger has one grant, and one adjustment after the end.
            "once": state.balance.entries <= if subscription.status.is_live() { 1 } else { 2 },
            "granted": state.balance.quota_granted().micros(),
        })
    }
}

/// Handles the first `count` events of a subscription in every order, each for an organization of
/// its own, and returns the resulting states.
/// `ends_after` returns after how many of the events the subscription ends at Stripe.
async fn states_in_all_orders(
    count: usize,
    ends_after: fn(usize) -> Option<usize>,
) -> Vec<(Vec<usize>, Value)> {
    // DynamoDB Local would take minutes. Every eleventh permutation still has each event in each position.
    let every = if is_dynamodb_local() { 11 } else { 1 };
    let all: Vec<_> = permutations(count).into_iter().enumerate().step_by(every).collect();
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
                    let paid = PaidSubscription::new(&app, &owner).await;
                    for (handled, event) in order.iter().enumerate() {
                        if ends_after(number) == Some(handled) {
                            paid.end(&app).await;
                        }
                        paid.deliver(&app, SUBSCRIPTION_EVENTS[*event]).await;
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

/// The subscription ends at Stripe before the first event, after one, after two and so on. Each
/// order of the last three events meets all of these.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_order_an_ended_subscription_is_over_in_every_order() {
    let states = states_in_all_orders(6, |number| Some((number / 6 + number) % 6)).await;
    let over = json!({"plan": "free", "status": "canceled", "subscribed": ["basic", 5000], "ends": false,
        "checkout": false, "quota": 0, "topups": 0, "once": true, "granted": 0});
    for (order, state) in states {
        assert_eq!(state, over, "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_order_a_subscription_grants_once_in_every_order() {
    let states = states_in_all_orders(5, |_| None).await;
    let running = json!({"plan": "basic", "status": "active", "subscribed": ["basic", 5000], "ends": false,
        "checkout": false, "quota": 5_000_000_000_u64, "topups": 0, "once": true, "granted": 5_000_000_000_u64});
    for (order, state) in states {
        assert_eq!(state, running, "{order:?}");
    }
}

/// Delivers an event several times at once and returns the statuses of the responses.
async fn send(app: &TestApp, event: &str, times: usize, new_ids: bool) -> Vec<u64> {
    let body = json!({"event": event, "times": times, "new_ids": new_ids});
    let sent = app.control_stripe("deliveries/send", body).await;
    let all = sent["data"].as_array().unwrap().iter();
    all.map(|attempt| attempt["status"].as_u64().unwrap_or_default()).collect()
}

/// Delivers the held event of a type twenty times at once, again as twenty events with new ids, and
/// again four days later. Then delivers all events.
async fn deliver_repeatedly(app: &TestApp, kind: &str) {
    let held = app.held_webhooks().await;
    let (event, _) = held.iter().find(|(_, held)| held == kind).unwrap();
    let deliver = async |new_ids: bool| {
        let statuses = send(app, event, race_size().min(20), new_ids).await;
        // DynamoDB Local may time out, after which Stripe would deliver the event again.
        let handled = |status: &u64| *status == 200 || *status == 503 && is_dynamodb_local();
        assert!(statuses.iter().all(handled), "{statuses:?}");
    };
    deliver(false).await;
    deliver(true).await;
    app.advance_clock(4 * DAY).await;
    assert_eq!(send(app, event, 1, false).await, [200]);
    deliver(true).await;
    app.set_webhook_delivery("normal").await;
}

/// Counts the ledger entries of a type.
async fn count_entries(ada: &Person, client: &str, kind: &str) -> usize {
    let all = ada.transactions(client).await;
    all.iter().filter(|entry| entry["type"] == kind).count()
}

#[tokio::test]
async fn double_credit_a_repeated_payment_event_is_one_entry() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.set_webhook_delivery("hold").await;
    ada.buy_credits(&app, &client, 700).await;
    assert_eq!(ada.credits(&client).await["topup_balance"], 0);
    deliver_repeatedly(&app, "checkout.session.completed").await;
    assert_eq!(count_entries(&ada, &client, "topup").await, 1);
    assert_eq!(ada.credits(&client).await["topup_balance"], 700);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn double_credit_a_repeated_invoice_event_is_one_grant() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.set_webhook_delivery("hold").await;
    ada.subscribe(&app, &client, "basic").await;
    deliver_repeatedly(&app, "invoice.paid").await;
    // The other grant is the free credits.
    assert_eq!(count_entries(&ada, &client, "quota_grant").await, 2);
    assert_eq!(ada.credits(&client).await["balance"], 6000);
    app.assert_ledgers_consistent().await;
}
