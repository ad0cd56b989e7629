//! Charges that stop halfway, arrive late, or meet other changes of the ledger: each is made once or not at all.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use shared::billing::ledger::retry_ledger_change;
use shared::dynamo::AttemptError;
use shared::ids::OrganizationId;
use tests::faults::PERMANENTLY;
use tests::{Fault, FaultProxy, Person, Reply, TestApp, Visitor, race};

/// An organization with credits and an API key, on an engine with faults.
struct Charges {
    engine: FaultProxy,
    app: TestApp,
    ada: Person,
    client: String,
    key: Visitor,
}

impl Charges {
    /// Starts the app. The first charge is made, so that the next ones are not the first of their day.
    async fn start() -> Self {
        let engine = FaultProxy::start().await;
        let app = TestApp::start_on(&engine).await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        let key = ada.visitor_with_key(&app, &client).await;
        key.spend_credits(&client, "first of the day", "1").await.expect(200);
        Self { engine, app, ada, client, key }
    }

    async fn charge(&self, name: &str) -> Reply {
        self.key.spend_credits(&self.client, name, "1").await
    }

    async fn balance(&self) -> f64 {
        self.ada.credits(&self.client).await["balance"].as_f64().unwrap()
    }

    /// Makes 80 charges by four tasks, so that the list of recent debits is shortened.
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

#[tokio::test]
async fn a_charge_that_fails_at_any_call_is_made_once() {
    let charges = Charges::start().await;
    let mut expected = charges.balance().await;
    for fault in Fault::ALL {
        for step in 0.. {
            let name = format!("{fault:?} {step}");
            charges.engine.inject(fault, step, PERMANENTLY);
            let reply = charges.charge(&name).await;
            let has_failed = charges.engine.clear_fault();
            expected -= 1.0;
            // The list is complete, whatever the call has left undone.
            let listed = charges.ada.transactions(&charges.client).await;
            let balance = charges.balance().await;
            assert_eq!(listed[0]["balance_after"].as_f64(), Some(balance), "{name}");
            charges.app.assert_ledgers_consistent().await;
            let again = charges.charge(&name).await.expect(200);
            assert_eq!(charges.balance().await, expected, "{name}");
            charges.app.assert_ledgers_consistent().await;
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
    let charges = Charges::start().await;
    let before = charges.balance().await;
    for pushes_out in [false, true] {
        let name = format!("late {pushes_out}");
        let mut first = None;
        let meanwhile = async {
            first = Some(charges.charge(&name).await.expect(200));
            if pushes_out {
                charges.make_many("meanwhile").await;
            }
        };
        let late = charges.engine.delay_call("UpdateItem", charges.charge(&name), meanwhile).await;
        // A long delay is answered with 503, and the repeated call with the first response.
        let late = if late.status == 503 { charges.charge(&name).await } else { late };
        assert_eq!(late.expect(200).text, first.unwrap().text);
    }
    assert_eq!(charges.balance().await, before - 2.0 - 80.0 * 0.001);
    // The first of the two late charges is not listed any more.
    assert!(charges.recent_debits().await < 60);
    charges.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_late_announcement_finds_the_finished_charge() {
    let charges = Charges::start().await;
    let before = charges.balance().await;
    let mut first = None;
    let meanwhile = async {
        first = Some(charges.charge("announced").await.expect(200));
        charges.make_many("meanwhile").await;
    };
    let late = charges.engine.delay_call("PutItem", charges.charge("announced"), meanwhile).await;
    let late = if late.status == 503 { charges.charge("announced").await } else { late };
    assert_eq!(late.expect(200).text, first.unwrap().text);
    assert_eq!(charges.balance().await, before - 1.0 - 80.0 * 0.001);
    charges.app.assert_ledgers_consistent().await;
}

/// `torn_read`: balance and guard are read at two moments.
#[tokio::test]
async fn torn_reads_charge_nobody_twice() {
    let charges = Charges::start().await;
    charges.engine.tear_batch_reads();
    charges.app.advance_clock(24 * 60 * 60).await;
    let before = charges.balance().await;
    // The first charges of a day are transactions, and the others updates.
    for name in ["transaction", "update"] {
        let replies = race(16, |_| {
            let (key, client) = (charges.key.clone(), charges.client.clone());
            async move { key.spend_credits(&client, name, "1").await }
        })
        .await;
        let last = charges.charge(name).await.expect(200);
        for reply in replies.iter().filter(|reply| reply.status != 503) {
            assert_eq!((reply.status, &reply.text), (200, &last.text));
        }
    }
    let ada = charges.ada.sign_in(&charges.app).await;
    assert_eq!(ada.credits(&charges.client).await["balance"].as_f64(), Some(before - 2.0));
    charges.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_key_of_an_interrupted_charge_takes_no_other_charge() {
    let charges = Charges::start().await;
    // The charge is announced and not committed.
    let engine = &charges.engine;
    let fail = async { engine.inject(Fault::CutOffBefore, 0, PERMANENTLY) };
    engine.delay_call("UpdateItem", charges.charge("half"), fail).await.expect(503);
    assert!(charges.engine.clear_fault());
    let other = charges.key.spend_credits(&charges.client, "half", "2").await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let before = charges.balance().await;
    charges.charge("half").await.expect(200);
    assert_eq!(charges.balance().await, before - 1.0);
}

#[tokio::test]
async fn a_charge_during_the_deletion_takes_nothing() {
    let charges = Charges::start().await;
    let Charges { engine, app, ada, .. } = &charges;
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
async fn charges_wait_for_a_change_that_met_two_conflicts() {
    let charges = Charges::start().await;
    let organization: OrganizationId = charges.client.parse().unwrap();
    let ctx = charges.app.stack().context();
    let attempts = AtomicU32::new(0);
    let during = retry_ledger_change(ctx, &organization, || async {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed);
        let charge = charges.charge(&format!("attempt {attempt}")).await;
        if charge.status == 200 { Err(AttemptError::Conflict) } else { Ok(charge) }
    });
    let during = during.await.unwrap();
    assert_eq!(attempts.load(Ordering::Relaxed), 3);
    assert_eq!(during.status, 503);
    assert!(during.header("retry-after").is_some());
    // A stored change ends the pause.
    charges.ada.buy_credits(&charges.app, &charges.client, 500).await;
    charges.charge("after the change").await.expect(200);
    charges.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_pause_ends_by_itself() {
    let charges = Charges::start().await;
    let organization: OrganizationId = charges.client.parse().unwrap();
    let attempts = AtomicU32::new(0);
    let stopped = retry_ledger_change(charges.app.stack().context(), &organization, || async {
        match attempts.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err(AttemptError::Conflict),
            _ => Ok(()),
        }
    });
    stopped.await.unwrap();
    charges.charge("paused").await.expect(503);
    charges.app.advance_clock(3).await;
    charges.charge("paused").await.expect(200);
}

#[tokio::test]
async fn charges_of_two_days_and_periods_are_counted() {
    let charges = Charges::start().await;
    let used = async || -> Value {
        let path = format!("/v1/clients/{}/usage", charges.client);
        let ada = charges.ada.sign_in(&charges.app).await;
        let usage = ada.get(&path).await.expect(200).json();
        usage["metrics"][2]["used"].clone()
    };
    charges.charge("today").await.expect(200);
    assert_eq!(used().await, 2);
    charges.app.advance_clock(24 * 60 * 60).await;
    let next_day = used().await;
    charges.charge("tomorrow").await.expect(200);
    // Charges of the day before are counted in the same month, or in the month before.
    let is_same_month = next_day == 2;
    assert_eq!(used().await, if is_same_month { 3 } else { 1 });
    charges.app.advance_clock(40 * 24 * 60 * 60).await;
    assert_eq!(used().await, 0);
    charges.charge("next month").await.expect(200);
    assert_eq!(used().await, 1);
}
