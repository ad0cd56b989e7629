//! The local Stripe over HTTP behaves as the real one: the requests it accepts and refuses, and the
//! effects of a payment.

use local::StripeAccess;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Reply, TestApp, Visitor};

/// A stack and a client with the secret key of its Stripe.
struct StripeFixture {
    app: TestApp,
    visitor: Visitor,
    service: Visitor,
}

impl StripeFixture {
    /// Starts a stack.
    async fn start() -> Self {
        let app = TestApp::start().await;
        let service = app.visitor().with_bearer(&stripe_account(&app).secret_key);
        Self { visitor: app.visitor(), service, app }
    }

    /// Sends a GET request to the API.
    async fn get(&self, path: &str) -> Reply {
        self.service.get(&format!("/local/stripe/v1/{path}")).await
    }

    /// Posts a form to the API.
    async fn post(&self, path: &str, form: &str) -> Reply {
        post_form(&self.service, path, form).await
    }

    /// Sends a DELETE request to the API.
    async fn delete(&self, path: &str) -> Reply {
        self.service.send(Method::DELETE, &format!("/local/stripe/v1/{path}"), None).await
    }

    /// Calls a control endpoint.
    async fn control(&self, path: &str, body: Value) -> Reply {
        self.visitor.post(&format!("/local/stripe/{path}"), body).await
    }

    /// Creates a customer and returns its id.
    async fn create_customer(&self) -> String {
        created_id(&self.post("customers", "email=ada@example.com&metadata[client_id]=c").await)
    }

    /// Creates a checkout session and returns its id.
    async fn create_checkout(&self, customer: &str, rest: &str) -> String {
        let form = format!(
            "customer={customer}&success_url=https%3A%2F%2Fapp.example%2Fdone%3Fs%3D%7BCHECKOUT_SESSION_ID%7D\
             &cancel_url=https://app.example/plans&{rest}"
        );
        created_id(&self.post("checkout/sessions", &form).await)
    }

    /// Creates a checkout session for a subscription.
    async fn create_subscription_checkout(&self, customer: &str) -> String {
        let rest =
            "mode=subscription&line_items[0][price]=price_basic_monthly&line_items[0][quantity]=1";
        self.create_checkout(customer, rest).await
    }

    /// Creates a checkout session for a payment.
    async fn create_payment_checkout(&self, customer: &str) -> String {
        let rest = "mode=payment&line_items[0][price_data][currency]=usd\
            &line_items[0][price_data][unit_amount]=2500&line_items[0][price_data][product_data][name]=Credits\
            &line_items[0][quantity]=1&invoice_creation[enabled]=true";
        self.create_checkout(customer, rest).await
    }

    /// Submits a card on a checkout page.
    async fn submit_card(&self, session: &str, card: &str) -> Reply {
        self.control(&format!("checkout/{session}/pay"), json!({"card": card})).await
    }

    /// Lists the event types of the webhook deliveries, the oldest first.
    async fn delivered_types(&self) -> Vec<String> {
        let all = self.visitor.get("/local/stripe/deliveries").await.expect(200).json();
        let log = all["log"].as_array().unwrap().iter();
        log.map(|attempt| attempt["type"].as_str().unwrap().to_owned()).collect()
    }
}

/// Returns the credentials of the local Stripe.
fn stripe_account(app: &TestApp) -> &StripeAccess {
    app.stack().stripe().expect("a simulated Stripe")
}

/// Posts a form to the API as a visitor.
async fn post_form(who: &Visitor, path: &str, form: &str) -> Reply {
    let path = format!("/local/stripe/v1/{path}");
    who.post_raw(&path, "application/x-www-form-urlencoded", form).await
}

/// Reads the id in a successful response.
#[track_caller]
fn created_id(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// Asserts that a response is a Stripe error; an empty code or parameter means none.
#[track_caller]
fn assert_refused(reply: &Reply, status: u16, code: &str, param: &str) {
    let error = reply.json()["error"].clone();
    let found = (reply.status, error["code"].as_str(), error["param"].as_str());
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    assert_eq!(found, (status, some(code), some(param)), "{}", reply.text);
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let stripe = StripeFixture::start().await;
    let stranger = stripe.app.visitor().with_bearer("sk_test_somebody_else");
    let reply = post_form(&stranger, "customers", "").await.expect(401);
    assert_eq!(reply.json()["error"]["message"], "Invalid API Key provided: sk_test_****else");
    post_form(&stripe.visitor, "customers", "").await.expect(401);
    assert_refused(&stripe.get("customers/cus_nobody").await, 404, "resource_missing", "id");
    let unknown = stripe.get("coupons").await.expect(404);
    assert!(
        unknown.text.contains("Unrecognized request URL (GET: /v1/coupons)"),
        "{}",
        unknown.text
    );
    assert_refused(
        &stripe.post("customers", "colour=red").await,
        400,
        "parameter_unknown",
        "colour",
    );
    assert_refused(
        &stripe.post("billing_portal/sessions", "").await,
        400,
        "parameter_missing",
        "customer",
    );
    assert_refused(
        &stripe.get("charges?limit=ten").await,
        400,
        "parameter_invalid_integer",
        "limit",
    );
    assert_refused(
        &stripe.get("charges?limit=101").await,
        400,
        "parameter_invalid_integer",
        "limit",
    );
    let sessions = "checkout/sessions";
    let base = "mode=subscription&success_url=https://app.example&line_items[0][quantity]=1";
    let no_price = format!("{base}&line_items[0][price]=price_none");
    assert_refused(
        &stripe.post(sessions, &no_price).await,
        400,
        "resource_missing",
        "line_items[0][price]",
    );
    let no_customer = format!("{base}&line_items[0][price]=price_basic_monthly&customer=cus_none");
    assert_refused(&stripe.post(sessions, &no_customer).await, 400, "resource_missing", "customer");
    let no_url = "mode=setup&payment_method_types[0]=card&success_url=nowhere";
    assert_refused(&stripe.post(sessions, no_url).await, 400, "url_invalid", "success_url");
    // A parameter that Stripe supports and the simulator does not is refused.
    let locale = format!("{base}&line_items[0][price]=price_basic_monthly&locale=de");
    let reply = stripe.post(sessions, &locale).await.expect(400);
    assert!(reply.text.contains("doesn't simulate"), "{}", reply.text);
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_request() {
    let stripe = StripeFixture::start().await;
    let keyed = stripe.service.clone().with_header("idempotency-key", "k-1");
    let first = post_form(&keyed, "customers", "email=a@example.com").await.expect(200);
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = post_form(&keyed, "customers", "email=a@example.com").await.expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.json(), first.json());
    let other = post_form(&keyed, "customers", "email=b@example.com").await.expect(400);
    assert_eq!(other.json()["error"]["type"], "idempotency_error");
    // A request that failed validation does not use up its key.
    let keyed = stripe.service.clone().with_header("idempotency-key", "k-2");
    post_form(&keyed, "customers", "colour=red").await.expect(400);
    post_form(&keyed, "customers", "email=c@example.com").await.expect(200);
    assert_eq!(stripe.get("customers").await.json()["data"].as_array().unwrap().len(), 2);
    stripe.app.advance_clock(86_401).await;
    let later = stripe.service.clone().with_header("idempotency-key", "k-1");
    let later = post_form(&later, "customers", "email=a@example.com").await.expect(200);
    assert_ne!(later.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn a_paid_subscription_becomes_active_and_sends_events() {
    let stripe = StripeFixture::start().await;
    let customer = stripe.create_customer().await;
    let session = stripe.create_subscription_checkout(&customer).await;
    let declined = stripe.submit_card(&session, "4000000000000002").await.expect(402);
    assert_eq!(declined.json()["error"]["code"], "card_declined");
    let paid = stripe.submit_card(&session, "4242424242424242").await.expect(200);
    assert_eq!(paid.json(), json!({"status": "complete", "payment_status": "paid"}));
    stripe.submit_card(&session, "4242424242424242").await.expect(400);
    let session =
        stripe.get(&format!("checkout/sessions/{session}?expand[]=subscription")).await.json();
    assert_eq!(session["subscription"]["status"], "active");
    let events = stripe.get("events?limit=100").await.json();
    let mut made: Vec<_> =
        events["data"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    made.reverse();
    assert_eq!(made.last().unwrap(), "checkout.session.completed");
    let delivered = stripe.delivered_types().await;
    assert_eq!(delivered, made);
    for kind in [
        "charge.failed",
        "payment_method.attached",
        "customer.subscription.created",
        "invoice.paid",
    ] {
        assert_eq!(delivered.iter().filter(|each| *each == kind).count(), 1, "{kind}");
    }
    let some =
        stripe.get("events?types[]=invoice.paid&types[]=invoice.created&limit=1").await.json();
    assert_eq!(
        (&some["data"][0]["type"], &some["has_more"]),
        (&json!("invoice.paid"), &json!(true))
    );
    let after = some["data"][0]["id"].as_str().unwrap();
    let path =
        format!("events?types[]=invoice.paid&types[]=invoice.created&starting_after={after}");
    let rest = stripe.get(&path).await.json();
    assert_eq!(
        (&rest["data"][0]["type"], &rest["has_more"]),
        (&json!("invoice.created"), &json!(false))
    );
}

#[tokio::test]
async fn advancing_the_clock_renews_and_expires() {
    let stripe = StripeFixture::start().await;
    let customer = stripe.create_customer().await;
    let session = stripe.create_subscription_checkout(&customer).await;
    stripe.submit_card(&session, "4242424242424242").await.expect(200);
    let unpaid = stripe.create_payment_checkout(&customer).await;
    stripe.app.advance_clock(86_399).await;
    let path = format!("checkout/sessions/{unpaid}");
    assert_eq!(stripe.get(&path).await.json()["status"], "open");
    stripe.app.advance_clock(1).await;
    assert_eq!(stripe.get(&path).await.json()["status"], "expired");
    stripe.submit_card(&unpaid, "4242424242424242").await.expect(400);
    stripe.app.advance_clock(100 * 86_400).await;
    let invoices = stripe.get("invoices?status=paid").await.json();
    let reasons: Vec<_> = invoices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["billing_reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        ["subscription_cycle", "subscription_cycle", "subscription_cycle", "subscription_create"]
    );
    // Each invoice has the time of its period and not the time to which the clock advanced.
    let created: Vec<_> = invoices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["created"].as_i64().unwrap())
        .collect();
    assert!(
        created.windows(2).all(|pair| (28..=31).contains(&((pair[0] - pair[1]) / 86_400))),
        "{created:?}"
    );
    // Each event is sent at the time of its invoice.
    let log = stripe.visitor.get("/local/stripe/deliveries").await.json()["log"].clone();
    let mut sent: Vec<(&str, i64)> = Vec::new();
    for attempt in log.as_array().unwrap().iter().filter(|each| each["type"] == "invoice.paid") {
        let event = attempt["event"].as_str().unwrap();
        if !sent.iter().any(|(known, _)| *known == event) {
            sent.push((event, attempt["at"].as_i64().unwrap()));
        }
    }
    let paid_at = |invoice: &Value| invoice["status_transitions"]["paid_at"].as_i64().unwrap();
    let mut paid: Vec<_> = invoices["data"].as_array().unwrap().iter().map(paid_at).collect();
    paid.reverse();
    assert_eq!(sent.iter().map(|(_, at)| *at).collect::<Vec<_>>(), paid);
    let living = stripe.get(&format!("subscriptions?customer={customer}")).await.json();
    let subscription = living["data"][0]["id"].as_str().unwrap();
    stripe.delete(&format!("subscriptions/{subscription}")).await.expect(200);
    assert_refused(
        &stripe.delete(&format!("subscriptions/{subscription}")).await,
        404,
        "resource_missing",
        "id",
    );
    let living = stripe.get(&format!("subscriptions?customer={customer}")).await.json();
    assert_eq!(living["data"], json!([]));
}

#[tokio::test]
async fn refunds_disputes_and_delayed_payments_work() {
    let stripe = StripeFixture::start().await;
    let customer = stripe.create_customer().await;
    let session = stripe.create_payment_checkout(&customer).await;
    let paid = stripe.submit_card(&session, "us_bank_account").await.expect(200);
    assert_eq!(paid.json(), json!({"status": "complete", "payment_status": "unpaid"}));
    let settled =
        stripe.control(&format!("checkout/{session}/settle"), json!({"succeeded": true})).await;
    assert_eq!(settled.expect(200).json()["payment_status"], "paid");
    stripe
        .control(&format!("checkout/{session}/settle"), json!({"succeeded": true}))
        .await
        .expect(400);
    let session =
        stripe.get(&format!("checkout/sessions/{session}?expand[]=invoice.payments")).await.json();
    assert_eq!(
        (&session["invoice"]["status"], &session["invoice"]["billing_reason"]),
        (&json!("paid"), &json!("manual"))
    );
    let intent = session["payment_intent"].as_str().unwrap();
    assert_eq!(session["invoice"]["payments"]["data"][0]["payment"]["payment_intent"], intent);
    let part =
        stripe.post("refunds", &format!("payment_intent={intent}&amount=1000")).await.expect(200);
    stripe.post("refunds", &format!("payment_intent={intent}&amount=1501")).await.expect(400);
    stripe.post("refunds", &format!("payment_intent={intent}")).await.expect(200);
    let gone = stripe.post("refunds", &format!("payment_intent={intent}")).await;
    assert_refused(&gone, 400, "charge_already_refunded", "");
    let charge = part.json()["charge"].as_str().unwrap().to_owned();
    let refunds = stripe.get(&format!("refunds?charge={charge}")).await.json();
    let amounts: Vec<_> =
        refunds["data"].as_array().unwrap().iter().map(|each| each["amount"].clone()).collect();
    assert_eq!(amounts, [1500, 1000]);
    let charge = stripe.get(&format!("charges/{charge}")).await.json();
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(true), &json!(2500)));

    let disputed = stripe.create_payment_checkout(&customer).await;
    stripe.submit_card(&disputed, "4000000000000259").await.expect(200);
    let disputes = stripe.get("disputes").await.json();
    let dispute = disputes["data"][0]["id"].as_str().unwrap();
    let close = format!("disputes/{dispute}/close");
    assert_eq!(
        stripe.control(&close, json!({"status": "lost"})).await.expect(200).json()["status"],
        "lost"
    );
    stripe.control(&close, json!({"status": "won"})).await.expect(400);
    let delivered = stripe.delivered_types().await;
    for kind in [
        "checkout.session.async_payment_succeeded",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.closed",
    ] {
        assert!(delivered.iter().any(|each| each == kind), "{kind}");
    }
}

#[tokio::test]
async fn deliveries_are_held_and_repeated_on_request() {
    let stripe = StripeFixture::start().await;
    stripe.control("deliveries", json!({"mode": "hold"})).await.expect(200);
    let customer = stripe.create_customer().await;
    stripe.post(&format!("customers/{customer}"), "name=Ada").await.expect(200);
    assert_eq!(stripe.delivered_types().await, Vec::<String>::new());
    let held = stripe.visitor.get("/local/stripe/deliveries").await.json()["held"].clone();
    let of = |at: usize| held[at]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&held[0]["type"], &held[1]["type"]),
        (&json!("customer.created"), &json!("customer.updated"))
    );
    let flushed =
        stripe.control("deliveries/flush", json!({"order": [of(1), of(0)]})).await.expect(200);
    assert_eq!(flushed.json()["data"][0]["event"], of(1));
    assert!(flushed.json()["data"][0]["status"].is_u64(), "{}", flushed.text);
    assert_eq!(stripe.delivered_types().await, ["customer.updated", "customer.created"]);
    let sent = stripe
        .control("deliveries/send", json!({"event": of(0), "times": 20, "new_ids": true}))
        .await;
    let sent = sent.expect(200).json();
    let mut ids: Vec<_> = sent["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["event"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    assert_eq!(
        stripe.get(&format!("events/{}", ids[0])).await.expect(200).json()["type"],
        "customer.created"
    );
    stripe.control("deliveries/send", json!({"event": "evt_none"})).await.expect(404);
}

#[tokio::test]
async fn requests_fail_on_request_and_are_listed() {
    let stripe = StripeFixture::start().await;
    stripe.visitor.send(Method::DELETE, "/local/stripe/requests", None).await.expect(200);
    stripe.control("faults", json!({"next": 1, "status": 500})).await.expect(200);
    stripe.post("customers", "email=a@example.com").await.expect(500);
    stripe.control("faults", json!({"next": 1, "status": 503, "after": true})).await.expect(200);
    let keyed = stripe.service.clone().with_header("idempotency-key", "k");
    post_form(&keyed, "customers", "email=b@example.com&metadata[x]=1").await.expect(503);
    let again =
        post_form(&keyed, "customers", "email=b@example.com&metadata[x]=1").await.expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(stripe.get("customers").await.json()["data"].as_array().unwrap().len(), 1);
    let all = stripe.visitor.get("/local/stripe/requests").await.json();
    let statuses: Vec<_> =
        all["data"].as_array().unwrap().iter().map(|each| each["status"].clone()).collect();
    assert_eq!(statuses, [500, 503, 200, 200]);
    let second = &all["data"][1];
    assert_eq!(second["parameters"], json!({"email": "b@example.com", "metadata": {"x": "1"}}));
    assert_eq!(
        (&second["path"], &second["idempotency_key"]),
        (&json!("/v1/customers"), &json!("k"))
    );
    stripe.control("faults", json!({"next": 1, "status": 200})).await.expect(400);
}

#[tokio::test]
async fn the_checkout_page_and_the_portal_work_in_a_browser() {
    let stripe = StripeFixture::start().await;
    let customer = stripe.create_customer().await;
    let form = async |path: &str, body: &str| {
        stripe.visitor.post_raw(path, "application/x-www-form-urlencoded", body).await
    };
    let session = stripe.create_subscription_checkout(&customer).await;
    let page = format!("/local/stripe/checkout/{session}");
    let shown = stripe.visitor.get(&page).await.expect(200);
    assert!(
        shown.text.contains("$50.00 a month") && shown.text.contains("4242424242424242"),
        "{}",
        shown.text
    );
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' https://app.example"), "{policy}");
    let canceled = form(&page, "action=cancel").await.expect(303);
    assert_eq!(canceled.header("location"), Some("https://app.example/plans"));
    let declined = form(&page, "action=pay&card=4000000000000002").await.expect(402);
    assert!(declined.text.contains("Your card was declined."), "{}", declined.text);
    let paid = form(&page, "action=pay&card=4242+4242+4242+4242").await.expect(303);
    assert_eq!(
        paid.header("location"),
        Some(format!("https://app.example/done?s={session}").as_str())
    );
    stripe.visitor.get(&page).await.expect(200);

    let portal = format!("customer={customer}&return_url=https://app.example/account");
    let portal = created_id(&stripe.post("billing_portal/sessions", &portal).await);
    let portal = format!("/local/stripe/portal/{portal}");
    let shown = stripe.visitor.get(&portal).await.expect(200);
    assert!(shown.text.contains("Basic, active, renews on"), "{}", shown.text);
    let living = stripe.get("subscriptions").await.json();
    let subscription = living["data"][0]["id"].as_str().unwrap();
    form(&portal, &format!("action=change&subscription={subscription}&price=price_pro_monthly"))
        .await
        .expect(303);
    form(&portal, &format!("action=cancel&subscription={subscription}")).await.expect(303);
    form(&portal, "action=add&card=5555555555554444").await.expect(303);
    form(&portal, "action=cancel&subscription=sub_of_somebody_else").await.expect(400);
    let shown = stripe.visitor.get(&portal).await.expect(200);
    for text in ["Pro, active, ends on", "mastercard ending in 4444, used for payments"] {
        assert!(shown.text.contains(text), "{text}: {}", shown.text);
    }
    let invoice = stripe.get("invoices").await.json()["data"][0].clone();
    assert_eq!(
        (&invoice["billing_reason"], &invoice["status"]),
        (&json!("subscription_create"), &json!("paid"))
    );
    let page = format!("/local/stripe/invoices/{}", invoice["id"].as_str().unwrap());
    assert_eq!(invoice["hosted_invoice_url"], format!("{}{page}", stripe.app.url()));
    let number = invoice["number"].as_str().unwrap();
    assert!(stripe.visitor.get(&page).await.expect(200).text.contains(number));
    let pdf = stripe.visitor.get(&format!("{page}/pdf")).await.expect(200);
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert!(pdf.text.starts_with("%PDF-") && pdf.text.contains(number));
    stripe.visitor.get("/local/stripe/invoices/in_none").await.expect(404);
    assert!(stripe.visitor.get("/local/stripe").await.expect(200).text.contains(&customer));
}

#[tokio::test]
async fn user_input_is_escaped_on_the_pages() {
    let stripe = StripeFixture::start().await;
    let form = "email=ada%40example.com&name=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let customer = created_id(&stripe.post("customers", form).await);
    let rest = "mode=payment&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=100\
        &line_items[0][price_data][product_data][name]=%3Cb%3Ebold%3C%2Fb%3E&line_items[0][quantity]=1\
        &invoice_creation[enabled]=true";
    let session = stripe.create_checkout(&customer, rest).await;
    let shown = stripe.visitor.get(&format!("/local/stripe/checkout/{session}")).await.expect(200);
    assert!(!shown.text.contains("<b>bold") && shown.text.contains("bold"), "{}", shown.text);
    stripe.submit_card(&session, "4242424242424242").await.expect(200);
    let invoice = stripe.get("invoices").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let shown = stripe.visitor.get(&format!("/local/stripe/invoices/{invoice}")).await.expect(200);
    assert!(!shown.text.contains("<script>") && shown.text.contains("alert(1)"), "{}", shown.text);
}
