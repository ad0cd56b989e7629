//! Webhooks are Stripe's, or nothing comes of them; and a deployment without Stripe.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use local::Options;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Engine, Person, Reply, World};

use crate::delete_client::{delete, left_of};
use crate::key_rotation::put_secret;

const HOOK: &str = "/v1/webhooks/stripe";

/// The signature of a body that is sent at a time, by scheme `v1`.
fn sign(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    HEXLOWER.encode(hmac::sign(&key, format!("{at}.{body}").as_bytes()).as_ref())
}

async fn send(world: &World, path: &str, header: Option<&str>, body: &str) -> Reply {
    let visitor = world.visitor();
    let visitor = match header {
        Some(header) => visitor.with_header("stripe-signature", header),
        None => visitor,
    };
    visitor.post_raw(path, "application/json; charset=utf-8", body).await
}

/// Sends what is signed as it should be.
async fn send_signed(world: &World, body: &str) -> Reply {
    let (at, secret) = (world.now().await, secret(world));
    send(world, HOOK, Some(&format!("t={at},v1={}", sign(&secret, at, body))), body).await
}

fn secret(world: &World) -> String {
    world.stack().stripe().unwrap().webhook_secrets[0].clone()
}

/// Somebody whose 500 credits are paid, and an event that says so and wasn't sent yet.
struct Waiting {
    world: World,
    ada: Person,
    client: String,
    event: String,
}

impl Waiting {
    async fn start() -> Self {
        let world = World::start().await;
        let ada = world.person("ada").await;
        let client = ada.default_client().await;
        world.deliveries("hold").await;
        ada.buy(&world, &client, 500).await;
        let held = world.held().await;
        let (id, _) = held.iter().find(|(_, kind)| kind == "checkout.session.completed").unwrap();
        let event = world.stripe(Method::GET, &format!("events/{id}"), "").await.expect(200).text;
        Self { world, ada, client, event }
    }

    async fn balance(&self) -> Value {
        self.ada.credits(&self.client).await["balance"].clone()
    }
}

#[tokio::test]
async fn what_stripe_did_not_sign_a_moment_ago_does_nothing() {
    let waiting = Waiting::start().await;
    let Waiting { world, event, .. } = &waiting;
    let (now, secret) = (world.now().await, secret(world));
    let before = world.lasting_items().await;
    let good = sign(&secret, now, event);
    let (old, ahead) = (now - 301, now + 301);
    for header in [
        None,
        Some(String::new()),
        Some(format!("t={now}")),
        Some(format!("v1={good}")),
        Some(format!("t={now},v0={good}")),
        Some(format!("t={now},v1={}", sign("whsec_another", now, event))),
        Some(format!("t={now},v1={}", sign("", now, event))),
        Some(format!("t={old},v1={}", sign(&secret, old, event))),
        Some(format!("t={ahead},v1={}", sign(&secret, ahead, event))),
        // The time is signed, too.
        Some(format!("t={},v1={good}", now - 1)),
        Some(format!("t={now},t={now},v1={good}")),
        Some(format!("t={now},v1={}", &good[..63])),
        Some(format!("t={now},v1={good}{good}")),
    ] {
        let reply = send(world, HOOK, header.as_deref(), event).await;
        reply.expect_error(400, "INVALID_SIGNATURE");
    }
    let header = format!("t={now},v1={good}");
    let place = event.find("500").unwrap();
    let mut other = event.clone();
    other.replace_range(place..=place, "9");
    for body in [other, format!("{event} "), event[1..].to_owned(), String::new()] {
        send(world, HOOK, Some(&header), &body).await.expect_error(400, "INVALID_SIGNATURE");
    }
    assert_eq!(world.lasting_items().await, before);
    assert_eq!(waiting.balance().await, 1000);
    // The same with its own signature is heard.
    assert_eq!(
        send(world, HOOK, Some(&header), event).await.expect(200).json(),
        json!({"received": true})
    );
    assert_eq!(waiting.balance().await, 1500);
    world.books_are_right().await;
}

#[tokio::test]
async fn any_signature_of_five_minutes_will_do_on_either_path_and_counts_once() {
    let waiting = Waiting::start().await;
    let Waiting { world, event, .. } = &waiting;
    let (now, secret) = (world.now().await, secret(world));
    let good = sign(&secret, now, event);
    let other = sign("whsec_another", now, event);
    let (old, ahead) = (now - 300, now + 300);
    for header in [
        format!("t={now},v1={other},v1={good}"),
        format!("t={now},v1={good},v1={other},v0=00"),
        format!("t={old},v1={}", sign(&secret, old, event)),
        format!("t={ahead},v1={}", sign(&secret, ahead, event)),
    ] {
        for path in [HOOK, "/api/v1/webhooks/stripe"] {
            send(world, path, Some(&header), event).await.expect(200);
        }
    }
    assert_eq!(waiting.balance().await, 1500);
    world.books_are_right().await;
}

#[tokio::test]
async fn secrets_rotate_without_a_lost_event() {
    let waiting = Waiting::start().await;
    let Waiting { world, event, .. } = &waiting;
    let old = secret(world);
    let with = |secrets: Value| put_secret(world, |all| all["stripe"]["webhook_secrets"] = secrets);
    let answered = async |secret: &str| {
        let now = world.now().await;
        send(world, HOOK, Some(&format!("t={now},v1={}", sign(secret, now, event))), event).await
    };
    answered("whsec_new_as_of_today").await.expect_error(400, "INVALID_SIGNATURE");
    with(json!(["whsec_new_as_of_today", old])).await;
    assert_eq!(waiting.balance().await, 1000);
    answered(&old).await.expect(200);
    assert_eq!(waiting.balance().await, 1500);
    answered("whsec_new_as_of_today").await.expect(200);
    with(json!(["whsec_new_as_of_today"])).await;
    answered(&old).await.expect_error(400, "INVALID_SIGNATURE");
    answered("whsec_new_as_of_today").await.expect(200);
    // Without any, nobody can sign: not even with nothing.
    with(json!([])).await;
    for secret in [&old, "whsec_new_as_of_today", ""] {
        answered(secret).await.expect_error(503, "BILLING_NOT_CONFIGURED");
    }
    assert_eq!(waiting.balance().await, 1500);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_signed_and_none_of_ours_does_no_harm() {
    let world = World::start().await;
    world.person("ada").await;
    let before = world.lasting_items().await;
    let event = |kind: &str, object: Value| {
        json!({"id": "evt_1", "type": kind, "data": {"object": object}}).to_string()
    };
    for body in [
        event("radar.early_fraud_warning.created", json!({"id": "issfr_1"})),
        event("something.new", json!({})),
        event("", json!({})),
    ] {
        assert_eq!(send_signed(&world, &body).await.expect(200).json(), json!({"received": true}));
    }
    assert_eq!(world.lasting_items().await, before);
    // What is listened for, about things that were never there.
    for (kind, id) in shared::billing::events::KINDS.iter().zip(2..) {
        let mut body: Value = serde_json::from_str(&event(kind, json!({"id": "x_1"}))).unwrap();
        body["id"] = json!(format!("evt_{id}"));
        send_signed(&world, &body.to_string()).await.expect(200);
    }
    for body in ["", "{", "[]", "null", "{}", r#"{"id":"evt_1","type":"x"}"#, "\u{feff}{}"] {
        send_signed(&world, body).await.expect_error(400, "INVALID_JSON");
    }
    let long = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    send_signed(&world, &long(1024 * 1024)).await.expect_error(400, "INVALID_JSON");
    send_signed(&world, &long(1024 * 1024 + 1)).await.expect_error(413, "BODY_TOO_LARGE");
    world.books_are_right().await;
}

/// The calls that need Stripe, and what they take.
fn calls(ada: &Person, client: &str) -> Vec<(Method, String, Option<Value>)> {
    let (success, cancel) = ada.return_urls();
    let urls = json!({"success_url": success, "cancel_url": cancel});
    let wish = json!({"success_url": success, "cancel_url": cancel, "credits": 500});
    let of = |path: &str| format!("/v1/clients/{client}/{path}");
    vec![
        (Method::POST, of("subscription/checkout"), Some(ada.checkout_body("basic"))),
        (Method::POST, of("credits/topup"), Some(wish)),
        (Method::POST, of("portal"), Some(json!({"return_url": cancel}))),
        (Method::POST, of("payment-methods/setup"), Some(urls)),
        (Method::GET, of("payment-methods"), None),
        (Method::GET, of("invoices"), None),
        (Method::GET, of("invoices/in_1/pdf"), None),
        (Method::POST, HOOK.to_owned(), Some(json!({"id": "evt_1"}))),
    ]
}

async fn nothing_is_to_be_had_from_stripe(ada: &Person, client: &str) {
    for (method, path, body) in calls(ada, client) {
        let body = body.map(|body| body.to_string().into_bytes());
        let body = body.map(|body| ("application/json", body));
        let reply = ada.at.send(method, &path, body).await;
        let reply = reply.expect_error(503, "BILLING_NOT_CONFIGURED");
        assert_eq!(reply.header("retry-after"), None, "{path}");
    }
}

async fn keep_books(world: &World) {
    let (ctx, ways) = (world.stack().context().clone(), world.stack().ways().clone());
    let worker = worker::Worker::new(ctx, ways, world.stack().contents().clone());
    let event = serde_json::from_value(json!({"schedule": "books"})).unwrap();
    worker.invoke(event).await.unwrap();
}

#[tokio::test]
async fn without_stripe_everything_else_works() {
    let engine = Engine::start().await;
    let options = Options { stripe: local::Stripe::None, ..Options::default() };
    let world = World::start_from_on(options, &engine).await;
    let ada = world.person("ada").await;
    let client = ada.default_client().await;
    nothing_is_to_be_had_from_stripe(&ada, &client).await;
    ada.post("/v1/projects", json!({"org_id": client, "name": "Site"})).await.expect(200);
    let key = ada.charger(&world, &client).await;
    key.charge(&client, "run-1", "1.5").await.expect(200);
    assert_eq!(ada.credits(&client).await["balance"], json!(998.5));
    assert_eq!(ada.transactions(&client).await.len(), 2);
    assert_eq!(ada.subscription(&client).await["status"], "none");
    assert_eq!(
        world.visitor().get("/v1/plans").await.expect(200).json()["data"][0]["name"],
        "free"
    );
    let other = ada.create_client("Acme").await;
    delete(&ada, &other, "Acme").await.expect(200);
    world.settled().await;
    assert_eq!(left_of(&world, &other).await, Vec::<Value>::new());
    keep_books(&world).await;
    assert_eq!(world.items("LEDGER#", "CHECKED").await.len(), 1, "the ledger was added up");
    world.books_are_right().await;
}

/// Somebody takes the key out of the secret: what was paid for stays, and organizations can still go.
#[tokio::test]
async fn when_stripe_is_taken_away_what_was_paid_for_is_still_there() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let client = ada.create_client("Acme").await;
    ada.subscribe(&world, &client, "basic").await;
    ada.buy(&world, &client, 500).await;
    put_secret(&world, |secret| {
        secret.as_object_mut().unwrap().remove("stripe").expect("an account");
    })
    .await;
    nothing_is_to_be_had_from_stripe(&ada, &client).await;
    let key = ada.charger(&world, &client).await;
    key.charge(&client, "run-1", "5100").await.expect(200);
    assert_eq!(ada.credits(&client).await["balance"], 400);
    assert_eq!(ada.subscription(&client).await["plan_name"], "basic");
    keep_books(&world).await;
    world.books_are_right().await;
    delete(&ada, &client, "Acme").await.expect(200);
    world.settled().await;
    ada.get(&format!("/v1/clients/{client}")).await.expect_error(404, "NOT_FOUND");
    let work = world.items(shared::keys::WORK, "").await;
    assert_eq!(work, Vec::<Value>::new(), "nothing waits for Stripe");
}
