//! The local Stripe refuses the requests that the real one refuses.

use reqwest::Method;
use serde_json::json;
use tests::stripe_simulator::{StripeFixture, assert_stripe_error, post_form};

#[tokio::test]
async fn invalid_requests_are_refused() {
    let stripe = StripeFixture::start().await;
    let stranger = stripe.app.visitor().with_bearer("sk_test_somebody_else");
    let reply = post_form(&stranger, "customers", "").await.expect(401);
    assert_eq!(reply.json()["error"]["message"], "Invalid API Key provided: sk_test_****else");
    post_form(&stripe.visitor, "customers", "").await.expect(401);
    assert_stripe_error(&stripe.get("customers/cus_nobody").await, 404, "resource_missing", "id");
    let unknown = stripe.get("coupons").await.expect(404);
    assert!(
        unknown.text.contains("Unrecognized request URL (GET: /v1/coupons)"),
        "{}",
        unknown.text
    );
    assert_stripe_error(
        &stripe.post("customers", "colour=red").await,
        400,
        "parameter_unknown",
        "colour",
    );
    assert_stripe_error(
        &stripe.post("billing_portal/sessions", "").await,
        400,
        "parameter_missing",
        "customer",
    );
    assert_stripe_error(
        &stripe.get("charges?limit=ten").await,
        400,
        "parameter_invalid_integer",
        "limit",
    );
    assert_stripe_error(
        &stripe.get("charges?limit=101").await,
        400,
        "parameter_invalid_integer",
        "limit",
    );
    let sessions = "checkout/sessions";
    let base = "mode=subscription&success_url=https://app.example&line_items[0][quantity]=1";
    let no_price = format!("{base}&line_items[0][price]=price_none");
    assert_stripe_error(
        &stripe.post(sessions, &no_price).await,
        400,
        "resource_missing",
        "line_items[0][price]",
    );
    let no_customer = format!("{base}&line_items[0][price]=price_basic_monthly&customer=cus_none");
    assert_stripe_error(
        &stripe.post(sessions, &no_customer).await,
        400,
        "resource_missing",
        "customer",
    );
    let no_url = "mode=setup&payment_method_types[0]=card&success_url=nowhere";
    assert_stripe_error(&stripe.post(sessions, no_url).await, 400, "url_invalid", "success_url");
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
