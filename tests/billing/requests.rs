//! The requests to Stripe conform to its API description, have exactly the expected parameters, and
//! have an idempotency key if they change something.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{CARD, Person, TestApp};

use crate::routes::delete_client::delete_organization;

/// Stripe's limit on the length of an idempotency key.
const MAX_KEY_LEN: usize = 255;

/// A card whose payments succeed and are disputed.
const DISPUTED: &str = "4000000000000259";

/// The requests of each function of the Stripe client. Where several use one path, a parameter that
/// only one of them sends and its value.
const CALLS: [Call; 25] = [
    call("create_customer", "POST", "/v1/customers"),
    call("retrieve_customer", "GET", "/v1/customers/{customer}"),
    call("delete_customer", "DELETE", "/v1/customers/{customer}"),
    call("create_subscription_session", "POST", "/v1/checkout/sessions")
        .having("/mode", "subscription"),
    call("create_top_up_session", "POST", "/v1/checkout/sessions").having("/mode", "payment"),
    call("create_setup_session", "POST", "/v1/checkout/sessions").having("/mode", "setup"),
    call("retrieve_checkout_session", "GET", "/v1/checkout/sessions/{session}"),
    call("find_checkout_session_of_payment", "GET", "/v1/checkout/sessions"),
    call("expire_checkout_session", "POST", "/v1/checkout/sessions/{session}/expire"),
    call("retrieve_subscription", "GET", "/v1/subscriptions/{subscription_exposed_id}"),
    call("cancel_subscription", "DELETE", "/v1/subscriptions/{subscription_exposed_id}"),
    call("retrieve_invoice", "GET", "/v1/invoices/{invoice}"),
    call("list_invoices", "GET", "/v1/invoices"),
    call("list_subscription_invoices", "GET", "/v1/invoices"),
    call("find_invoice_of_payment", "GET", "/v1/invoice_payments"),
    call("retrieve_payment_method", "GET", "/v1/payment_methods/{payment_method}"),
    call("list_payment_methods", "GET", "/v1/payment_methods"),
    call("create_portal_session", "POST", "/v1/billing_portal/sessions"),
    call("retrieve_charge", "GET", "/v1/charges/{charge}"),
    call("list_refunds", "GET", "/v1/refunds"),
    call("refund_payment", "POST", "/v1/refunds"),
    call("retrieve_dispute", "GET", "/v1/disputes/{dispute}"),
    call("retrieve_payment_intent", "GET", "/v1/payment_intents/{intent}"),
    call("list_payment_intents", "GET", "/v1/payment_intents"),
    call("list_events", "GET", "/v1/events"),
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

    /// Finds the function that sent a request.
    #[track_caller]
    fn find(request: &Value) -> &'static Self {
        let is_it = |call: &&Self| {
            let having = call.having.is_none_or(|(pointer, value)| {
                request["parameters"].pointer(pointer).is_some_and(|sent| sent == value)
            });
            // Both use one path, so a parameter decides.
            let by_subscription = request["parameters"].get("subscription").is_some();
            let is_list = call.path != "/v1/invoices"
                || (call.function == "list_subscription_invoices") == by_subscription;
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

/// Reports whether a path matches a template with parameters in braces.
fn is_path(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let fits =
        |(part, sent): (&&str, &&str)| part.starts_with('{') && !sent.is_empty() || part == sent;
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

/// The requests of an organization that uses every billing feature.
struct BillingScenario {
    client: String,
    customer: String,
    /// The requests that the service sent, the oldest first.
    requests: Vec<Value>,
}

impl BillingScenario {
    /// Runs through every billing feature.
    async fn run() -> Self {
        let app = TestApp::start().await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        let customer = subscribe_and_list_invoices(&app, &ada, &client).await;
        use_cards_portal_and_top_up(&app, &ada, &client).await;
        refund_before_payment_events(&app, &ada, &client, &customer).await;
        subscribe_again_at_stripe(&app, &client, &customer).await;
        let other = ada.create_client("Acme").await;
        ada.checkout(&other, "basic").await;
        delete_organization(&ada, &other, "Acme").await.expect(200);
        app.wait_for_worker().await;
        deliver_events(&app).await;
        reconcile(&app).await;
        app.assert_ledgers_consistent().await;
        Self { client, customer, requests: app.stripe_requests().await }
    }

    /// Lists the requests of a function of the Stripe client.
    fn requests_of(&self, function: &str) -> Vec<&Value> {
        self.requests.iter().filter(|request| Call::find(request).function == function).collect()
    }
}

/// Opens two checkout sessions, pays the second, lists the invoices, and returns the customer id.
async fn subscribe_and_list_invoices(app: &TestApp, ada: &Person, client: &str) -> String {
    let mut body = ada.checkout_body("basic");
    body["customer_email"] = json!("bills@example.com");
    ada.post(&format!("/v1/clients/{client}/subscription/checkout"), body).await.expect(200);
    ada.subscribe(app, client, "basic").await;
    let list = ada.get(&format!("/v1/clients/{client}/invoices")).await.expect(200).json();
    let invoice = list["data"][0]["id"].as_str().unwrap();
    ada.get(&format!("/v1/clients/{client}/invoices/{invoice}/pdf")).await.expect(302);
    app.stripe_customer(client).await
}

/// Adds and removes a card, opens the portal, and buys credits.
async fn use_cards_portal_and_top_up(app: &TestApp, ada: &Person, client: &str) {
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
    deliver_events(app).await;
    let body = json!({"return_url": cancel});
    ada.post(&format!("/v1/clients/{client}/portal"), body).await.expect(200);
    let page = ada.top_up_session(client, 700).await;
    app.pay_checkout(&page, DISPUTED).await.expect(200);
}

/// Refunds a top-up and another customer's subscription before the events of the payments are
/// delivered.
async fn refund_before_payment_events(app: &TestApp, ada: &Person, client: &str, customer: &str) {
    let eve = app.sign_up("eve").await;
    let eves_client = eve.default_client().await;
    app.set_webhook_delivery("hold").await;
    ada.buy_credits(app, client, 500).await;
    eve.subscribe(app, &eves_client, "basic").await;
    for customer in [customer, &app.stripe_customer(&eves_client).await] {
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

/// Creates a second subscription of a customer, as in Stripe's dashboard.
async fn subscribe_again_at_stripe(app: &TestApp, client: &str, customer: &str) {
    let form = format!(
        "mode=subscription&customer={customer}&success_url=https://example.com\
         &metadata[client_id]={client}&line_items[0][price]=price_pro_monthly&line_items[0][quantity]=1"
    );
    let page = app.call_stripe(Method::POST, "checkout/sessions", &form).await.expect(200).json();
    app.pay_checkout(page["id"].as_str().unwrap(), CARD).await.expect(200);
}

/// Waits until all events are delivered.
async fn deliver_events(app: &TestApp) {
    app.set_webhook_delivery("normal").await;
}

/// Runs the daily reconciliation.
async fn reconcile(app: &TestApp) {
    let (ctx, clients) = (app.stack().context().clone(), app.stack().clients().clone());
    let worker = worker::Worker::new(ctx, clients, app.stack().blobs().clone());
    let event = serde_json::from_value(json!({"schedule": "billing"})).unwrap();
    worker.invoke(event).await.unwrap();
}

/// Returns the schema of a request's parameters in Stripe's API description.
fn parameter_schema(call: &Call) -> Value {
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

/// Returns how a parameter differs from its schema, or `None` if it conforms.
fn find_mismatch(name: &str, schema: &Value, sent: &Value) -> Option<String> {
    if let Some(choices) = schema["anyOf"].as_array() {
        let defects: Vec<_> =
            choices.iter().map(|choice| find_mismatch(name, choice, sent)).collect();
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
                schema.map_or(Some(format!("{below} is unknown")), |it| {
                    find_mismatch(&below, it, value)
                })
            })
        }
        "array" => {
            let Some(all) = sent.as_array() else { return wrong("no array") };
            all.iter().find_map(|each| find_mismatch(name, &schema["items"], each))
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

/// Lists the functions of the Stripe client in the sources.
fn functions() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/stripe");
    let mut functions = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // These files contain the transport and the verification of webhooks.
        let is_other = ["client.rs", "signature.rs"].iter().any(|other| path.ends_with(other));
        if !is_other {
            let text = std::fs::read_to_string(&path).unwrap();
            let after = text.split("pub async fn ").skip(1);
            functions.extend(after.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()));
        }
    }
    functions
}

#[tokio::test]
async fn every_stripe_request_conforms_and_no_function_is_unused() {
    let scenario = BillingScenario::run().await;
    for request in &scenario.requests {
        let call = Call::find(request);
        assert_eq!(request["status"], 200, "{request}");
        assert_eq!(
            find_mismatch("", &parameter_schema(call), &request["parameters"]),
            None,
            "{request}"
        );
        let key = request["idempotency_key"].as_str();
        assert_eq!(key.is_some(), call.method != "GET", "{request}");
        if let Some(key) = key {
            assert!((10..=MAX_KEY_LEN).contains(&key.len()) && key.is_ascii(), "{key}");
        }
    }
    let mut keys: Vec<_> = scenario
        .requests
        .iter()
        .filter_map(|request| request["idempotency_key"].as_str())
        .collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    // No request was retried, so each key must be different.
    assert_eq!(keys.len(), all);
    let made: BTreeSet<_> =
        scenario.requests.iter().map(|request| Call::find(request).function.to_owned()).collect();
    assert_eq!(made, functions());
}

#[tokio::test]
async fn stripe_requests_have_exactly_the_expected_parameters() {
    let scenario = BillingScenario::run().await;
    let (client, customer) = (&scenario.client, &scenario.customer);
    let first = |function: &str| scenario.requests_of(function)[0].clone();
    let place = |function: &str| {
        let path = first(function)["path"].as_str().unwrap().to_owned();
        path.split('/')
            .nth(if function == "expire_checkout_session" { 4 } else { 3 })
            .unwrap()
            .to_owned()
    };
    let origin =
        first("create_portal_session")["parameters"]["return_url"].as_str().unwrap().to_owned();
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
            "create_subscription_session",
            page(
                "subscription",
                json!({
            "line_items": [{"price": "price_basic_monthly", "quantity": "1"}],
            "subscription_data": {"metadata": metadata}}),
            ),
        ),
        (
            "create_top_up_session",
            page(
                "payment",
                json!({
            "line_items": [{"price_data": price, "quantity": "1"}],
            "metadata": {"client_id": client, "credits": "700"},
            "payment_intent_data": {"metadata": metadata},
            "invoice_creation": {"enabled": "true"}}),
            ),
        ),
        ("create_setup_session", page("setup", json!({"currency": "usd"}))),
        ("retrieve_checkout_session", json!({})),
        ("expire_checkout_session", json!({})),
        ("retrieve_subscription", json!({})),
        ("cancel_subscription", json!({})),
        ("retrieve_customer", json!({})),
        ("retrieve_invoice", json!({"expand": ["payments"]})),
        ("list_invoices", json!({"customer": customer, "limit": "50"})),
        (
            "list_subscription_invoices",
            json!({"subscription": place("cancel_subscription"), "limit": "10"}),
        ),
        ("retrieve_payment_method", json!({})),
        ("list_payment_methods", json!({"customer": customer, "limit": "1"})),
        ("create_portal_session", json!({"customer": customer, "return_url": cancel})),
        ("retrieve_charge", json!({})),
        ("retrieve_dispute", json!({})),
        ("retrieve_payment_intent", json!({})),
    ];
    for (function, parameters) in &expected {
        assert_eq!(first(function)["parameters"], *parameters, "{function}");
    }
    // These requests are about objects that Stripe has created.
    let again = &scenario.requests_of("list_payment_methods")[1]["parameters"];
    let card = again["starting_after"].as_str().unwrap();
    assert_eq!(*again, json!({"customer": customer, "limit": "1", "starting_after": card}));
    assert_eq!(place("retrieve_payment_method"), card);
    let sent =
        |function: &str, name: &str| first(function)["parameters"].pointer(name).cloned().unwrap();
    let late = sent("find_checkout_session_of_payment", "/payment_intent");
    let expected = [
        ("find_checkout_session_of_payment", json!({"payment_intent": late, "limit": "1"})),
        ("list_refunds", json!({"charge": place("retrieve_charge"), "limit": "100"})),
    ];
    for (function, parameters) in expected {
        assert_eq!(first(function)["parameters"], parameters, "{function}");
    }
    let payment = sent("find_invoice_of_payment", "/payment/payment_intent");
    assert!(payment.as_str().unwrap().starts_with("pi_") && payment != late);
    let parameters =
        json!({"payment": {"type": "payment_intent", "payment_intent": payment}, "limit": "1"});
    assert_eq!(first("find_invoice_of_payment")["parameters"], parameters);
    let refunded = sent("refund_payment", "/payment_intent");
    assert_eq!(first("refund_payment")["parameters"], json!({"payment_intent": refunded}));

    // The requests of the daily reconciliation.
    let now: i64 = first("list_events")["at"].as_i64().unwrap();
    let days = |at: i64| (at - 3 * 86_400).to_string();
    let mut types = sent("list_events", "/types");
    types.as_array_mut().unwrap().sort_by_key(|kind| kind.as_str().unwrap().to_owned());
    assert!(types.as_array().unwrap().len() <= 20, "Stripe takes no more");
    assert_eq!(types.as_array().unwrap().len(), shared::billing::webhooks::EVENT_TYPES.len());
    let parameters = json!({"created": {"gte": days(now)}, "types": sent("list_events", "/types"), "limit": "100"});
    assert_eq!(first("list_events")["parameters"], parameters);
    let bounds = json!({"gte": days(now), "lt": (now - 3_600).to_string()});
    assert_eq!(
        first("list_payment_intents")["parameters"],
        json!({"created": bounds, "limit": "100"})
    );

    // A key names the operation and its object.
    let key = |function: &str| first(function)["idempotency_key"].as_str().unwrap().to_owned();
    for (function, begins) in [
        ("create_customer", format!("customer-{client}-0-")),
        ("create_subscription_session", "subscribe-".to_owned()),
        ("create_top_up_session", "topup-".to_owned()),
        ("create_setup_session", "setup-".to_owned()),
        ("create_portal_session", "portal-".to_owned()),
    ] {
        assert!(key(function).starts_with(&begins), "{}", key(function));
    }
    for (function, expected) in [
        ("expire_checkout_session", format!("expire-{}", place("expire_checkout_session"))),
        ("cancel_subscription", format!("cancel-{}", place("cancel_subscription"))),
        ("delete_customer", format!("delete-{}", place("delete_customer"))),
        ("refund_payment", format!("refund-{}", refunded.as_str().unwrap())),
    ] {
        // The key changes each hour, because Stripe replays even a failure for the same key.
        let hour = first(function)["at"].as_i64().unwrap() / 3_600;
        assert_eq!(key(function), format!("{expected}-{hour}"));
    }
}

/// Lists the idempotency keys of a function's requests, the oldest first.
async fn idempotency_keys(app: &TestApp, function: &str) -> Vec<String> {
    let all = app.stripe_requests().await;
    let of = all.iter().filter(|request| {
        request["path"].as_str().unwrap().starts_with("/v1/")
            && Call::find(request).function == function
    });
    of.map(|request| request["idempotency_key"].as_str().unwrap().to_owned()).collect()
}

/// Makes Stripe execute the next requests but answer with an error.
async fn fail_after_execution(app: &TestApp, times: u32) {
    app.control_stripe("faults", json!({"next": times, "status": 500, "after": true})).await;
}

/// Counts the distinct keys.
fn count_distinct(keys: &[String]) -> usize {
    keys.iter().collect::<BTreeSet<_>>().len()
}

/// Counts the objects in a list at Stripe.
async fn count_listed(app: &TestApp, path: &str) -> usize {
    app.call_stripe(Method::GET, path, "").await.expect(200).json()["data"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_retried_call_reuses_its_key_and_others_do_not() {
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
    // An expired session would make the service call Stripe, and that call would consume a fault.
    app.set_webhook_delivery("hold").await;
    for (function, path, body, pages) in [
        ("create_subscription_session", "subscription/checkout", ada.checkout_body("basic"), 1),
        ("create_top_up_session", "credits/topup", body, 1),
        ("create_setup_session", "payment-methods/setup", urls, 1),
        ("create_portal_session", "portal", back, 0),
    ] {
        let path = format!("/v1/clients/{client}/{path}");
        let keyed = |name: &str| {
            ada.visitor.clone().with_header("idempotency-key", &format!("{path} {name}"))
        };
        let sessions = format!("checkout/sessions?customer={customer}&limit=100");
        let (before, earlier) =
            (idempotency_keys(&app, function).await.len(), count_listed(&app, &sessions).await);
        // The first request makes two tries, and the second request makes one.
        fail_after_execution(&app, 2).await;
        keyed("a").post(&path, body.clone()).await.expect_error(503, "UNAVAILABLE");
        let page = keyed("a").post(&path, body.clone()).await.expect(200);
        let sent = idempotency_keys(&app, function).await[before..].to_vec();
        assert_eq!((sent.len(), count_distinct(&sent)), (3, 1), "{sent:?}");
        assert_eq!(count_listed(&app, &sessions).await, earlier + pages, "one page");
        // A replayed response sends no request to Stripe.
        let again = keyed("a").post(&path, body.clone()).await.expect(200);
        assert_eq!(
            (again.header("idempotent-replayed"), again.json()),
            (Some("true"), page.json())
        );
        assert_eq!(idempotency_keys(&app, function).await.len(), before + 3);
        keyed("b").post(&path, body.clone()).await.expect(200);
        ada.post(&path, body.clone()).await.expect(200);
        ada.post(&path, body).await.expect(200);
        let sent = idempotency_keys(&app, function).await[before..].to_vec();
        assert_eq!((sent.len(), count_distinct(&sent)), (6, 4), "{sent:?}");
    }
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_organization_has_one_customer_until_it_is_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (client, other) = (ada.default_client().await, ada.create_client("Acme").await);
    let (_, cancel) = ada.return_urls();
    let open_portal = async |client: &str| {
        ada.post(&format!("/v1/clients/{client}/portal"), json!({"return_url": cancel})).await
    };
    fail_after_execution(&app, 2).await;
    open_portal(&client).await.expect_error(503, "UNAVAILABLE");
    open_portal(&client).await.expect(200);
    open_portal(&client).await.expect(200);
    let sent = idempotency_keys(&app, "create_customer").await;
    // Stripe replays a failure for the same key, so the key changes each hour.
    let hour = app.now().await / 3_600;
    assert_eq!(sent, vec![format!("customer-{client}-0-{hour}"); 3]);
    assert_eq!(count_listed(&app, "customers").await, 1);
    open_portal(&other).await.expect(200);
    let first = app.stripe_customer(&client).await;
    app.call_stripe(Method::DELETE, &format!("customers/{first}"), "").await.expect(200);
    deliver_events(&app).await;
    open_portal(&client).await.expect(200);
    let sent = idempotency_keys(&app, "create_customer").await;
    let expected = [format!("customer-{other}-0-{hour}"), format!("customer-{client}-1-{hour}")];
    assert_eq!(sent[3..], expected);
    assert_ne!(app.stripe_customer(&client).await, first);
    app.assert_ledgers_consistent().await;
}
