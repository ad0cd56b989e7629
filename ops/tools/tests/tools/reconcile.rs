//! `ops-tools reconcile` and `ops-tools restore-check`: what Stripe knows and the table does not.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use shared::dynamo::{Key, retry_conflicts};
use tests::{CARD, Person};

use crate::support::{Printed, Workbench};

/// Runs a tool against the local Stripe.
async fn run(bench: &Workbench, arguments: &[&str]) -> Printed {
    let base = format!("{}/local/stripe", bench.app.url());
    bench.run_with("worker", &[("STRIPE_API_BASE", &base)], arguments).await
}

/// Returns the time at which the stack began, as the tools take it.
fn beginning() -> &'static str {
    "2020-01-01"
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_has_the_prices_of_the_local_stack() {
    let bench = Workbench::start().await;
    let variables = bench.app.stack().environment_of_function("worker").unwrap();
    let prices = format!("PLAN_PRICES = \"{}\"", variables["STRIPE_PRICES"]);
    let script = include_str!("../../../tool");
    assert!(script.lines().any(|line| line == prices), "ops/tool lacks the line {prices}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unprocessed_events_are_processed() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.set_webhook_delivery("hold").await;
    buy_credits(&bench, &ada, &client).await;
    assert_eq!(ada.credits(&client).await["balance"], 1000);
    let since = ["--since", beginning()];
    let dry = run(&bench, &[&["reconcile"][..], &since[..]].concat()).await.expect(1);
    assert!(dry.text.contains("checkout.session.completed"), "{}", dry.text);
    dry.has_line("warning: Stripe keeps events for 30 days, so earlier ones are not processed");
    assert_eq!(ada.credits(&client).await["balance"], 1000, "a dry run writes nothing");
    let apply = [&["reconcile", "--apply"][..], &since[..]].concat();
    let done = run(&bench, &apply).await.expect(0);
    done.has_line("0 payments differ");
    assert_eq!(ada.credits(&client).await["balance"], 1500);
    for _ in 0..2 {
        run(&bench, &apply).await.expect(0).has_line("0 events processed");
    }
    assert_eq!(ada.credits(&client).await["balance"], 1500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_table_gets_what_stripe_knows() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.wait_for_worker().await;
    let before = app.dump().await;
    ada.subscribe(app, &client, "basic").await;
    buy_credits(&bench, &ada, &client).await;
    let bought = ada.credits(&client).await["balance"].clone();
    assert_eq!(bought, 6500);
    restore(&bench, &before).await;
    assert_eq!(ada.credits(&client).await["balance"], 1000, "the purchases are gone");

    let since = ["--since", beginning()];
    let dry = run(&bench, &[&["restore-check"][..], &since[..]].concat()).await.expect(1);
    dry.has_line("1 customers to link");
    let apply = [&["restore-check", "--apply"][..], &since[..]].concat();
    let done = run(&bench, &apply).await.expect(0);
    done.has_line("1 customers linked again").has_line("0 payments differ");
    assert_eq!(ada.credits(&client).await["balance"], bought);
    let again = run(&bench, &apply).await.expect(0);
    again.has_line("0 customers linked again").has_line("0 events processed");
    assert_eq!(ada.credits(&client).await["balance"], bought);
    app.assert_ledgers_consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_table_is_compared_by_its_name() {
    let bench = Workbench::start().await;
    let app = &bench.app;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.wait_for_worker().await;
    bench.copy_table("restored").await;
    buy_credits(&bench, &ada, &client).await;
    app.wait_for_worker().await;
    let since = ["restore-check", "--since", beginning()];
    let restored = [&since[..], &["--table", "restored"]].concat();
    let found = run(&bench, &restored).await.expect(1);
    found.has_line("1 customers to link");
    run(&bench, &since).await.has_line("0 customers to link").has_line("0 payments differ");
    // Only the table of the stack is changed, and only after a restore.
    run(&bench, &[&restored[..], &["--apply"]].concat()).await.expect(2);
    run(&bench, &["reconcile", "--since", beginning(), "--table", "restored"]).await.expect(2);
}

async fn buy_credits(bench: &Workbench, person: &Person, client: &str) {
    let session = person.top_up_session(client, 500).await;
    bench.app.pay_checkout(&session, CARD).await.expect(200);
}

/// Puts the billing of an earlier dump of the table back: deletes what was written since, and restores what changed.
async fn restore(bench: &Workbench, before: &[Value]) {
    let ctx = bench.app.stack().context();
    let (dynamodb, table) = (aws_sdk_dynamodb::Client::new(&bench.sdk()), &ctx.config.table_name);
    let billing = ["LEDGER#", "STRIPE#", "MOVED#", "CLIENT#"];
    let is_billing =
        |item: &&Value| billing.iter().any(|prefix| text(item, "pk").starts_with(prefix));
    for item in bench.app.dump().await.iter().filter(is_billing) {
        let key = Key::new(text(item, "pk"), text(item, "sk"));
        retry_conflicts(ctx, || ctx.table.delete(&key)).await.unwrap();
    }
    for item in before.iter().filter(is_billing) {
        let attributes = item.as_object().unwrap().iter();
        let attributes = attributes.map(|(name, value)| (name.clone(), attribute(value))).collect();
        let put = dynamodb.put_item().table_name(table).set_item(Some(attributes));
        put.send().await.unwrap();
    }
}

fn text<'i>(item: &'i Value, name: &str) -> &'i str {
    item[name]["S"].as_str().unwrap()
}

/// Converts an attribute from DynamoDB's JSON.
fn attribute(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => AttributeValue::S(text.clone()),
        ("N", Value::String(number)) => AttributeValue::N(number.clone()),
        ("NULL", Value::Bool(value)) => AttributeValue::Null(*value),
        ("BOOL", Value::Bool(value)) => AttributeValue::Bool(*value),
        ("L", Value::Array(list)) => AttributeValue::L(list.iter().map(attribute).collect()),
        ("M", Value::Object(map)) => AttributeValue::M(
            map.iter().map(|(name, value)| (name.clone(), attribute(value))).collect(),
        ),
        _ => panic!("{kind}: {value}"),
    }
}
