//! Authorization of the billing routes, and the values that reach Stripe.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{CARD, Person, Reply, Team, TestApp, Visitor};

/// A billing request.
struct BillingRequest {
    method: Method,
    path: &'static str,
    body: Option<Value>,
}

/// Makes a GET request.
fn get(path: &'static str) -> BillingRequest {
    BillingRequest { method: Method::GET, path, body: None }
}

/// Makes a POST request.
fn post(path: &'static str, body: Value) -> BillingRequest {
    BillingRequest { method: Method::POST, path, body: Some(body) }
}

impl BillingRequest {
    /// Sends the request for an organization as a visitor.
    async fn send_as(&self, at: &Visitor, client: &str) -> Reply {
        let (method, path) = (self.method.clone(), format!("/v1/clients/{client}/{}", self.path));
        match &self.body {
            Some(body) => at.send_json(method, &path, body).await,
            None => at.send(method, &path, None).await,
        }
    }
}

/// Lists the requests that only the owner may send.
fn owner_requests(ada: &Person) -> Vec<BillingRequest> {
    let (success, cancel) = ada.return_urls();
    let urls = json!({"success_url": success, "cancel_url": cancel});
    let body = json!({"success_url": success, "cancel_url": cancel, "credits": 500});
    vec![
        post("subscription/checkout", ada.checkout_body("basic")),
        post("credits/topup", body),
        post("payment-methods/setup", urls),
        post("portal", json!({"return_url": cancel})),
        get("subscription"),
        get("payment-methods"),
        post("payment-methods/pm_1/default", json!({})),
        get("invoices"),
        get("invoices/in_1/pdf"),
    ]
}

#[tokio::test]
async fn only_the_owner_manages_billing() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    let key = ada.visitor_with_key(&app, &client).await;
    let of_another = ada.visitor_with_key(&app, &ada.default_client().await).await;
    for request in owner_requests(&ada) {
        for at in [&bob.visitor, &eve.visitor, &stranger.visitor] {
            request.send_as(at, &client).await.expect_error(403, "NO_ACCESS");
        }
        // What only reads takes a bearer, and the rest a session.
        let (no_bearer, no_credential) = if request.method == Method::GET {
            ("NO_ACCESS", "missing bearer token")
        } else {
            ("SESSION_REQUIRED", "missing session")
        };
        for at in [&key, &of_another] {
            request.send_as(at, &client).await.expect_error(403, no_bearer);
        }
        request.send_as(&app.visitor(), &client).await.expect_error(401, no_credential);
        request
            .send_as(&ada.visitor, "client_mfrggzdfmztwq2lknnwg23tpoa")
            .await
            .expect_error(404, "NOT_FOUND");
    }
    assert_eq!(app.stripe_requests().await, Vec::<Value>::new(), "Stripe heard nothing of it");
    for request in [get("credits"), get("credits/transactions")] {
        for at in [&ada.visitor, &bob.visitor, &eve.visitor, &key] {
            request.send_as(at, &client).await.expect(200);
        }
        for at in [&stranger.visitor, &of_another] {
            request.send_as(at, &client).await.expect_error(403, "NO_ACCESS");
        }
    }
    for request in owner_requests(&ada) {
        let is_of_unknown_object = request.path.contains("in_1") || request.path.contains("pm_1");
        let status = if is_of_unknown_object { 404 } else { 200 };
        request.send_as(&ada.visitor, &client).await.expect(status);
    }
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn forged_price_only_our_prices_and_urls_reach_stripe() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let subscribe = format!("/v1/clients/{client}/subscription/checkout");
    let prices = [
        "price_unrelated",
        // The enterprise plan is agreed on individually and cannot be bought.
        "price_enterprise_monthly",
        "price_none",
        "",
        "basic",
        "price_basic_monthly ",
        "PRICE_BASIC_MONTHLY",
    ];
    for price in prices {
        let mut body = ada.checkout_body("basic");
        body["price_id"] = json!(price);
        let reply = ada.post(&subscribe, body).await.expect(400);
        assert!(["INVALID_FIELD", "MISSING_PRICE_ID"].contains(&&*reply.code()), "{}", reply.text);
    }
    let site = ada.visitor.site();
    let evil = [
        "https://evil.example/".to_owned(),
        format!("{site}.evil.example/"),
        format!("{site}@evil.example/"),
        site.replace("http:", "https:"),
        "//evil.example".to_owned(),
        "/billing".to_owned(),
        "javascript:alert(1)".to_owned(),
    ];
    let requests =
        owner_requests(&ada).into_iter().filter_map(|request| Some((request.path, request.body?)));
    for (path, body) in requests {
        for field in ["success_url", "cancel_url", "return_url"] {
            if body.get(field).is_none() {
                continue;
            }
            for url in &evil {
                let mut forged = body.clone();
                forged[field] = json!(url);
                let reply = ada.post(&format!("/v1/clients/{client}/{path}"), forged).await;
                let reply = reply.expect_error(400, "INVALID_FIELD");
                assert!(reply.text.contains(field), "{}", reply.text);
            }
        }
    }
    let top_up = format!("/v1/clients/{client}/credits/topup");
    let (success, cancel) = ada.return_urls();
    for credits in [json!(499), json!(1_000_001), json!(-500), json!(0), json!(500.5), json!("500")]
    {
        let body = json!({"credits": credits, "success_url": success, "cancel_url": cancel});
        ada.post(&top_up, body).await.expect_error(400, "INVALID_FIELD");
    }
    assert_eq!(app.stripe_requests().await, Vec::<Value>::new(), "Stripe heard nothing of it");
    // Unknown fields of the body have no effect.
    let mut body = json!({"credits": 500, "success_url": success, "cancel_url": cancel});
    body["unit_amount"] = json!(1);
    body["metadata"] = json!({"credits": "1000000"});
    let page = ada.post(&top_up, body).await.expect(200).json();
    app.pay_checkout(page["session_id"].as_str().unwrap(), CARD).await.expect(200);
    assert_eq!(ada.credits(&client).await["topup_balance"], 500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_invoice_pdf_is_only_for_its_owner() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (client, eves_client) = (ada.default_client().await, eve.default_client().await);
    ada.subscribe(&app, &client, "basic").await;
    eve.subscribe(&app, &eves_client, "pro").await;
    let list = ada.get(&format!("/v1/clients/{client}/invoices")).await.expect(200).json();
    let [invoice] = &list["data"].as_array().unwrap()[..] else { panic!("{list}") };
    let names = ["status", "amount_due", "amount_paid", "currency", "created_at"];
    let expected = [json!("paid"), json!(5000), json!(5000), json!("usd"), json!(app.now().await)];
    assert_eq!(names.map(|name| invoice[name].clone()), expected);
    assert_eq!(list["next_cursor"], Value::Null);
    let id = invoice["id"].as_str().unwrap();
    let found = ada.get(&format!("/v1/clients/{client}/invoices/{id}/pdf")).await.expect(302);
    let file = found.header("location").unwrap();
    let path = &file[file.find("/local/").unwrap()..];
    let file = app.visitor().get(path).await.expect(200);
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    assert!(file.text.starts_with("%PDF-"));
    eve.get(&format!("/v1/clients/{eves_client}/invoices/{id}/pdf"))
        .await
        .expect_error(404, "NOT_FOUND");
    eve.get(&format!("/v1/clients/{client}/invoices/{id}/pdf"))
        .await
        .expect_error(403, "NO_ACCESS");
    for invalid_id in ["in_none", "x", "..", "in_1%2F..%2Fx", "in_1%3Fx", "cus_1"] {
        let reply = ada.get(&format!("/v1/clients/{client}/invoices/{invalid_id}/pdf")).await;
        // The gateway decodes an encoded slash, which makes another path.
        assert!([404, 405].contains(&reply.status), "{invalid_id}: {}", reply.text);
    }
    app.assert_ledgers_consistent().await;
}

/// Lists the ids of all pages, and returns the first cursor.
async fn list_all_ids(ada: &Person, path: &str) -> (Vec<Value>, String) {
    let (mut all, mut cursors) = (Vec::new(), Vec::new());
    let mut next = String::new();
    loop {
        let page = ada.get(&format!("{path}?limit=50{next}")).await.expect(200).json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 50);
        all.extend(data.iter().map(|entry| entry["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
        cursors.push(cursor.to_owned());
    }
    assert_eq!(cursors.len(), (all.len() - 1) / 50);
    (all, cursors.swap_remove(0))
}

#[tokio::test]
async fn lists_are_paged_and_cursors_belong_to_one_list() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let of = |path: &str| format!("/v1/clients/{client}/{path}");
    for path in ["invoices", "payment-methods"] {
        let none = ada.get(&of(path)).await.expect(200).json();
        assert_eq!(none, json!({"data": [], "next_cursor": null}));
    }
    ada.top_up_session(&client, 500).await;
    let customer = app.stripe_customer(&client).await;
    let with = |rest: &str| format!("customer={customer}&success_url=https://example.com&{rest}");
    // Each of these creates an invoice and a ledger entry.
    let bought = with(
        "mode=payment&invoice_creation[enabled]=true&metadata[credits]=500\
         &line_items[0][quantity]=1&line_items[0][price_data][currency]=usd\
         &line_items[0][price_data][unit_amount]=500&line_items[0][price_data][product_data][name]=x",
    );
    let card = with("mode=setup&currency=usd");
    for (form, deliveries) in [(&bought, "normal"), (&card, "hold")] {
        // The events of cards have no effect and are slow, so they are held.
        app.set_webhook_delivery(deliveries).await;
        for _ in 0..120 {
            let page = app.call_stripe(Method::POST, "checkout/sessions", form).await;
            let page = page.expect(200).json();
            app.pay_checkout(page["id"].as_str().unwrap(), CARD).await.expect(200);
        }
    }
    let mut cursors = Vec::new();
    for (path, count) in
        [("invoices", 120), ("payment-methods", 120), ("credits/transactions", 121)]
    {
        let (all, cursor) = list_all_ids(&ada, &of(path)).await;
        let mut ids: Vec<_> = all.iter().map(|id| id.as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((all.len(), ids.len()), (count, count), "{path}");
        cursors.push((path, cursor));
    }
    let other = ada.create_client("Acme").await;
    for (path, _) in &cursors {
        for (from, cursor) in cursors.iter().filter(|(from, _)| from != path) {
            let reply = ada.get(&format!("{}?cursor={cursor}", of(path))).await;
            assert_eq!(reply.code(), "INVALID_CURSOR", "{path} took that of {from}");
        }
    }
    for (path, cursor) in &cursors {
        let path = format!("/v1/clients/{other}/{path}?cursor={cursor}");
        ada.get(&path).await.expect_error(400, "INVALID_CURSOR");
    }
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn the_default_card_is_marked_and_subscriptions_are_unique() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let first = ada.checkout(&client, "basic").await;
    let second = ada.checkout(&client, "pro").await;
    // The second checkout has expired the session of the first.
    app.pay_checkout(&first, CARD).await.expect(400);
    app.pay_checkout(&second, CARD).await.expect(200);
    assert_eq!(ada.subscription(&client).await["plan_name"], "pro");
    let path = format!("/v1/clients/{client}/subscription/checkout");
    ada.post(&path, ada.checkout_body("basic")).await.expect_error(409, "ALREADY_SUBSCRIBED");

    let customer = app.stripe_customer(&client).await;
    let list = async || {
        let list =
            ada.get(&format!("/v1/clients/{client}/payment-methods")).await.expect(200).json();
        list["data"].as_array().unwrap().clone()
    };
    let (success, cancel) = ada.return_urls();
    let body = json!({"success_url": success, "cancel_url": cancel});
    let setup =
        ada.post(&format!("/v1/clients/{client}/payment-methods/setup"), body).await.expect(200);
    app.pay_checkout(setup.json()["session_id"].as_str().unwrap(), "5555555555554444")
        .await
        .expect(200);
    let cards = list().await;
    let shown = ["type", "brand", "last4"].map(|name| cards[0][name].clone());
    assert_eq!(shown, [json!("card"), json!("mastercard"), json!("4444")]);
    let default_cards = async || {
        let default_cards = list().await.into_iter().filter(|each| each["is_default"] == true);
        default_cards.map(|each| each["last4"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The subscription keeps its own card until that is changed.
    assert_eq!(default_cards().await, ["4242"]);
    let rows = app.items(&format!("CLIENT#{client}"), "BILLING").await;
    let subscription = rows[0]["subscription"]["M"]["id"]["S"].as_str().unwrap().to_owned();
    let id = |card: &Value| card["id"].as_str().unwrap().to_owned();
    let form = format!("default_payment_method={}", id(&cards[0]));
    app.call_stripe(Method::POST, &format!("subscriptions/{subscription}"), &form)
        .await
        .expect(200);
    assert_eq!(default_cards().await, ["4444"]);
    // Without a subscription, the default of the customer counts.
    app.call_stripe(Method::DELETE, &format!("subscriptions/{subscription}"), "").await.expect(200);
    // The webhook arrives a moment later.
    while ada.subscription(&client).await["status"] != "canceled" {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    for card in &cards {
        let form = format!("invoice_settings[default_payment_method]={}", id(card));
        app.call_stripe(Method::POST, &format!("customers/{customer}"), &form).await.expect(200);
        assert_eq!(default_cards().await, [card["last4"].as_str().unwrap()]);
    }
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_idempotency_key_creates_one_checkout_session() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let path = format!("/v1/clients/{client}/subscription/checkout");
    let keyed = ada.visitor.clone().with_header("idempotency-key", "k1");
    let mut body = ada.checkout_body("basic");
    body["customer_email"] = json!("Bills@Example.com");
    let first = keyed.post(&path, body.clone()).await.expect(200);
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = keyed.post(&path, body.clone()).await.expect(200);
    assert_eq!((again.header("idempotent-replayed"), again.json()), (Some("true"), first.json()));
    body["price_id"] = json!("price_pro_monthly");
    keyed.post(&path, body).await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let mut wrong = ada.checkout_body("basic");
    wrong["customer_email"] = json!("nobody");
    let reply = ada.post(&path, wrong).await.expect(400);
    assert!(["INVALID_EMAIL", "INVALID_FIELD"].contains(&&*reply.code()), "{}", reply.text);
    let customer = app.stripe_customer(&client).await;
    let stored =
        app.call_stripe(Method::GET, &format!("customers/{customer}"), "").await.expect(200).json();
    assert_eq!(stored["email"].as_str().unwrap().to_lowercase(), "bills@example.com");
    let sessions = format!("checkout/sessions?customer={customer}");
    let sessions = app.call_stripe(Method::GET, &sessions, "").await.expect(200).json();
    assert_eq!(sessions["data"].as_array().unwrap().len(), 1);
    app.assert_ledgers_consistent().await;
}
