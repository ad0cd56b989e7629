//! Only webhooks signed by Stripe take effect; and a deployment without Stripe works except for billing.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use insta::assert_snapshot;
use local::StackOptions;
use reqwest::Method;
use serde_json::{Value, json};
use tests::billing::reconcile;
use tests::organizations::{begin_sweep_now, delete_organization, list_remaining_items};
use tests::secrets::put_secret;
use tests::{FaultProxy, Person, Reply, TestApp};

const HOOK: &str = "/v1/webhooks/stripe";

/// Signs a body with a timestamp by scheme `v1`.
fn sign(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    HEXLOWER.encode(hmac::sign(&key, format!("{at}.{body}").as_bytes()).as_ref())
}

/// Sends a webhook with a signature header.
async fn send_webhook(app: &TestApp, path: &str, header: Option<&str>, body: &str) -> Reply {
    let visitor = app.visitor();
    let visitor = match header {
        Some(header) => visitor.with_header("stripe-signature", header),
        None => visitor,
    };
    visitor.post_raw(path, "application/json; charset=utf-8", body).await
}

/// Sends a webhook with a valid signature.
async fn send_signed_webhook(app: &TestApp, body: &str) -> Reply {
    let (at, secret) = (app.now().await, webhook_secret(app));
    send_webhook(app, HOOK, Some(&format!("t={at},v1={}", sign(&secret, at, body))), body).await
}

/// Returns the webhook secret.
fn webhook_secret(app: &TestApp) -> String {
    app.stack().stripe().unwrap().webhook_secrets[0].clone()
}

/// An organization that has paid for 500 credits, and the event of the payment, which has not been delivered.
struct UndeliveredPayment {
    app: TestApp,
    ada: Person,
    client: String,
    event: String,
}

impl UndeliveredPayment {
    /// Starts the stack and pays.
    async fn start() -> Self {
        let app = TestApp::start().await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        app.set_webhook_delivery("hold").await;
        ada.buy_credits(&app, &client, 500).await;
        let held = app.held_webhooks().await;
        let (id, _) = held.iter().find(|(_, kind)| kind == "checkout.session.completed").unwrap();
        let event =
            app.call_stripe(Method::GET, &format!("events/{id}"), "").await.expect(200).text;
        Self { app, ada, client, event }
    }

    /// Reads the balance.
    async fn balance(&self) -> Value {
        self.ada.credits(&self.client).await["balance"].clone()
    }
}

#[tokio::test]
async fn an_invalid_or_old_signature_is_refused() {
    let fixture = UndeliveredPayment::start().await;
    let UndeliveredPayment { app, event, .. } = &fixture;
    let (now, secret) = (app.now().await, webhook_secret(app));
    let before = app.durable_items().await;
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
        // The signature covers the timestamp.
        Some(format!("t={},v1={good}", now - 1)),
        Some(format!("t={now},t={now},v1={good}")),
        Some(format!("t={now},v1={}", &good[..63])),
        Some(format!("t={now},v1={good}{good}")),
    ] {
        let reply = send_webhook(app, HOOK, header.as_deref(), event).await;
        reply.expect_error(400, "INVALID_SIGNATURE");
    }
    let header = format!("t={now},v1={good}");
    let place = event.find("500").unwrap();
    let mut other = event.clone();
    other.replace_range(place..=place, "9");
    for body in [other, format!("{event} "), event[1..].to_owned(), String::new()] {
        send_webhook(app, HOOK, Some(&header), &body).await.expect_error(400, "INVALID_SIGNATURE");
    }
    assert_eq!(app.durable_items().await, before);
    assert_eq!(fixture.balance().await, 1000);
    // The same body with its own signature is accepted.
    assert_eq!(
        send_webhook(app, HOOK, Some(&header), event).await.expect(200).json(),
        json!({"received": true})
    );
    assert_eq!(fixture.balance().await, 1500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_valid_signature_of_either_path_counts_once() {
    let fixture = UndeliveredPayment::start().await;
    let UndeliveredPayment { app, event, .. } = &fixture;
    let (now, secret) = (app.now().await, webhook_secret(app));
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
            send_webhook(app, path, Some(&header), event).await.expect(200);
        }
    }
    assert_eq!(fixture.balance().await, 1500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn secrets_rotate_without_a_lost_event() {
    let fixture = UndeliveredPayment::start().await;
    let UndeliveredPayment { app, event, .. } = &fixture;
    let old = webhook_secret(app);
    let put_secrets = |secrets: Value| {
        put_secret(app, |ids| ids.stripe.as_ref(), |stripe| stripe["webhook_secrets"] = secrets)
    };
    let send_signed_with = async |secret: &str| {
        let now = app.now().await;
        send_webhook(app, HOOK, Some(&format!("t={now},v1={}", sign(secret, now, event))), event)
            .await
    };
    send_signed_with("whsec_new_as_of_today").await.expect_error(400, "INVALID_SIGNATURE");
    put_secrets(json!(["whsec_new_as_of_today", old])).await;
    assert_eq!(fixture.balance().await, 1000);
    send_signed_with(&old).await.expect(200);
    assert_eq!(fixture.balance().await, 1500);
    send_signed_with("whsec_new_as_of_today").await.expect(200);
    put_secrets(json!(["whsec_new_as_of_today"])).await;
    send_signed_with(&old).await.expect_error(400, "INVALID_SIGNATURE");
    send_signed_with("whsec_new_as_of_today").await.expect(200);
    // Without a secret nobody can sign, not even with an empty key.
    put_secrets(json!([])).await;
    for secret in [&old, "whsec_new_as_of_today", ""] {
        send_signed_with(secret).await.expect_error(503, "BILLING_NOT_CONFIGURED");
    }
    assert_eq!(fixture.balance().await, 1500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn signed_events_of_unknown_objects_are_harmless() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    let before = app.durable_items().await;
    let event = |kind: &str, object: Value| {
        json!({"id": "evt_1", "type": kind, "data": {"object": object}}).to_string()
    };
    for body in [
        event("radar.early_fraud_warning.created", json!({"id": "issfr_1"})),
        event("something.new", json!({})),
        event("", json!({})),
    ] {
        assert_eq!(
            send_signed_webhook(&app, &body).await.expect(200).json(),
            json!({"received": true})
        );
    }
    assert_eq!(app.durable_items().await, before);
    // Handled event types about objects that do not exist.
    for (kind, id) in shared::billing::webhooks::EVENT_TYPES.iter().zip(2..) {
        let mut body: Value = serde_json::from_str(&event(kind, json!({"id": "x_1"}))).unwrap();
        body["id"] = json!(format!("evt_{id}"));
        send_signed_webhook(&app, &body.to_string()).await.expect(200);
    }
    for body in ["", "{", "[]", "null", "{}", r#"{"id":"evt_1","type":"x"}"#, "\u{feff}{}"] {
        send_signed_webhook(&app, body).await.expect_error(400, "INVALID_JSON");
    }
    let long = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    send_signed_webhook(&app, &long(1024 * 1024)).await.expect_error(400, "INVALID_JSON");
    send_signed_webhook(&app, &long(1024 * 1024 + 1)).await.expect_error(413, "BODY_TOO_LARGE");
    app.assert_ledgers_consistent().await;
}

/// Lists the requests that need Stripe, with their bodies.
fn stripe_requests(ada: &Person, client: &str) -> Vec<(Method, String, Option<Value>)> {
    let (success, cancel) = ada.return_urls();
    let urls = json!({"success_url": success, "cancel_url": cancel});
    let body = json!({"success_url": success, "cancel_url": cancel, "credits": 500});
    let of = |path: &str| format!("/v1/clients/{client}/{path}");
    vec![
        (Method::POST, of("subscription/checkout"), Some(ada.checkout_body("basic"))),
        (Method::POST, of("credits/topup"), Some(body)),
        (Method::POST, of("portal"), Some(json!({"return_url": cancel}))),
        (Method::POST, of("payment-methods/setup"), Some(urls)),
        (Method::GET, of("payment-methods"), None),
        (Method::DELETE, of("payment-methods/pm_1"), None),
        (Method::POST, of("payment-methods/pm_1/default"), None),
        (Method::GET, of("invoices"), None),
        (Method::GET, of("invoices/in_1/pdf"), None),
        (Method::POST, HOOK.to_owned(), Some(json!({"id": "evt_1"}))),
    ]
}

/// Asserts that every route that needs Stripe answers that billing is not configured.
async fn assert_billing_not_configured(ada: &Person, client: &str) {
    for (method, path, body) in stripe_requests(ada, client) {
        let body = body.map(|body| body.to_string().into_bytes());
        let body = body.map(|body| ("application/json", body));
        let reply = ada.visitor.send(method, &path, body).await;
        let reply = reply.expect_error(503, "BILLING_NOT_CONFIGURED");
        assert_eq!(reply.header("retry-after"), None, "{path}");
    }
}

#[tokio::test]
async fn everything_else_works_without_stripe() {
    let engine = FaultProxy::start().await;
    let options =
        StackOptions { stripe: local::StripeBackend::Disabled, ..StackOptions::default() };
    let app = TestApp::start_with_options_on(options, &engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    assert_billing_not_configured(&ada, &client).await;
    let methods = ada.get(&format!("/v1/clients/{client}/payment-methods")).await;
    assert_snapshot!(app.snapshot(&methods).await, @r#"
    503
    {
      "detail": {
        "code": "BILLING_NOT_CONFIGURED",
        "message": "Billing is not set up in this deployment"
      }
    }
    "#);
    ada.post("/v1/projects", json!({"org_id": client, "name": "Site"})).await.expect(200);
    let key = ada.visitor_with_key(&app, &client).await;
    key.spend_credits(&client, "run-1", "1.5").await.expect(200);
    assert_eq!(ada.credits(&client).await["balance"], json!(998.5));
    assert_eq!(ada.transactions(&client).await.len(), 2);
    assert_eq!(ada.subscription(&client).await["status"], "none");
    assert_eq!(app.visitor().get("/v1/plans").await.expect(200).json()["data"][0]["name"], "free");
    let other = ada.create_client("Acme").await;
    delete_organization(&ada, &other, "Acme").await.expect(200);
    begin_sweep_now(app.stack().context(), &other).await;
    app.wait_for_worker().await;
    assert_eq!(list_remaining_items(&app, &other).await, Vec::<Value>::new());
    reconcile(&app).await;
    assert_eq!(app.items("LEDGER#", "CHECKED").await.len(), 1, "the ledger was added up");
    app.assert_ledgers_consistent().await;
}

/// Removes Stripe's key from the secret. Paid credits and plans stay, and organizations can still
/// be deleted.
#[tokio::test]
async fn removing_stripe_keeps_paid_credits_and_plans() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    ada.subscribe(&app, &client, "basic").await;
    ada.buy_credits(&app, &client, 500).await;
    put_secret(&app, |ids| ids.stripe.as_ref(), |secret| *secret = json!({})).await;
    assert_billing_not_configured(&ada, &client).await;
    let key = ada.visitor_with_key(&app, &client).await;
    key.spend_credits(&client, "run-1", "5100").await.expect(200);
    assert_eq!(ada.credits(&client).await["balance"], 400);
    assert_eq!(ada.subscription(&client).await["plan_name"], "basic");
    reconcile(&app).await;
    app.assert_ledgers_consistent().await;
    delete_organization(&ada, &client, "Acme").await.expect(200);
    app.wait_for_worker().await;
    ada.get(&format!("/v1/clients/{client}")).await.expect_error(404, "NOT_FOUND");
    let work = app.items(shared::keys::JOBS, "").await;
    assert_eq!(work, Vec::<Value>::new(), "nothing waits for Stripe");
}
