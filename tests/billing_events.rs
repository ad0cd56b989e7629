//! Stripe's events, in whatever order they come, and however often.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use shared::billing::events::handle;
use shared::error::Result;
use shared::requester::Requester;
use shared::stripe::events::{Event, EventData, EventObject};
use tests::{CARD, Person, World, at_once, crowd};

use crate::deletion::client;

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
pub(crate) async fn hear(world: &World, name: &str, kind: &str, object: &str) -> Result<()> {
    let stack = world.stack();
    let object = EventObject { id: Some(object.to_owned()), customer: None, charge: None };
    let data = EventData { object, previous_attributes: None };
    let event = Event { id: name.to_owned(), kind: kind.to_owned(), data };
    handle(stack.context(), &stack.ways().stripe, &Requester::service(), &event).await
}

/// A new organization's subscription, of which nobody has told.
struct Paid {
    client: String,
    session: String,
    subscription: String,
    invoice: String,
}

impl Paid {
    async fn new(world: &World, ada: &Person) -> Self {
        let client = client(world, &ada.id().await, &[]).await.to_string();
        let session = ada.checkout(&client, "basic").await;
        world.pay(&session, CARD).await.expect(200);
        let visit = world.stripe(Method::GET, &format!("checkout/sessions/{session}"), "").await;
        let visit = visit.expect(200).json();
        let text = |name: &str| visit[name].as_str().unwrap().to_owned();
        Self { client, subscription: text("subscription"), invoice: text("invoice"), session }
    }

    async fn hear(&self, world: &World, kind: &str) {
        let object = match kind.split('.').next().unwrap() {
            "checkout" => &self.session,
            "customer" => &self.subscription,
            _ => &self.invoice,
        };
        let name = format!("evt_{}_{}", kind.replace('.', "_"), self.session);
        hear(world, &name, kind, object).await.unwrap();
    }

    async fn end(&self, world: &World) {
        let path = format!("subscriptions/{}", self.subscription);
        world.stripe(Method::DELETE, &path, "").await.expect(200);
    }

    /// What people see of it.
    async fn state(&self, ada: &Person) -> Value {
        let mut state =
            json!([ada.subscription(&self.client).await, ada.credits(&self.client).await]);
        for view in state.as_array_mut().unwrap() {
            view.as_object_mut().unwrap().remove("org_id").unwrap();
        }
        state
    }
}

/// Lets each order of so many of a subscription's events happen to an organization of its own, and returns
/// what there was to see of each afterwards. `ends_after` says after how many of them it ends at Stripe.
async fn in_all_orders(
    world: &Arc<World>,
    ada: &Arc<Person>,
    count: usize,
    ends_after: fn(usize) -> Option<usize>,
) -> Vec<(Vec<usize>, Value)> {
    // DynamoDB Local takes minutes for all of them: every twelfth will do there.
    let every = if crowd() == 16 { 12 } else { 1 };
    let all: Vec<_> = orders(count).into_iter().enumerate().step_by(every).collect();
    let mut states = Vec::new();
    for part in all.chunks(8) {
        let part = part.to_vec();
        let (world, ada) = (world.clone(), ada.clone());
        let run = at_once(part.len(), move |place| {
            let (world, ada, (number, order)) = (world.clone(), ada.clone(), part[place].clone());
            async move {
                let paid = Paid::new(&world, &ada).await;
                for (heard, event) in order.iter().enumerate() {
                    if ends_after(number) == Some(heard) {
                        paid.end(&world).await;
                    }
                    paid.hear(&world, LIFE[*event]).await;
                }
                (order, paid.state(&ada).await)
            }
        });
        states.extend(run.await);
    }
    states
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_ended_is_over_whatever_was_told_first() {
    let world = Arc::new(World::start().await);
    let ada = Arc::new(world.person("ada").await);
    world.deliveries("hold").await;
    // It ends before any is heard, or after one, two and so on: what an order says of it differs each time.
    let states = in_all_orders(&world, &ada, 6, |number| Some((number / 6 + number) % 6)).await;
    assert_eq!(states.len(), if crowd() == 16 { 60 } else { 720 });
    let over = json!({"plan_name": "free", "status": "canceled", "monthly_quota_credits": 0,
        "current_period_start": null, "current_period_end": null, "cancel_at_period_end": false});
    let nothing = json!({"plan_name": "free", "balance": 0, "topup_balance": 0,
        "quota": {"monthly": 0, "used": 0, "remaining": 0, "resets_at": null}});
    for (order, state) in states {
        assert_eq!(state, json!([over, nothing]), "{order:?}");
    }
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_brings_its_quota_once_whatever_was_told_first() {
    let world = Arc::new(World::start().await);
    let ada = Arc::new(world.person("ada").await);
    world.deliveries("hold").await;
    let states = in_all_orders(&world, &ada, 5, |_| None).await;
    let (_, first) = states.first().unwrap().clone();
    assert_eq!((&first[0]["plan_name"], &first[0]["status"]), (&json!("basic"), &json!("active")));
    assert_eq!((&first[1]["plan_name"], &first[1]["balance"]), (&json!("basic"), &json!(5000)));
    for (order, state) in &states {
        assert_eq!(*state, first, "{order:?}");
    }
    // Ada's own organization has one entry, too.
    assert_eq!(world.items("LEDGER#", "ENTRY#").await.len(), states.len() + 1);
    world.books_are_right().await;
}

/// The statuses with which an event was answered that was sent so many times at once.
async fn send(world: &World, event: &str, times: usize, new_ids: bool) -> Vec<u64> {
    let body = json!({"event": event, "times": times, "new_ids": new_ids});
    let sent = world.at_stripe("deliveries/send", body).await;
    let all = sent["data"].as_array().unwrap().iter();
    all.map(|attempt| attempt["status"].as_u64().unwrap_or_default()).collect()
}

/// Tells of what is held of that kind twenty times at once, again as twenty events, and again four days later;
/// and then of everything.
async fn tell_again_and_again(world: &World, kind: &str) {
    let held = world.held().await;
    let (event, _) = held.iter().find(|(_, held)| held == kind).unwrap();
    assert_eq!(send(world, event, 20, false).await, [200; 20]);
    assert_eq!(send(world, event, 20, true).await, [200; 20]);
    world.advance(4 * DAY).await;
    assert_eq!(send(world, event, 1, false).await, [200]);
    assert_eq!(send(world, event, 20, true).await, [200; 20]);
    world.deliveries("normal").await;
}

async fn count(ada: &Person, client: &str, kind: &str) -> usize {
    let all = ada.transactions(client).await;
    all.iter().filter(|entry| entry["type"] == kind).count()
}

#[tokio::test]
async fn a_payment_is_one_entry_however_often_it_is_told_of() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = ada.default_client().await;
    world.deliveries("hold").await;
    ada.buy(&world, &client, 700).await;
    assert_eq!(ada.credits(&client).await["topup_balance"], 0);
    tell_again_and_again(&world, "checkout.session.completed").await;
    assert_eq!(count(&ada, &client, "topup").await, 1);
    assert_eq!(ada.credits(&client).await["topup_balance"], 700);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_period_is_one_grant_however_often_it_is_told_of() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = ada.default_client().await;
    world.deliveries("hold").await;
    ada.subscribe(&world, &client, "basic").await;
    tell_again_and_again(&world, "invoice.paid").await;
    // The free credits are the other one.
    assert_eq!(count(&ada, &client, "quota_grant").await, 2);
    assert_eq!(ada.credits(&client).await["balance"], 5000);
    world.books_are_right().await;
}
