//! Requests to the local Stripe.

use local::StripeAccess;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Reply, TestApp, Visitor};

/// A stack and a client with the secret key of its Stripe.
pub struct StripeFixture {
    /// The stack whose simulator is called.
    pub app: TestApp,
    /// A visitor without a key, who uses pages and control endpoints.
    pub visitor: Visitor,
    /// A visitor that sends the secret key of the service.
    pub service: Visitor,
}

impl StripeFixture {
    /// Starts a stack.
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let service = app.visitor().with_bearer(&stripe_account(&app).secret_key);
        Self { visitor: app.visitor(), service, app }
    }

    /// Sends a GET request to the API.
    pub async fn get(&self, path: &str) -> Reply {
        self.service.get(&format!("/local/stripe/v1/{path}")).await
    }

    /// Posts a form to the API.
    pub async fn post(&self, path: &str, form: &str) -> Reply {
        post_form(&self.service, path, form).await
    }

    /// Sends a DELETE request to the API.
    pub async fn delete(&self, path: &str) -> Reply {
        self.service.send(Method::DELETE, &format!("/local/stripe/v1/{path}"), None).await
    }

    /// Calls a control endpoint.
    pub async fn control(&self, path: &str, body: Value) -> Reply {
        self.visitor.post(&format!("/local/stripe/{path}"), body).await
    }

    /// Creates a customer and returns its id.
    pub async fn create_customer(&self) -> String {
        created_id(&self.post("customers", "email=ada@example.com&metadata[client_id]=c").await)
    }

    /// Creates a checkout session and returns its id.
    pub async fn create_checkout(&self, customer: &str, rest: &str) -> String {
        let form = format!(
            "customer={customer}&success_url=https%3A%2F%2Fapp.example%2Fdone%3Fs%3D%7BCHECKOUT_SESSION_ID%7D\
             &cancel_url=https://app.example/plans&{rest}"
        );
        created_id(&self.post("checkout/sessions", &form).await)
    }

    /// Creates a checkout session for a subscription.
    pub async fn create_subscription_checkout(&self, customer: &str) -> String {
        let rest =
            "mode=subscription&line_items[0][price]=price_basic_monthly&line_items[0][quantity]=1";
        self.create_checkout(customer, rest).await
    }

    /// Creates a checkout session for a payment.
    pub async fn create_payment_checkout(&self, customer: &str) -> String {
        let rest = "mode=payment&line_items[0][price_data][currency]=usd\
            &line_items[0][price_data][unit_amount]=2500&line_items[0][price_data][product_data][name]=Credits\
            &line_items[0][quantity]=1&invoice_creation[enabled]=true";
        self.create_checkout(customer, rest).await
    }

    /// Submits a card on a checkout page.
    pub async fn submit_card(&self, session: &str, card: &str) -> Reply {
        self.control(&format!("checkout/{session}/pay"), json!({"card": card})).await
    }

    /// Lists the event types of the webhook deliveries, the oldest first.
    pub async fn delivered_types(&self) -> Vec<String> {
        let all = self.visitor.get("/local/stripe/deliveries").await.expect(200).json();
        let log = all["log"].as_array().unwrap().iter();
        log.map(|attempt| attempt["type"].as_str().unwrap().to_owned()).collect()
    }
}

/// Returns the credentials of the local Stripe.
pub fn stripe_account(app: &TestApp) -> &StripeAccess {
    app.stack().stripe().expect("a simulated Stripe")
}

/// Posts a form to the API as a visitor.
pub async fn post_form(who: &Visitor, path: &str, form: &str) -> Reply {
    let path = format!("/local/stripe/v1/{path}");
    who.post_raw(&path, "application/x-www-form-urlencoded", form).await
}

/// Reads the id in a successful response.
#[track_caller]
pub fn created_id(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// Asserts that a response is a Stripe error; an empty code or parameter means none.
#[track_caller]
pub fn assert_stripe_error(reply: &Reply, status: u16, code: &str, param: &str) {
    let error = reply.json()["error"].clone();
    let found = (reply.status, error["code"].as_str(), error["param"].as_str());
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    assert_eq!(found, (status, some(code), some(param)), "{}", reply.text);
}
