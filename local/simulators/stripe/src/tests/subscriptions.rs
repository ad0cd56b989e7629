//! What happens to subscriptions as time passes.

use serde_json::json;

use super::*;
use crate::billing::invoice_drafts::FINALIZATION_DELAY;

#[test]
fn subscription_renews_monthly_and_collects_an_hour_later() {
    // 31 January 2027.
    let simulation = Simulation::start_at(1_801_390_000);
    let customer = simulation.create_customer();
    let session = simulation.create_subscription_session(&customer);
    let session = simulation.pay(&session, "4242424242424242").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let end = |subscription: &Value| {
        subscription["items"]["data"][0]["current_period_end"].as_i64().unwrap()
    };
    let first = simulation.get(&path);
    assert_eq!(end(&first), 1_801_390_000 + 28 * 86_400);
    simulation.take_event_types();
    simulation.advance_days(28);
    let renewed = simulation.get(&format!("{path}?expand[]=latest_invoice"));
    assert_eq!(end(&renewed), 1_801_390_000 + 59 * 86_400);
    assert_eq!(renewed["latest_invoice"]["status"], "draft");
    assert_eq!(simulation.take_event_types(), ["invoice.created", "customer.subscription.updated"]);
    simulation.clock.advance(3_600);
    let renewed = simulation.get(&format!("{path}?expand[]=latest_invoice"));
    let invoice = &renewed["latest_invoice"];
    assert_eq!(
        (&invoice["status"], &invoice["billing_reason"]),
        (&json!("paid"), &json!("subscription_cycle"))
    );
    assert_eq!(invoice["lines"]["data"][0]["period"]["end"], end(&renewed));
    assert_eq!(
        simulation.take_event_types(),
        [
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
        ]
    );
}

#[test]
fn subscription_is_canceled_after_four_failed_attempts() {
    let simulation = Simulation::start();
    let customer = simulation.create_customer();
    let session = simulation.create_subscription_session(&customer);
    let session = simulation.pay(&session, "4000000000000341").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let end = simulation.get(&path)["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    let failed = end + FINALIZATION_DELAY;
    simulation.clock.advance(failed - START);
    for (count, delay) in [(1, 3), (2, 5), (3, 7)] {
        let subscription = simulation.get(&format!("{path}?expand[]=latest_invoice"));
        assert_eq!(subscription["status"], "past_due");
        assert_eq!(subscription["latest_invoice"]["attempt_count"], count);
        simulation.advance_days(delay);
    }
    let subscription = simulation.get(&format!("{path}?expand[]=latest_invoice"));
    assert_eq!(subscription["status"], "canceled");
    assert_eq!(subscription["ended_at"], failed + 15 * 86_400);
    assert_eq!(subscription["cancellation_details"]["reason"], "payment_failed");
    assert_eq!(subscription["latest_invoice"]["status"], "open");
    assert_eq!(simulation.take_event_types().last().unwrap(), "customer.subscription.deleted");
    simulation.advance_days(60);
    simulation.get(&path);
    assert_eq!(simulation.take_event_types(), Vec::<String>::new());
}

#[test]
fn price_change_is_prorated_and_credit_stays_with_customer() {
    let simulation = Simulation::start();
    let customer = simulation.create_customer();
    let session = simulation.create_subscription_session(&customer);
    let session = simulation.pay(&session, "4242424242424242").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let subscription = simulation.get(&path);
    let item = id(&subscription["items"]["data"][0]);
    let end = subscription["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    simulation.clock.advance((end - START) / 2);
    let change = |price: &str| {
        let encoded = format!(
            "items[0][id]={item}&items[0][price]={price}&proration_behavior=always_invoice&expand[]=latest_invoice"
        );
        simulation.post(&path, &encoded)["latest_invoice"].clone()
    };
    let up = change("price_pro_monthly");
    assert_eq!(
        (&up["billing_reason"], &up["status"]),
        (&json!("subscription_update"), &json!("paid"))
    );
    assert_eq!((&up["total"], &up["amount_paid"]), (&json!(7_500), &json!(7_500)));
    let lines: Vec<_> =
        up["lines"]["data"].as_array().unwrap().iter().map(|line| line["amount"].clone()).collect();
    assert_eq!(lines, [json!(-2_500), json!(10_000)]);
    let down = change("price_basic_monthly");
    assert_eq!((&down["total"], &down["amount_due"]), (&json!(-7_500), &json!(0)));
    assert_eq!(simulation.get(&format!("/v1/customers/{customer}"))["balance"], -7_500);
    simulation.clock.advance((end - START) / 2 + 3_601);
    let renewal = &simulation.get(&format!("{path}?expand[]=latest_invoice"))["latest_invoice"];
    assert_eq!((&renewal["total"], &renewal["amount_due"]), (&json!(5_000), &json!(0)));
    assert_eq!(simulation.get(&format!("/v1/customers/{customer}"))["balance"], -2_500);
}

#[test]
fn canceled_subscription_lasts_until_the_end_of_its_period() {
    let simulation = Simulation::start();
    let customer = simulation.create_customer();
    let session = simulation.create_subscription_session(&customer);
    let session = simulation.pay(&session, "4242424242424242").unwrap();
    let path = format!("/v1/subscriptions/{}", session["subscription"].as_str().unwrap());
    let canceled = simulation.post(&path, "cancel_at_period_end=true");
    assert_eq!((&canceled["status"], &canceled["canceled_at"]), (&json!("active"), &json!(START)));
    let end = canceled["cancel_at"].as_i64().unwrap();
    simulation.clock.advance(end - START - 1);
    assert_eq!(simulation.get(&path)["status"], "active");
    simulation.clock.advance(1);
    let ended = simulation.get(&path);
    assert_eq!((&ended["status"], &ended["ended_at"]), (&json!("canceled"), &json!(end)));
    assert_eq!(simulation.take_event_types().last().unwrap(), "customer.subscription.deleted");
    // A subscription that has ended cannot be resumed.
    assert!(simulation.call("POST", &path, "cancel_at_period_end=false").is_err());
}
