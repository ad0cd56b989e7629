//! Random sequences of changes to an organization's credits, compared with a simple model after each change.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use serde_json::{Value, json};
use tests::billing::BillingFixture;
use tests::seeded_random::SeededRandom;
use tests::time::HOUR;
use tests::{CARD, Visitor};

/// The seeds of the sequences. Together they have every outcome, and debts that refunds leave and the quota pays.
const SEEDS: [u64; 3] = [4, 44, 350];

/// Number of changes in a sequence.
const CHANGES: usize = 40;

/// Every outcome that a change can have.
const OUTCOMES: [&str; 12] = [
    "conflicting key",
    "granted",
    "refunded",
    "refunded into debt",
    "renewed",
    "repeated",
    "spent",
    "subscribed",
    "taken back",
    "too little to spend",
    "too little to take back",
    "topped up",
];

#[tokio::test]
async fn random_changes_leave_the_balance_of_the_model() {
    let mut outcomes = BTreeSet::new();
    for seed in SEEDS {
        let sequence = AssertUnwindSafe(run_sequence(seed)).catch_unwind().await;
        outcomes.extend(sequence.unwrap_or_else(|_| panic!("failed with the seed {seed}")));
    }
    assert!(outcomes.iter().eq(&OUTCOMES), "{outcomes:?}");
}

/// Makes the changes of a seed and returns their outcomes.
async fn run_sequence(seed: u64) -> BTreeSet<&'static str> {
    let mut sequence = Sequence::start(seed).await;
    let mut outcomes = BTreeSet::new();
    for number in 0..CHANGES {
        let outcome = sequence.change(number).await;
        sequence.assert_equals_model(&format!("change {number}: {outcome}")).await;
        outcomes.insert(outcome);
    }
    sequence.fixture.app.assert_ledgers_consistent().await;
    outcomes
}

/// The credits of an organization, in thousandths of a credit.
struct Model {
    quota: i64,
    /// The top-up credits. Negative is a debt.
    topups: i64,
    /// Whether the quota is the free one, which is kept when a plan begins.
    is_free: bool,
}

impl Model {
    fn total(&self) -> i64 {
        self.quota + self.topups
    }

    /// Takes an amount, from the quota first. Returns whether there was enough.
    fn take(&mut self, amount: i64) -> bool {
        if amount > self.total() {
            return false;
        }
        let from_quota = amount.min(self.quota);
        self.quota -= from_quota;
        self.topups -= amount - from_quota;
        true
    }

    /// Begins a period of the basic plan.
    fn begin_period(&mut self) {
        if self.is_free {
            self.topups += self.quota;
        }
        *self = Self { quota: 5_000_000, topups: self.topups, is_free: false };
        self.pay_debt();
    }

    fn refund(&mut self, amount: i64) {
        self.topups -= amount;
        self.pay_debt();
    }

    /// Pays a debt with the quota.
    fn pay_debt(&mut self) {
        let paid = self.quota.min((-self.topups).max(0));
        self.quota -= paid;
        self.topups += paid;
    }
}

/// A debit that was accepted.
#[derive(Clone)]
struct Debit {
    key: String,
    amount: i64,
    response: String,
}

/// A payment for top-up credits.
struct Payment {
    id: String,
    /// Cents that are not refunded yet, which are as many as the credits.
    rest: u64,
}

/// An organization whose credits change, and the model of them.
struct Sequence {
    fixture: BillingFixture,
    key: Visitor,
    random: SeededRandom,
    model: Model,
    debits: Vec<Debit>,
    payments: Vec<Payment>,
}

impl Sequence {
    /// Starts with the free credits of a new account.
    async fn start(seed: u64) -> Self {
        let fixture = BillingFixture::start().await;
        let key = fixture.ada.visitor_with_key(&fixture.app, &fixture.client).await;
        Self {
            fixture,
            key,
            random: SeededRandom::new(seed),
            model: Model { quota: 1_000_000, topups: 0, is_free: true },
            debits: Vec::new(),
            payments: Vec::new(),
        }
    }

    /// Makes a random change and returns its outcome.
    async fn change(&mut self, number: usize) -> &'static str {
        match self.random.between(1, 100) {
            1..=10 if !self.debits.is_empty() => self.repeat_debit().await,
            11..=17 if !self.debits.is_empty() => self.use_key_again().await,
            18..=30 => self.top_up().await,
            31..=45 if self.payments.iter().any(|payment| payment.rest > 0) => self.refund().await,
            46..=58 => self.adjust(number).await,
            59..=64 => self.begin_period().await,
            _ => self.spend(number).await,
        }
    }

    async fn spend(&mut self, number: usize) -> &'static str {
        let amount = self.random_amount(900_000);
        let key = format!("debit {number}");
        let reply = self.key.spend_credits(&self.fixture.client, &key, &decimal(amount)).await;
        if !self.model.take(amount) {
            reply.expect_error(402, "INSUFFICIENT_CREDITS");
            return "too little to spend";
        }
        let reply = reply.expect(200);
        assert_eq!(read_decimal(&reply.json()["balance"]), decimal(self.model.total()));
        self.debits.push(Debit { key, amount, response: reply.text });
        "spent"
    }

    async fn repeat_debit(&mut self) -> &'static str {
        let Debit { key, amount, response } = self.random.pick(&self.debits).clone();
        let reply = self.key.spend_credits(&self.fixture.client, &key, &decimal(amount)).await;
        assert_eq!(reply.expect(200).text, response);
        "repeated"
    }

    async fn use_key_again(&mut self) -> &'static str {
        let Debit { key, amount, .. } = self.random.pick(&self.debits).clone();
        let other = decimal(amount + 1);
        let reply = self.key.spend_credits(&self.fixture.client, &key, &other).await;
        reply.expect_error(409, "IDEMPOTENCY_CONFLICT");
        "conflicting key"
    }

    async fn top_up(&mut self) -> &'static str {
        let credits = self.random.between(500, 1_500);
        let session = self.fixture.buy_credits(u32::try_from(credits).unwrap(), CARD).await;
        let id = self.fixture.payment_id(&session).await;
        self.model.topups += thousandths(credits);
        self.payments.push(Payment { id, rest: credits });
        "topped up"
    }

    /// Refunds a part of the latest payment that is not refunded whole.
    async fn refund(&mut self) -> &'static str {
        let payment = self.payments.iter_mut().rev().find(|payment| payment.rest > 0).unwrap();
        let cents = self.random.between(1, payment.rest);
        payment.rest -= cents;
        self.fixture.refund(&payment.id, &format!("&amount={cents}")).await;
        self.model.refund(thousandths(cents));
        if self.model.topups < 0 { "refunded into debt" } else { "refunded" }
    }

    /// Has an operator grant credits or take some back.
    async fn adjust(&mut self, number: usize) -> &'static str {
        let amount = self.random_amount(2_000_000);
        let is_grant = self.random.between(1, 2) == 1;
        let change = decimal(if is_grant { amount } else { -amount });
        let action = json!({
            "name": "grant_credits",
            "client_id": self.fixture.client,
            "credits": serde_json::from_str::<Value>(&change).unwrap(),
            "key": format!("T-1 {number}"),
        });
        if is_grant {
            self.fixture.app.operate_well(action).await;
            self.model.topups += amount;
            "granted"
        } else if self.model.take(amount) {
            self.fixture.app.operate_well(action).await;
            "taken back"
        } else {
            self.fixture.app.operate_refused(action, "INSUFFICIENT_CREDITS").await;
            "too little to take back"
        }
    }

    /// Subscribes to the basic plan, or waits until its next period is paid.
    async fn begin_period(&mut self) -> &'static str {
        let BillingFixture { app, ada, client } = &self.fixture;
        let outcome = if self.model.is_free {
            ada.subscribe(app, client, "basic").await;
            "subscribed"
        } else {
            let end = ada.subscription(client).await["current_period_end"].as_i64().unwrap();
            let seconds = u64::try_from(end - app.now().await).unwrap();
            // Stripe charges the card an hour after the period has begun.
            app.advance_clock_with_last_runs(seconds + HOUR + 1).await;
            // The session has expired.
            self.fixture.ada = ada.sign_in(app).await;
            "renewed"
        };
        self.model.begin_period();
        outcome
    }

    fn random_amount(&mut self, last: u64) -> i64 {
        i64::try_from(self.random.between(1, last)).unwrap()
    }

    async fn assert_equals_model(&self, after: &str) {
        let credits = self.fixture.ada.credits(&self.fixture.client).await;
        let read = [&credits["balance"], &credits["quota"]["remaining"], &credits["topup_balance"]];
        let expected = [self.model.total(), self.model.quota, self.model.topups];
        assert_eq!(read.map(read_decimal), expected.map(decimal), "{after}");
    }
}

fn thousandths(credits: u64) -> i64 {
    i64::try_from(credits).unwrap() * 1_000
}

/// Writes thousandths of a credit as credits with all six decimal places.
fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let size = thousandths.unsigned_abs();
    format!("{sign}{}.{:03}000", size / 1_000, size % 1_000)
}

/// Writes credits of the API with all six decimal places.
fn read_decimal(credits: &Value) -> String {
    format!("{:.6}", credits.as_f64().unwrap())
}
