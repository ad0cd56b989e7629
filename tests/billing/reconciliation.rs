//! The daily reconciliation with Stripe: unprocessed events, and the audit of ledgers and payments.

use std::time::Duration;

use reqwest::Method;
use shared::activity::Log;
use shared::billing::audit::{AuditedPayments, audit_ledger, audit_payments};
use shared::billing::ledger::{Balance, EntryGuard, EntryKind, LedgerEntry};
use shared::billing::stripe_comparison::{StripeComparison, StripeList};
use shared::context::Context;
use shared::credits::Credits;
use shared::dynamo::{Condition, Key, Update};
use shared::error::Error;
use shared::ids::{OrganizationId, TransactionId};
use shared::keys;
use tests::billing::{BillingFixture, deliver_event};
use tests::time::DAY;
use tests::{CARD, TestApp, row};

/// More entries of a ledger than the audit reads at once.
const MANY_ENTRIES: u64 = 1_100;

/// Makes the entry of a long ledger with this number. Each adds one millionth of a credit.
fn entry_of_long_ledger(ctx: &Context, client_id: &OrganizationId, number: u64) -> LedgerEntry {
    LedgerEntry {
        id: TransactionId::generate(&*ctx.random),
        client_id: client_id.clone(),
        number,
        kind: EntryKind::Topup,
        quota: Credits::default(),
        topups: Credits::from_micros(1),
        balance_after: Credits::from_micros(i64::try_from(number).unwrap()),
        description: "Credits".to_owned(),
        cause: format!("topup#cs_{number}"),
        run_id: None,
        project_id: None,
        created_at: ctx.now(),
    }
}

#[tokio::test]
async fn events_about_unknown_objects_change_nothing() {
    let fixture = BillingFixture::start().await;
    let app = &fixture.app;
    let made = app.call_stripe(Method::POST, "customers", "email=x@example.com").await.expect(200);
    let unknown_customer = made.json()["id"].as_str().unwrap().to_owned();
    app.set_webhook_delivery("normal").await;
    let before = app.items("", "").await.len();
    fixture.change_at_stripe(Method::DELETE, &format!("customers/{unknown_customer}"), "").await;
    for (event, kind, object) in [
        ("evt_1", "customer.deleted", "cus_unknown"),
        ("evt_2", "invoice.paid", "in_unknown"),
        ("evt_3", "charge.refunded", "ch_unknown"),
        ("evt_4", "charge.dispute.created", "du_unknown"),
        ("evt_5", "checkout.session.completed", "cs_unknown"),
        ("evt_6", "customer.subscription.updated", "sub_unknown"),
        ("evt_7", "payment_method.detached", "pm_unknown"),
        ("evt_8", "invoice.paid", "no id"),
        ("evt_9", "a.new.kind", "in_unknown"),
    ] {
        deliver_event(app, event, kind, object).await.unwrap();
    }
    // A handled event is recorded: the deletion of the unknown customer, and eight of these.
    assert_eq!(app.items("", "").await.len() - before, 9);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn the_reconciliation_handles_unprocessed_events() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    app.set_webhook_delivery("hold").await;
    ada.subscribe(app, client, "basic").await;
    fixture.buy_credits(500, CARD).await;
    assert_eq!(ada.credits(client).await["balance"], 1000);
    app.advance_clock(DAY + 1).await;
    assert_eq!(fixture.plan().await.0, "basic");
    assert_eq!(ada.credits(client).await["balance"], 6500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn the_audit_finds_a_wrong_ledger_or_payment() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, client, .. } = &fixture;
    let payment = fixture.payment_id(&fixture.buy_credits(500, CARD).await).await;
    app.advance_clock(2 * 60 * 60).await;
    let (ctx, stripe) = (app.stack().context(), &app.stack().clients().stripe);
    let id = client.parse().unwrap();
    let since = ctx.now().minus(Duration::from_secs(DAY));
    let comparison = StripeComparison::of_list(StripeList::Payments, since, ctx.now());
    let assert_wrong = async |wrong: usize| {
        let audited = audit_payments(ctx, stripe, &comparison).await.unwrap();
        assert_eq!(audited, AuditedPayments { wrong, next: None });
    };
    assert_wrong(0).await;
    let change = async |update: Update| {
        let mut tx = ctx.table.transaction();
        tx.update(update.only_if(Condition::Exists), Error::NotFound).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    };
    let amount = |by| Update::new(keys::stripe_object(&payment)).add("amount", by);
    change(amount(1)).await;
    assert_wrong(1).await;
    change(amount(-1)).await;
    assert_wrong(0).await;
    let entry = |by| {
        let key: Key = keys::ledger_entry(&id, 2);
        Update::new(key).add("topups_micros", by)
    };
    change(entry(1)).await;
    assert!(!audit_ledger(ctx, &id).await.unwrap());
    change(entry(-1)).await;
    let balance = |by| Update::new(keys::balance(&id)).add("topups_micros", by);
    change(balance(1)).await;
    assert!(!audit_ledger(ctx, &id).await.unwrap());
    change(balance(-1)).await;
    assert!(audit_ledger(ctx, &id).await.unwrap());
    app.assert_ledgers_consistent().await;
}

/// The audit of a long ledger that is interrupted is continued by the next one.
#[tokio::test]
async fn the_audit_of_a_long_ledger_keeps_its_place() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ctx = app.stack().context();
    let id = OrganizationId::generate(&*ctx.random);
    let entries: Vec<_> =
        (1..=MANY_ENTRIES).map(|number| entry_of_long_ledger(ctx, &id, number)).collect();
    let guards = entries.iter().map(|entry| {
        row(&EntryGuard {
            client_id: id.clone(),
            cause: entry.cause.clone(),
            entry: Some(entry.number),
            debit: None,
        })
    });
    let topups = entries.last().unwrap().balance_after;
    let balance = Balance { topups, entries: MANY_ENTRIES, ..Balance::empty(&id) };
    bulk.put(entries.iter().map(row).chain(guards).chain([row(&balance)]).collect()).await;
    // A wrong entry ends the audit behind the first read of entries.
    let last = entries.last().unwrap();
    let wrong = LedgerEntry { balance_after: Credits::default(), ..last.clone() };
    assert!(ctx.table.put(&wrong, Condition::Exists).await.unwrap());
    assert!(!audit_ledger(ctx, &id).await.unwrap());
    let checkpoint = async || app.items(&keys::ledger_partition(&id), "CHECKED").await;
    assert_eq!(checkpoint().await[0]["entries"]["N"], "1000");
    assert!(ctx.table.put(last, Condition::Exists).await.unwrap());
    assert!(audit_ledger(ctx, &id).await.unwrap());
    assert_eq!(checkpoint().await[0]["entries"]["N"], MANY_ENTRIES.to_string());
}
