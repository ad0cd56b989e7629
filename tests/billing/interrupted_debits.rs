//! Debits that stop halfway, arrive late, or meet other changes of the ledger: each is made once or not at all.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use shared::billing::ledger::{
    Balance, BalanceDebit, DebitKey, DebitedCredits, EntryGuard, EntrySource, retry_ledger_change,
};
use shared::credits::Credits;
use shared::dynamo::{AttemptError, Condition};
use shared::ids::OrganizationId;
use shared::keys;
use tests::faults::PERMANENTLY;
use tests::{Fault, FaultProxy, Person, Reply, TestApp, Visitor, race};

/// An organization with credits and an API key, on an engine with faults.
struct Debits {
    engine: FaultProxy,
    app: TestApp,
    ada: Person,
    client: String,
    key: Visitor,
}

impl Debits {
    /// Starts the app. The first debit is made, so that the next ones are not the first of their day.
    async fn start() -> Self {
        let engine = FaultProxy::start().await;
        let app = TestApp::start_on(&engine).await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        let key = ada.visitor_with_key(&app, &client).await;
        key.spend_credits(&client, "first of the day", "1").await.expect(200);
        Self { engine, app, ada, client, key }
    }

    async fn spend(&self, name: &str) -> Reply {
        self.key.spend_credits(&self.client, name, "1").await
    }

    async fn balance(&self) -> f64 {
        self.ada.credits(&self.client).await["balance"].as_f64().unwrap()
    }

    /// Makes 80 debits by four tasks, so that the list of recent debits is shortened.
    async fn make_many(&self, name: &str) {
        race(4, |task| {
            let (key, client) = (self.key.clone(), self.client.clone());
            let name = name.to_owned();
            async move {
                for number in 0..20 {
                    let name = format!("{name} {task} {number}");
                    while key.spend_credits(&client, &name, "0.001").await.status == 503 {}
                }
            }
        })
        .await;
    }

    async fn recent_debits(&self) -> usize {
        let balance = self.app.items(&format!("LEDGER#{}", self.client), "BALANCE").await;
        balance[0]["recent_debits"]["M"].as_object().unwrap().len()
    }
}

/// Each debit is the first of its day, and so a transaction.
#[tokio::test]
async fn one_debit_a_day_keeps_the_list_short() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    for day in 0..72 {
        key.spend_credits(&client, &format!("day {day}"), "1").await.expect(200);
        app.advance_clock_only(24 * 60 * 60).await;
    }
    let balance = app.items(&format!("LEDGER#{client}"), "BALANCE").await;
    let recent = balance[0]["recent_debits"]["M"].as_object().unwrap().len();
    assert!((48..72).contains(&recent), "{recent}");
}

#[tokio::test]
async fn a_debit_that_fails_at_any_call_is_made_once() {
    let debits = Debits::start().await;
    let mut expected = debits.balance().await;
    for fault in Fault::ALL {
        for step in 0.. {
            let name = format!("{fault:?} {step}");
            debits.engine.inject(fault, step, PERMANENTLY);
            let reply = debits.spend(&name).await;
            let has_failed = debits.engine.clear_fault();
            expected -= 1.0;
            // The list is complete, also where the call has stopped before it wrote the entry.
            let listed = debits.ada.transactions(&debits.client).await;
            let balance = debits.balance().await;
            assert_eq!(listed[0]["balance_after"].as_f64(), Some(balance), "{name}");
            debits.app.assert_ledgers_consistent().await;
            let again = debits.spend(&name).await.expect(200);
            assert_eq!(debits.balance().await, expected, "{name}");
            debits.app.assert_ledgers_consistent().await;
            if reply.status == 200 {
                assert_eq!(again.text, reply.text, "{name}");
                assert!(!has_failed && step >= 5, "{name}");
                break;
            }
            assert_eq!(reply.status, 503, "{name}");
            assert!(step < 20, "{fault:?} has no end");
        }
    }
}

#[tokio::test]
async fn a_commit_that_arrives_late_takes_nothing_twice() {
    let debits = Debits::start().await;
    let before = debits.balance().await;
    for pushes_out in [false, true] {
        let name = format!("late {pushes_out}");
        let mut first = None;
        let meanwhile = async {
            first = Some(debits.spend(&name).await.expect(200));
            if pushes_out {
                debits.make_many("meanwhile").await;
            }
        };
        let late = debits.engine.delay_call("UpdateItem", debits.spend(&name), meanwhile).await;
        // A long delay is answered with 503, and the repeated call with the first response.
        let late = if late.status == 503 { debits.spend(&name).await } else { late };
        assert_eq!(late.expect(200).text, first.unwrap().text);
    }
    assert_eq!(debits.balance().await, before - 2.0 - 80.0 * 0.001);
    // The first of the two late debits is not listed any more.
    assert!(debits.recent_debits().await < 80);
    debits.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_late_guard_finds_the_finished_debit() {
    let debits = Debits::start().await;
    let before = debits.balance().await;
    let mut first = None;
    let meanwhile = async {
        first = Some(debits.spend("late").await.expect(200));
        debits.make_many("meanwhile").await;
    };
    let late = debits.engine.delay_call("PutItem", debits.spend("late"), meanwhile).await;
    let late = if late.status == 503 { debits.spend("late").await } else { late };
    assert_eq!(late.expect(200).text, first.unwrap().text);
    assert_eq!(debits.balance().await, before - 1.0 - 80.0 * 0.001);
    debits.app.assert_ledgers_consistent().await;
}

/// `torn_read`: balance and guard are read at two moments.
#[tokio::test]
async fn torn_reads_debit_nobody_twice() {
    let debits = Debits::start().await;
    debits.engine.tear_batch_reads();
    debits.app.advance_clock(24 * 60 * 60).await;
    let before = debits.balance().await;
    // The first debits of a day are transactions, and the others updates.
    for name in ["transaction", "update"] {
        let replies = race(16, |_| {
            let (key, client) = (debits.key.clone(), debits.client.clone());
            async move { key.spend_credits(&client, name, "1").await }
        })
        .await;
        let last = debits.spend(name).await.expect(200);
        for reply in replies.iter().filter(|reply| reply.status != 503) {
            assert_eq!((reply.status, &reply.text), (200, &last.text));
        }
    }
    let ada = debits.ada.sign_in(&debits.app).await;
    assert_eq!(ada.credits(&debits.client).await["balance"].as_f64(), Some(before - 2.0));
    debits.app.assert_ledgers_consistent().await;
}

/// `torn_read`: a call reads the balance with a debit, and not yet the guard of it. The day has ended meanwhile, so the
/// call is a transaction.
#[tokio::test]
async fn torn_reads_repeat_no_debit_in_a_transaction() {
    let debits = Debits::start().await;
    let engine = &debits.engine;
    let before = debits.balance().await;
    let fail = async { engine.inject(Fault::CutOffBefore, 0, PERMANENTLY) };
    engine.delay_call("UpdateItem", debits.spend("torn"), fail).await.expect(503);
    assert!(engine.clear_fault());
    let ctx = debits.app.stack().context();
    let organization: OrganizationId = debits.client.parse().unwrap();
    let read: Balance = ctx.table.get(&keys::balance(&organization)).await.unwrap().unwrap();
    let key = DebitKey::new("torn");
    let (amount, reserve) = (Credits::from_micros(1_000_000), Credits::default());
    let debit = BalanceDebit { key: &key, amount, from: DebitedCredits::Quota, reserve };
    assert!(read.commit_debit(ctx, &debit).await.unwrap().is_some());
    let guard_key = keys::entry_guard(&organization, &EntrySource::Usage(key.clone()).to_string());
    let guard: EntryGuard = ctx.table.get(&guard_key).await.unwrap().unwrap();
    ctx.table.delete(&guard_key).await.unwrap();
    debits.app.advance_clock_only(24 * 60 * 60).await;
    debits.app.wait_for_worker().await;
    let guard_appears = async {
        assert!(ctx.table.put(&guard, Condition::Absent).await.unwrap());
    };
    engine.delay_transaction(debits.spend("torn"), guard_appears).await.expect(200);
    assert_eq!(debits.balance().await, before - 1.0);
    debits.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_key_of_an_interrupted_debit_takes_no_other_debit() {
    let debits = Debits::start().await;
    // The debit is pending.
    let engine = &debits.engine;
    let fail = async { engine.inject(Fault::CutOffBefore, 0, PERMANENTLY) };
    engine.delay_call("UpdateItem", debits.spend("half"), fail).await.expect(503);
    assert!(debits.engine.clear_fault());
    let other = debits.key.spend_credits(&debits.client, "half", "2").await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let before = debits.balance().await;
    debits.spend("half").await.expect(200);
    assert_eq!(debits.balance().await, before - 1.0);
}

#[tokio::test]
async fn a_debit_during_the_deletion_takes_nothing() {
    let debits = Debits::start().await;
    let Debits { engine, app, ada, .. } = &debits;
    let acme = ada.create_client("Acme").await;
    ada.buy_credits(app, &acme, 500).await;
    let key = ada.visitor_with_key(app, &acme).await;
    key.spend_credits(&acme, "first of the day", "1").await.expect(200);
    let path = format!("/v1/clients/{acme}");
    let deletion = async {
        ada.delete(&path, json!({"confirm": "Acme"})).await.expect(200);
    };
    let late = engine.delay_call("UpdateItem", key.spend_credits(&acme, "late", "1"), deletion);
    assert!([401, 404].contains(&late.await.status));
    ada.post(&format!("{path}/restore"), json!({})).await.expect(200);
    assert_eq!(ada.credits(&acme).await["balance"], 499);
    let key = ada.visitor_with_key(app, &acme).await;
    key.spend_credits(&acme, "after", "1").await.expect(200);
    assert_eq!(ada.credits(&acme).await["balance"], 498);
}

/// A grant that meets a debit in each attempt would never be stored.
#[tokio::test]
async fn debits_wait_for_a_change_that_met_two_conflicts() {
    let debits = Debits::start().await;
    let organization: OrganizationId = debits.client.parse().unwrap();
    let ctx = debits.app.stack().context();
    let attempts = AtomicU32::new(0);
    let during = retry_ledger_change(ctx, &organization, || async {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed);
        let debit = debits.spend(&format!("attempt {attempt}")).await;
        if debit.status == 200 { Err(AttemptError::Conflict) } else { Ok(debit) }
    });
    let during = during.await.unwrap();
    assert_eq!(attempts.load(Ordering::Relaxed), 3);
    assert_eq!(during.status, 503);
    assert!(during.header("retry-after").is_some());
    // A stored change ends the pause.
    debits.ada.buy_credits(&debits.app, &debits.client, 500).await;
    debits.spend("after the change").await.expect(200);
    debits.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_pause_ends_by_itself() {
    let debits = Debits::start().await;
    let organization: OrganizationId = debits.client.parse().unwrap();
    let attempts = AtomicU32::new(0);
    let stopped = retry_ledger_change(debits.app.stack().context(), &organization, || async {
        match attempts.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err(AttemptError::Conflict),
            _ => Ok(()),
        }
    });
    stopped.await.unwrap();
    debits.spend("paused").await.expect(503);
    debits.app.advance_clock(6).await;
    debits.spend("paused").await.expect(200);
}

/// A grant meets a debit in its first two attempts. The third makes debits wait.
#[tokio::test]
async fn a_grant_that_met_two_debits_makes_the_next_one_wait() {
    let debits = Debits::start().await;
    debits.app.wait_for_worker().await;
    let before = debits.balance().await;
    let grant = json!({"name": "grant_credits", "client_id": debits.client, "credits": 10});
    let meeting = async {
        for number in 0..3 {
            let held = debits.engine.hold_operation("TransactWriteItems");
            held.reached().await;
            let debit = debits.spend(&format!("meeting {number}")).await;
            debit.expect(if number < 2 { 200 } else { 503 });
            held.release();
        }
    };
    tokio::join!(debits.app.operate_well(grant), meeting);
    assert_eq!(debits.balance().await, before + 8.0);
    // The stored grant ends the pause.
    debits.spend("meeting 2").await.expect(200);
    debits.app.assert_ledgers_consistent().await;
}

/// The pause begins between the read of a debit and its commit.
#[tokio::test]
async fn a_pause_stops_a_debit_that_is_on_its_way() {
    let debits = Debits::start().await;
    let before = debits.balance().await;
    let organization: OrganizationId = debits.client.parse().unwrap();
    let pause = async {
        let attempts = AtomicU32::new(0);
        let paused = retry_ledger_change(debits.app.stack().context(), &organization, || async {
            match attempts.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => Err(AttemptError::Conflict),
                _ => Ok(()),
            }
        });
        paused.await.unwrap();
    };
    debits.engine.delay_call("UpdateItem", debits.spend("late"), pause).await.expect(503);
    assert_eq!(debits.balance().await, before);
    debits.app.advance_clock(6).await;
    debits.spend("late").await.expect(200);
    assert_eq!(debits.balance().await, before - 1.0);
}

/// A debit is pending, the credits run out, and its repetition answers 402. A copy of its commit then arrives.
#[tokio::test]
async fn a_commit_that_arrives_after_a_refusal_takes_nothing() {
    let debits = Debits::start().await;
    let engine = &debits.engine;
    let fail = async { engine.inject(Fault::CutOffBefore, 0, PERMANENTLY) };
    engine.delay_call("UpdateItem", debits.spend("refused"), fail).await.expect(503);
    assert!(debits.engine.clear_fault());
    let ctx = debits.app.stack().context();
    let organization: OrganizationId = debits.client.parse().unwrap();
    let read: Balance = ctx.table.get(&keys::balance(&organization)).await.unwrap().unwrap();
    let all = debits.balance().await.to_string();
    debits.key.spend_credits(&debits.client, "all", &all).await.expect(200);
    debits.spend("refused").await.expect_error(402, "INSUFFICIENT_CREDITS");
    debits.ada.buy_credits(&debits.app, &debits.client, 500).await;
    let before = debits.balance().await;
    let key = DebitKey::new("refused");
    let (amount, reserve) = (Credits::from_micros(1_000_000), Credits::default());
    let late = BalanceDebit { key: &key, amount, from: DebitedCredits::Topups, reserve };
    assert!(read.commit_debit(ctx, &late).await.unwrap().is_none());
    assert_eq!(debits.balance().await, before);
    debits.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn debits_of_two_days_and_periods_are_counted() {
    let debits = Debits::start().await;
    let used = async || -> Value {
        let path = format!("/v1/clients/{}/usage", debits.client);
        let ada = debits.ada.sign_in(&debits.app).await;
        let usage = ada.get(&path).await.expect(200).json();
        usage["metrics"][2]["used"].clone()
    };
    debits.spend("today").await.expect(200);
    assert_eq!(used().await, 2);
    debits.app.advance_clock_only(24 * 60 * 60).await;
    let next_day = used().await;
    debits.spend("tomorrow").await.expect(200);
    // Debits of the day before are counted in the same month, or in the month before.
    let is_same_month = next_day == 2;
    assert_eq!(used().await, if is_same_month { 3 } else { 1 });
    debits.app.advance_clock_only(40 * 24 * 60 * 60).await;
    assert_eq!(used().await, 0);
    debits.spend("next month").await.expect(200);
    assert_eq!(used().await, 1);
}
