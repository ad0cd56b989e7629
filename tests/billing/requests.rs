//! What the service sends to Stripe is Stripe's: its calls, its parameters, exactly what is meant, and a key
//! for whatever changes something.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{CARD, Person, TestApp};

use crate::routes::delete_client::delete_organization;

/// Stripe takes no longer key.
const LONGEST_KEY: usize = 255;

/// Pays, and is disputed.
const DISPUTED: &str = "4000000000000259";

/// The calls of the gateway: what Stripe is sent for each of its functions. Where several send to the same
/// place, a parameter that only one of them has, and its value.
const CALLS: [Call; 25] = [
    call("create_customer", "POST", "/v1/customers"),
    call("customer", "GET", "/v1/customers/{customer}"),
    call("delete_customer", "DELETE", "/v1/customers/{customer}"),
    call("subscribe", "POST", "/v1/checkout/sessions").having("/mode", "subscription"),
    call("buy", "POST", "/v1/checkout/sessions").having("/mode", "payment"),
    call("set_up", "POST", "/v1/checkout/sessions").having("/mode", "setup"),
    call("session", "GET", "/v1/checkout/sessions/{session}"),
    call("session_of_payment", "GET", "/v1/checkout/sessions"),
    call("expire", "POST", "/v1/checkout/sessions/{session}/expire"),
    call("subscription", "GET", "/v1/subscriptions/{subscription_exposed_id}"),
    call("cancel_subscription", "DELETE", "/v1/subscriptions/{subscription_exposed_id}"),
    call("invoice", "GET", "/v1/invoices/{invoice}"),
    call("invoices", "GET", "/v1/invoices"),
    call("invoices_of", "GET", "/v1/invoices"),
    call("invoice_of_payment", "GET", "/v1/invoice_payments"),
    call("payment_method", "GET", "/v1/payment_methods/{payment_method}"),
    call("payment_methods", "GET", "/v1/payment_methods"),
    call("portal", "POST", "/v1/billing_portal/sessions"),
    call("charge", "GET", "/v1/charges/{charge}"),
    call("refunds", "GET", "/v1/refunds"),
    call("refund", "POST", "/v1/refunds"),
    call("dispute", "GET", "/v1/disputes/{dispute}"),
    call("payment", "GET", "/v1/payment_intents/{intent}"),
    call("payments", "GET", "/v1/payment_intents"),
    call("events", "GET", "/v1/events"),
];

#[derive(Debug)]
struct Call {
    function: &'static str,
    method: &'static str,
    path: &'static str,
    having: Option<(&'static str, &'static str)>,
}

const fn call(function: &'static str, method: &'static str, path: &'static str) -> Call {
    Call { function, method, path, having: None }
}

impl Call {
    const fn having(self, pointer: &'static str, value: &'static str) -> Self {
        Self { having: Some((pointer, value)), ..self }
    }

    /// Which of the gateway's calls a request is.
    #[track_caller]
    fn of(request: &Value) -> &'static Self {
        let is_it = |call: &&Self| {
            let having = call.having.is_none_or(|(pointer, value)| {
                request["parameters"].pointer(pointer).is_some_and(|sent| sent == value)
            });
            // Of one path, and told apart by what is asked for.
            let by_subscription = request["parameters"].get("subscription").is_some();
            let is_list =
                call.path != "/v1/invoices" || (call.function == "invoices_of") == by_subscription;
            is_list
                && request["method"] == call.method
                && is_path(call.path, request["path"].as_str().unwrap())
                && having
        };
        let all: Vec<_> = CALLS.iter().filter(is_it).collect();
        let [call] = all[..] else { panic!("{request} is one of {all:?}") };
        call
    }
}

fn is_path(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let fits =
        |(part, sent): (&&str, &&str)| part.starts_with('{') && !sent.is_empty() || part == sent;
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

/// Everything that an organization may have to do with Stripe.
struct Life {
    client: String,
    customer: String,
    /// What the service sent, the oldest first.
    requests: Vec<Value>,
}

impl Life {
    async fn lived() -> Self {
        let app = TestApp::start().await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        let customer = subscribes(&app, &ada, &client).await;
        pays_otherwise(&app, &ada, &client).await;
        is_heard_late(&app, &ada, &client, &customer).await;
        subscribes_twice(&app, &client, &customer).await;
        let other = ada.create_client("Acme").await;
        ada.checkout(&other, "basic").await;
        delete_organization(&ada, &other, "Acme").await.expect(200);
        app.wait_for_worker().await;
        heard(&app).await;
        keep_books(&app).await;
        app.assert_ledgers_consistent().await;
        Self { client, customer, requests: app.stripe_requests().await }
    }

    /// The requests of a function of the gateway.
    fn of(&self, function: &str) -> Vec<&Value> {
        self.requests.iter().filter(|request| Call::of(request).function == function).collect()
    }
}

/// Asks for a page twice, pays on the second, and looks at what there is; the customer.
async fn subscribes(app: &TestApp, ada: &Person, client: &str) -> String {
    let mut body = ada.checkout_body("basic");
    body["customer_email"] = json!("bills@example.com");
    ada.post(&format!("/v1/clients/{client}/subscription/checkout"), body).await.expect(200);
    ada.subscribe(app, client, "basic").await;
    let list = ada.get(&format!("/v1/clients/{client}/invoices")).await.expect(200).json();
    let invoice = list["data"][0]["id"].as_str().unwrap();
    ada.get(&format!("/v1/clients/{client}/invoices/{invoice}/pdf")).await.expect(302);
    app.stripe_customer(client).await
}

/// Leaves a card, takes one away, visits the portal, buys credits.
async fn pays_otherwise(app: &TestApp, ada: &Person, client: &str) {
    let (success, cancel) = ada.return_urls();
    let urls = json!({"success_url": success, "cancel_url": cancel});
    let path = format!("/v1/clients/{client}/payment-methods/setup");
    let page = ada.post(&path, urls).await.expect(200).json();
    app.pay_checkout(page["session_id"].as_str().unwrap(), CARD).await.expect(200);
    let path = format!("/v1/clients/{client}/payment-methods?limit=1");
    let list = ada.get(&path).await.expect(200).json();
    let cursor = list["next_cursor"].as_str().expect("a second card");
    ada.get(&format!("{path}&cursor={cursor}")).await.expect(200);
    let card = list["data"][0]["id"].as_str().unwrap();
    app.call_stripe(Method::POST, &format!("payment_methods/{card}/detach"), "").await.expect(200);
    heard(app).await;
    let body = json!({"return_url": cancel});
    ada.post(&format!("/v1/clients/{client}/portal"), body).await.expect(200);
    let page = ada.top_up_session(client, 700).await;
    app.pay_checkout(&page, DISPUTED).await.expect(200);
}

/// Money goes back before it is heard that it came: of credits, and of somebody else's subscription.
async fn is_heard_late(app: &TestApp, ada: &Person, client: &str, customer: &str) {
    let eve = app.sign_up("eve").await;
    let hers = eve.default_client().await;
    app.set_webhook_delivery("hold").await;
    ada.buy_credits(app, client, 500).await;
    eve.subscribe(app, &hers, "basic").await;
    for customer in [customer, &app.stripe_customer(&hers).await] {
        let path = format!("payment_intents?customer={customer}&limit=1");
        let newest = app.call_stripe(Method::GET, &path, "").await.expect(200).json();
        let form = format!("payment_intent={}", newest["data"][0]["id"].as_str().unwrap());
        app.call_stripe(Method::POST, "refunds", &form).await.expect(200);
    }
    let held = app.held_webhooks().await.into_iter();
    let order: Vec<_> =
        held.filter(|(_, kind)| kind == "charge.refunded").map(|(id, _)| id).collect();
    assert_eq!(order.len(), 2);
    app.control_stripe("deliveries/flush", json!({"order": order})).await;
    app.set_webhook_delivery("normal").await;
}

/// Somebody in Stripe's dashboard makes a page to subscribe on for a customer who has.
async fn subscribes_twice(app: &TestApp, client: &str, customer: &str) {
    let form = format!(
        "mode=subscription&customer={customer}&success_url=https://example.com\
         &metadata[client_id]={client}&line_items[0][price]=price_pro_monthly&line_items[0][quantity]=1"
    );
    let page = app.call_stripe(Method::POST, "checkout/sessions", &form).await.expect(200).json();
    app.pay_checkout(page["id"].as_str().unwrap(), CARD).await.expect(200);
}

/// Until all is delivered that Stripe has told of.
async fn heard(app: &TestApp) {
    app.set_webhook_delivery("normal").await;
}

async fn keep_books(app: &TestApp) {
    let (ctx, clients) = (app.stack().context().clone(), app.stack().clients().clone());
    let worker = worker::Worker::new(ctx, clients, app.stack().blobs().clone());
    let event = serde_json::from_value(json!({"schedule": "books"})).unwrap();
    worker.invoke(event).await.unwrap();
}

/// What Stripe's description says of a call's parameters, as a schema.
fn described(call: &Call) -> Value {
    let documents = [
        include_str!("../../local/simulators/stripe/src/description/openapi.json"),
        include_str!("../../local/simulators/stripe/src/description/later.json"),
    ];
    let method = call.method.to_lowercase();
    let found = documents.iter().find_map(|text| {
        let document: Value = serde_json::from_str(text).unwrap();
        document["paths"][call.path].get(&method).cloned()
    });
    let found = found.unwrap_or_else(|| panic!("Stripe has no {call:?}"));
    let form = "/requestBody/content/application~1x-www-form-urlencoded/schema";
    if let Some(schema) = found.pointer(form).filter(|_| call.method != "GET") {
        return schema.clone();
    }
    let all = found["parameters"].as_array().into_iter().flatten();
    let all = all.filter(|parameter| parameter["in"] == "query");
    let required: Vec<_> = all.clone().filter(|each| each["required"] == true).collect();
    let required: Vec<_> = required.iter().map(|each| each["name"].clone()).collect();
    let properties: serde_json::Map<_, _> = all
        .map(|each| (each["name"].as_str().unwrap().to_owned(), each["schema"].clone()))
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// What of a parameter isn't as described: nothing, if all is well.
fn defect(name: &str, schema: &Value, sent: &Value) -> Option<String> {
    if let Some(choices) = schema["anyOf"].as_array() {
        let defects: Vec<_> = choices.iter().map(|choice| defect(name, choice, sent)).collect();
        return defects.iter().all(Option::is_some).then(|| format!("{name}: {defects:?}"));
    }
    let wrong = |what: &str| Some(format!("{name}: {what}: {sent}"));
    match schema["type"].as_str().unwrap() {
        "object" => {
            let Some(fields) = sent.as_object() else { return wrong("no object") };
            let missing = schema["required"].as_array().into_iter().flatten();
            if let Some(missing) =
                missing.map(|it| it.as_str().unwrap()).find(|it| !fields.contains_key(*it))
            {
                return wrong(&format!("lacks {missing}"));
            }
            fields.iter().find_map(|(key, value)| {
                let below = format!("{name}.{key}");
                let schema = schema["properties"].get(key).or(schema.get("additionalProperties"));
                schema.map_or(Some(format!("{below} is unknown")), |it| defect(&below, it, value))
            })
        }
        "array" => {
            let Some(all) = sent.as_array() else { return wrong("no array") };
            all.iter().find_map(|each| defect(name, &schema["items"], each))
        }
        kind => {
            let Some(text) = sent.as_str() else { return wrong("not a single value") };
            let is_known = schema["enum"].as_array().is_none_or(|known| known.contains(sent));
            let fits = match kind {
                "integer" => text.parse::<i64>().is_ok(),
                "number" => text.parse::<f64>().is_ok(),
                "boolean" => ["true", "false"].contains(&text),
                "string" => text.len() as u64 <= schema["maxLength"].as_u64().unwrap_or(u64::MAX),
                other => panic!("{other}"),
            };
            (!is_known || !fits || text.is_empty())
                .then(|| format!("{name}: {sent} is no {schema}"))
        }
    }
}

/// The functions of the gateway, as its sources have them.
fn functions() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/stripe");
    let mut functions = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // What they are sent with, and what is sent to us.
        let is_other = ["mod.rs", "signature.rs"].iter().any(|other| path.ends_with(other));
        if !is_other {
            let text = std::fs::read_to_string(&path).unwrap();
            let after = text.split("pub async fn ").skip(1);
            functions.extend(after.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()));
        }
    }
    functions
}

#[tokio::test]
async fn every_request_is_stripe_s_and_every_function_makes_one() {
    let life = Life::lived().await;
    for request in &life.requests {
        let call = Call::of(request);
        assert_eq!(request["status"], 200, "{request}");
        assert_eq!(defect("", &described(call), &request["parameters"]), None, "{request}");
        let key = request["idempotency_key"].as_str();
        assert_eq!(key.is_some(), call.method != "GET", "{request}");
        if let Some(key) = key {
            assert!((10..=LONGEST_KEY).contains(&key.len()) && key.is_ascii(), "{key}");
        }
    }
    let mut keys: Vec<_> =
        life.requests.iter().filter_map(|request| request["idempotency_key"].as_str()).collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    // Nothing was tried again, so that each is for something else.
    assert_eq!(keys.len(), all);
    let made: BTreeSet<_> =
        life.requests.iter().map(|request| Call::of(request).function.to_owned()).collect();
    assert_eq!(made, functions());
}

#[tokio::test]
async fn what_is_sent_is_this_and_no_more() {
    let life = Life::lived().await;
    let (client, customer) = (&life.client, &life.customer);
    let first = |function: &str| life.of(function)[0].clone();
    let place = |function: &str| {
        let path = first(function)["path"].as_str().unwrap().to_owned();
        path.split('/').nth(if function == "expire" { 4 } else { 3 }).unwrap().to_owned()
    };
    let origin = first("portal")["parameters"]["return_url"].as_str().unwrap().to_owned();
    let (site, path) = origin.rsplit_once('/').unwrap();
    assert!(site.starts_with("http://localhost:") && path == "billing", "{origin}");
    let (success, cancel) = (format!("{origin}?session={{CHECKOUT_SESSION_ID}}"), origin);
    let metadata = json!({"client_id": client});
    let page = |mode: &str, more: Value| {
        let mut page = json!({"mode": mode, "customer": customer, "client_reference_id": client,
            "success_url": success, "cancel_url": cancel, "metadata": metadata});
        page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        page
    };
    let price = json!({"currency": "usd", "unit_amount": "700", "product_data": {"name": "700 AIUS credits"}});
    let expected = [
        ("create_customer", json!({"email": "bills@example.com", "metadata": metadata})),
        ("delete_customer", json!({})),
        (
            "subscribe",
            page(
                "subscription",
                json!({
            "line_items": [{"price": "price_basic_monthly", "quantity": "1"}],
            "subscription_data": {"metadata": metadata}}),
            ),
        ),
        (
            "buy",
            page(
                "payment",
                json!({
            "line_items": [{"price_data": price, "quantity": "1"}],
            "metadata": {"client_id": client, "credits": "700"},
            "payment_intent_data": {"metadata": metadata},
            "invoice_creation": {"enabled": "true"}}),
            ),
        ),
        ("set_up", page("setup", json!({"currency": "usd"}))),
        ("session", json!({})),
        ("expire", json!({})),
        ("subscription", json!({})),
        ("cancel_subscription", json!({})),
        ("customer", json!({})),
        ("invoice", json!({"expand": ["payments"]})),
        ("invoices", json!({"customer": customer, "limit": "50"})),
        ("invoices_of", json!({"subscription": place("cancel_subscription"), "limit": "10"})),
        ("payment_method", json!({})),
        ("payment_methods", json!({"customer": customer, "limit": "1"})),
        ("portal", json!({"customer": customer, "return_url": cancel})),
        ("charge", json!({})),
        ("dispute", json!({})),
        ("payment", json!({})),
    ];
    for (function, parameters) in &expected {
        assert_eq!(first(function)["parameters"], *parameters, "{function}");
    }
    // Those that are about a thing that Stripe named.
    let again = &life.of("payment_methods")[1]["parameters"];
    let card = again["starting_after"].as_str().unwrap();
    assert_eq!(*again, json!({"customer": customer, "limit": "1", "starting_after": card}));
    assert_eq!(place("payment_method"), card);
    let sent =
        |function: &str, name: &str| first(function)["parameters"].pointer(name).cloned().unwrap();
    let late = sent("session_of_payment", "/payment_intent");
    let expected = [
        ("session_of_payment", json!({"payment_intent": late, "limit": "1"})),
        ("refunds", json!({"charge": place("charge"), "limit": "100"})),
    ];
    for (function, parameters) in expected {
        assert_eq!(first(function)["parameters"], parameters, "{function}");
    }
    let payment = sent("invoice_of_payment", "/payment/payment_intent");
    assert!(payment.as_str().unwrap().starts_with("pi_") && payment != late);
    let parameters =
        json!({"payment": {"type": "payment_intent", "payment_intent": payment}, "limit": "1"});
    assert_eq!(first("invoice_of_payment")["parameters"], parameters);
    let refunded = sent("refund", "/payment_intent");
    assert_eq!(first("refund")["parameters"], json!({"payment_intent": refunded}));

    // What is asked for once a day.
    let now: i64 = first("events")["at"].as_i64().unwrap();
    let days = |at: i64| (at - 3 * 86_400).to_string();
    let mut types = sent("events", "/types");
    types.as_array_mut().unwrap().sort_by_key(|kind| kind.as_str().unwrap().to_owned());
    assert!(types.as_array().unwrap().len() <= 20, "Stripe takes no more");
    assert_eq!(types.as_array().unwrap().len(), shared::billing::webhooks::EVENT_TYPES.len());
    let parameters =
        json!({"created": {"gte": days(now)}, "types": sent("events", "/types"), "limit": "100"});
    assert_eq!(first("events")["parameters"], parameters);
    let bounds = json!({"gte": days(now), "lt": (now - 3_600).to_string()});
    assert_eq!(first("payments")["parameters"], json!({"created": bounds, "limit": "100"}));

    // The keys say what is done, and to what.
    let key = |function: &str| first(function)["idempotency_key"].as_str().unwrap().to_owned();
    for (function, begins) in [
        ("create_customer", format!("customer-{client}-0-")),
        ("subscribe", "subscribe-".to_owned()),
        ("buy", "topup-".to_owned()),
        ("set_up", "setup-".to_owned()),
        ("portal", "portal-".to_owned()),
    ] {
        assert!(key(function).starts_with(&begins), "{}", key(function));
    }
    for (function, expected) in [
        ("expire", format!("expire-{}", place("expire"))),
        ("cancel_subscription", format!("cancel-{}", place("cancel_subscription"))),
        ("delete_customer", format!("delete-{}", place("delete_customer"))),
        ("refund", format!("refund-{}", refunded.as_str().unwrap())),
    ] {
        // Of the hour: what came of a key is remembered at Stripe, be it a failure.
        let hour = first(function)["at"].as_i64().unwrap() / 3_600;
        assert_eq!(key(function), format!("{expected}-{hour}"));
    }
}

/// The keys of what was sent for a function, the oldest first.
async fn keys(app: &TestApp, function: &str) -> Vec<String> {
    let all = app.stripe_requests().await;
    let of = all.iter().filter(|request| {
        request["path"].as_str().unwrap().starts_with("/v1/")
            && Call::of(request).function == function
    });
    of.map(|request| request["idempotency_key"].as_str().unwrap().to_owned()).collect()
}

/// The next calls are done, and answered as if they weren't.
async fn seem_to_fail(app: &TestApp, times: u32) {
    app.control_stripe("faults", json!({"next": times, "status": 500, "after": true})).await;
}

fn distinct(keys: &[String]) -> usize {
    keys.iter().collect::<BTreeSet<_>>().len()
}

/// What the organization's customer has at Stripe.
async fn listed(app: &TestApp, path: &str) -> usize {
    app.call_stripe(Method::GET, path, "").await.expect(200).json()["data"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn the_same_call_has_the_same_key_and_another_has_another() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let (success, cancel) = ada.return_urls();
    let (back, urls) =
        (json!({"return_url": cancel}), json!({"success_url": success, "cancel_url": cancel}));
    let mut body = urls.clone();
    body["credits"] = json!(500);
    ada.post(&format!("/v1/clients/{client}/portal"), back.clone()).await.expect(200);
    let customer = app.stripe_customer(&client).await;
    // Whoever hears of a page that is closed asks Stripe: that isn't to be one of the calls that fail.
    app.set_webhook_delivery("hold").await;
    for (function, path, body, pages) in [
        ("subscribe", "subscription/checkout", ada.checkout_body("basic"), 1),
        ("buy", "credits/topup", body, 1),
        ("set_up", "payment-methods/setup", urls, 1),
        ("portal", "portal", back, 0),
    ] {
        let path = format!("/v1/clients/{client}/{path}");
        let keyed = |name: &str| {
            ada.visitor.clone().with_header("idempotency-key", &format!("{path} {name}"))
        };
        let sessions = format!("checkout/sessions?customer={customer}&limit=100");
        let (before, earlier) = (keys(&app, function).await.len(), listed(&app, &sessions).await);
        // Two tries of ours in one call, and one in the next.
        seem_to_fail(&app, 2).await;
        keyed("a").post(&path, body.clone()).await.expect_error(503, "UNAVAILABLE");
        let page = keyed("a").post(&path, body.clone()).await.expect(200);
        let sent = keys(&app, function).await[before..].to_vec();
        assert_eq!((sent.len(), distinct(&sent)), (3, 1), "{sent:?}");
        assert_eq!(listed(&app, &sessions).await, earlier + pages, "one page");
        // What was answered isn't asked for again.
        let again = keyed("a").post(&path, body.clone()).await.expect(200);
        assert_eq!(
            (again.header("idempotent-replayed"), again.json()),
            (Some("true"), page.json())
        );
        assert_eq!(keys(&app, function).await.len(), before + 3);
        keyed("b").post(&path, body.clone()).await.expect(200);
        ada.post(&path, body.clone()).await.expect(200);
        ada.post(&path, body).await.expect(200);
        let sent = keys(&app, function).await[before..].to_vec();
        assert_eq!((sent.len(), distinct(&sent)), (6, 4), "{sent:?}");
    }
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_organization_is_made_a_customer_once_until_that_is_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (client, other) = (ada.default_client().await, ada.create_client("Acme").await);
    let (_, cancel) = ada.return_urls();
    let visit = async |client: &str| {
        ada.post(&format!("/v1/clients/{client}/portal"), json!({"return_url": cancel})).await
    };
    seem_to_fail(&app, 2).await;
    visit(&client).await.expect_error(503, "UNAVAILABLE");
    visit(&client).await.expect(200);
    visit(&client).await.expect(200);
    let sent = keys(&app, "create_customer").await;
    // A failure is remembered under the key: in the next hour there is another.
    let hour = app.now().await / 3_600;
    assert_eq!(sent, vec![format!("customer-{client}-0-{hour}"); 3]);
    assert_eq!(listed(&app, "customers").await, 1);
    visit(&other).await.expect(200);
    let first = app.stripe_customer(&client).await;
    app.call_stripe(Method::DELETE, &format!("customers/{first}"), "").await.expect(200);
    heard(&app).await;
    visit(&client).await.expect(200);
    let sent = keys(&app, "create_customer").await;
    let expected = [format!("customer-{other}-0-{hour}"), format!("customer-{client}-1-{hour}")];
    assert_eq!(sent[3..], expected);
    assert_ne!(app.stripe_customer(&client).await, first);
    app.assert_ledgers_consistent().await;
}
