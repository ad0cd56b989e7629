//! The checkout page and the portal of the local Stripe.

use serde_json::json;
use tests::stripe_simulator::{StripeFixture, created_id};

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
    // The portal shows the plan and does not change it.
    let living = stripe.get("subscriptions").await.json();
    let subscription = living["data"][0]["id"].as_str().unwrap();
    for action in ["change", "cancel", "resume"] {
        let action = format!("action={action}&subscription={subscription}&price=price_pro_monthly");
        form(&portal, &action).await.expect(400);
    }
    form(&portal, "action=add&card=5555555555554444").await.expect(303);
    form(&portal, "action=remove&method=pm_of_somebody_else").await.expect(400);
    let details = "action=details&name=Engines%20Ltd&email=bills%40example.com";
    form(&portal, details).await.expect(303);
    let shown = stripe.visitor.get(&portal).await.expect(200);
    for text in [
        "Billing for Engines Ltd",
        "bills@example.com",
        "Basic, active, renews on",
        "mastercard ending in 4444, used for payments",
    ] {
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
    let overview = stripe.visitor.get("/local/stripe").await.expect(200).text;
    for text in [customer.as_str(), "Engines Ltd", "subscription create", "<td>Basic</td>"] {
        assert!(overview.contains(text), "{text}: {overview}");
    }
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
