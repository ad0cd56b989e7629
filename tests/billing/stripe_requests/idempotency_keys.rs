//! The idempotency keys of requests to Stripe.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use tests::TestApp;
use tests::billing_scenario::deliver_events;
use tests::stripe_calls::StripeCall;

/// Lists the idempotency keys of a function's requests, the oldest first.
async fn idempotency_keys(app: &TestApp, function: &str) -> Vec<String> {
    let all = app.stripe_requests().await;
    let of = all.iter().filter(|request| {
        request["path"].as_str().unwrap().starts_with("/v1/")
            && StripeCall::find(request).function == function
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
    assert_eq!(sent, vec![sent[0].clone(); 3]);
    let is_key = |key: &str, begins: String| {
        // Between them is a hash of name and address, because Stripe refuses a key with other parameters.
        key.starts_with(&begins) && key.ends_with(&format!("-{hour}"))
    };
    assert!(is_key(&sent[0], format!("customer-{client}-0-")), "{sent:?}");
    assert_eq!(count_listed(&app, "customers").await, 1);
    open_portal(&other).await.expect(200);
    let first = app.stripe_customer(&client).await;
    app.call_stripe(Method::DELETE, &format!("customers/{first}"), "").await.expect(200);
    deliver_events(&app).await;
    open_portal(&client).await.expect(200);
    let sent = idempotency_keys(&app, "create_customer").await;
    assert_eq!(sent.len(), 5);
    assert!(is_key(&sent[3], format!("customer-{other}-0-")), "{sent:?}");
    assert!(is_key(&sent[4], format!("customer-{client}-1-")), "{sent:?}");
    assert_ne!(app.stripe_customer(&client).await, first);
    app.assert_ledgers_consistent().await;
}
