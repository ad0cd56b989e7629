//! Who may have what to do with an organization's money, and with which of it.

use reqwest::Method;
use serde_json::{Value, json};
use shared::organizations::Role;
use tests::{CARD, Person, Reply, TestApp, Visitor};

/// A call, and what it takes.
struct Ask {
    method: Method,
    path: &'static str,
    body: Option<Value>,
}

fn get(path: &'static str) -> Ask {
    Ask { method: Method::GET, path, body: None }
}

fn post(path: &'static str, body: Value) -> Ask {
    Ask { method: Method::POST, path, body: Some(body) }
}

impl Ask {
    async fn of(&self, at: &Visitor, client: &str) -> Reply {
        let body =
            self.body.as_ref().map(|body| ("application/json", body.to_string().into_bytes()));
        at.send(self.method.clone(), &format!("/v1/clients/{client}/{}", self.path), body).await
    }
}

/// The calls that are the owner's.
fn owners(ada: &Person) -> Vec<Ask> {
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
        get("invoices"),
        get("invoices/in_1/pdf"),
    ]
}

#[tokio::test]
async fn only_the_owner_looks_after_the_money() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (bob, eve, mallory) =
        (app.sign_up("bob").await, app.sign_up("eve").await, app.sign_up("mallory").await);
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "pro").await;
    app.add_member(&client, &bob, Role::Admin).await;
    app.add_member(&client, &eve, Role::Member).await;
    let key = ada.visitor_with_key(&app, &client).await;
    let of_another = ada.visitor_with_key(&app, &ada.default_client().await).await;
    for ask in owners(&ada) {
        for at in [&bob.visitor, &eve.visitor, &mallory.visitor, &key, &of_another] {
            ask.of(at, &client).await.expect_error(403, "NO_ACCESS");
        }
        ask.of(&app.visitor(), &client).await.expect_error(401, "missing bearer token");
        ask.of(&ada.visitor, "client_mfrggzdfmztwq2lknnwg23tpoa")
            .await
            .expect_error(404, "NOT_FOUND");
    }
    assert_eq!(app.stripe_requests().await, Vec::<Value>::new(), "Stripe heard nothing of it");
    for ask in [get("credits"), get("credits/transactions")] {
        for at in [&ada.visitor, &bob.visitor, &eve.visitor, &key] {
            ask.of(at, &client).await.expect(200);
        }
        for at in [&mallory.visitor, &of_another] {
            ask.of(at, &client).await.expect_error(403, "NO_ACCESS");
        }
    }
    for ask in owners(&ada) {
        let status = if ask.path.ends_with("pdf") { 404 } else { 200 };
        ask.of(&ada.visitor, &client).await.expect(status);
    }
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn forged_price_no_price_and_no_address_but_ours_reaches_stripe() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let subscribe = format!("/v1/clients/{client}/subscription/checkout");
    let prices = [
        "price_unrelated",
        // Agreed on, with people of ours.
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
    let asks = owners(&ada).into_iter().filter_map(|ask| Some((ask.path, ask.body?)));
    for (path, body) in asks {
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
    // What a body says beyond doesn't count.
    let mut body = json!({"credits": 500, "success_url": success, "cancel_url": cancel});
    body["unit_amount"] = json!(1);
    body["metadata"] = json!({"credits": "1000000"});
    let page = ada.post(&top_up, body).await.expect(200).json();
    app.pay_checkout(page["session_id"].as_str().unwrap(), CARD).await.expect(200);
    assert_eq!(ada.credits(&client).await["topup_balance"], 500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_invoice_is_a_pdf_for_its_owner_alone() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (client, hers) = (ada.default_client().await, eve.default_client().await);
    ada.subscribe(&app, &client, "basic").await;
    eve.subscribe(&app, &hers, "pro").await;
    let list = ada.get(&format!("/v1/clients/{client}/invoices")).await.expect(200).json();
    let [invoice] = &list["data"].as_array().unwrap()[..] else { panic!("{list}") };
    let said = ["status", "amount_due", "amount_paid", "currency", "created_at"];
    let expected = [json!("paid"), json!(5000), json!(5000), json!("usd"), json!(app.now().await)];
    assert_eq!(said.map(|name| invoice[name].clone()), expected);
    assert_eq!(list["next_cursor"], Value::Null);
    let id = invoice["id"].as_str().unwrap();
    let found = ada.get(&format!("/v1/clients/{client}/invoices/{id}/pdf")).await.expect(302);
    let file = found.header("location").unwrap();
    let path = &file[file.find("/local/").unwrap()..];
    let file = app.visitor().get(path).await.expect(200);
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    assert!(file.text.starts_with("%PDF-"));
    eve.get(&format!("/v1/clients/{hers}/invoices/{id}/pdf")).await.expect_error(404, "NOT_FOUND");
    eve.get(&format!("/v1/clients/{client}/invoices/{id}/pdf"))
        .await
        .expect_error(403, "NO_ACCESS");
    for made_up in ["in_none", "x", "..", "in_1%2F..%2Fx", "in_1%3Fx", "cus_1"] {
        let reply = ada.get(&format!("/v1/clients/{client}/invoices/{made_up}/pdf")).await;
        // A slash is one, however it is written: that is another path.
        assert!([404, 405].contains(&reply.status), "{made_up}: {}", reply.text);
    }
    app.assert_ledgers_consistent().await;
}

/// All entries of a list, page by page, and the first cursor.
async fn paged(ada: &Person, path: &str) -> (Vec<Value>, String) {
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
async fn lists_come_in_pages_and_a_cursor_is_good_for_its_own() {
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
    // An invoice and an entry.
    let bought = with(
        "mode=payment&invoice_creation[enabled]=true&metadata[credits]=500\
         &line_items[0][quantity]=1&line_items[0][price_data][currency]=usd\
         &line_items[0][price_data][unit_amount]=500&line_items[0][price_data][product_data][name]=x",
    );
    let card = with("mode=setup&currency=usd");
    for (form, deliveries) in [(&bought, "normal"), (&card, "hold")] {
        // Nothing is to be heard of cards, and that takes a while.
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
        let (all, cursor) = paged(&ada, &of(path)).await;
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
async fn the_card_that_pays_is_marked_and_nobody_subscribes_twice() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let first = ada.checkout(&client, "basic").await;
    let second = ada.checkout(&client, "pro").await;
    // The page that was opened before is closed.
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
    let marked = async || {
        let marked = list().await.into_iter().filter(|each| each["is_default"] == true);
        marked.map(|each| each["last4"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The plan is paid with what was left when it was subscribed to, until that is changed.
    assert_eq!(marked().await, ["4242"]);
    let rows = app.items(&format!("CLIENT#{client}"), "BILLING").await;
    let subscription = rows[0]["subscription"]["M"]["id"]["S"].as_str().unwrap().to_owned();
    let id = |card: &Value| card["id"].as_str().unwrap().to_owned();
    let form = format!("default_payment_method={}", id(&cards[0]));
    app.call_stripe(Method::POST, &format!("subscriptions/{subscription}"), &form)
        .await
        .expect(200);
    assert_eq!(marked().await, ["4444"]);
    // And without a plan, the customer's own counts.
    app.call_stripe(Method::DELETE, &format!("subscriptions/{subscription}"), "").await.expect(200);
    for card in &cards {
        let form = format!("invoice_settings[default_payment_method]={}", id(card));
        app.call_stripe(Method::POST, &format!("customers/{customer}"), &form).await.expect(200);
        assert_eq!(marked().await, [card["last4"].as_str().unwrap()]);
    }
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_page_is_asked_for_once_under_a_key_and_in_its_own_words() {
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
