//! The local stack that each test starts for itself.

use local::{Stack, StackData, StackOptions};
use serde_json::{Value, json};
use shared::activity::{Action, Log, SHOWN_TO_ORGANIZATIONS};
use shared::config::PasswordCost;
use shared::dynamo::{Condition, Update};
use shared::error::Error;
use shared::keys;
use shared::organizations::{Member, Role};
use shared::sessions::RECENT_PROOF_TTL;

use crate::engine_handle::EngineHandle;
use crate::ledger_check::LedgerCheck;
use crate::shape_recording::ShapeRecording;
use crate::time::DAY;
use crate::{FaultProxy, Person, Reply, Visitor};

/// A running local stack with an empty table.
pub struct TestApp {
    // Fields drop in order: the ledgers are checked before the stack stops.
    pub(crate) ledger_check: LedgerCheck,
    stack: Stack,
    operator: Visitor,
    is_on_proxy: bool,
    // Dropped last: it writes what the stack has sent.
    _shapes: ShapeRecording,
}

impl TestApp {
    /// Starts a stack with the default options of a deployment.
    pub async fn start() -> Self {
        Self::start_with(true).await
    }

    /// Starts a stack that does not require verified email addresses.
    pub async fn start_without_email_verification() -> Self {
        Self::start_with(false).await
    }

    /// Starts a stack on the DynamoDB of a fault proxy.
    pub async fn start_on(engine: &FaultProxy) -> Self {
        Self::start_with_options_on(StackOptions::default(), engine).await
    }

    /// Starts a stack with given options on the DynamoDB of a fault proxy.
    pub async fn start_with_options_on(options: StackOptions, engine: &FaultProxy) -> Self {
        let password_cost = PasswordCost::LOWEST;
        let options = StackOptions { dynamodb_url: Some(engine.url()), password_cost, ..options };
        let (stack, shapes) = Self::stack_of(options).await;
        Self { is_on_proxy: true, ..Self::of(stack, shapes, engine.engine().clone()) }
    }

    async fn start_with(require_email_verification: bool) -> Self {
        Self::start_with_options(StackOptions {
            data: StackData::Memory,
            require_email_verification,
            dynamodb_url: dynamodb_local_url(),
            ..StackOptions::default()
        })
        .await
    }

    /// Starts a stack with given options; `dynamodb_url`, if set, must name DynamoDB Local. Passwords
    /// are hashed at the lowest cost.
    pub async fn start_with_options(options: StackOptions) -> Self {
        Self::start_exactly(StackOptions { password_cost: PasswordCost::LOWEST, ..options }).await
    }

    /// Starts a stack in which hashing a password takes as long as in production.
    pub async fn start_with_production_passwords() -> Self {
        Self::start_exactly(StackOptions::default()).await
    }

    async fn start_exactly(options: StackOptions) -> Self {
        let url = options.dynamodb_url.clone();
        let (stack, shapes) = Self::stack_of(options).await;
        let engine = match (stack.database(), url) {
            (Some(database), _) => EngineHandle::Embedded(database.clone()),
            (None, url) => EngineHandle::DynamoDbLocal(url.expect("where its engine is")),
        };
        Self::of(stack, shapes, engine)
    }

    async fn stack_of(options: StackOptions) -> (Stack, ShapeRecording) {
        let shapes = ShapeRecording::start();
        let request_shapes = shapes.shapes();
        let options =
            StackOptions { freeze_clock: true, interleave_calls: true, request_shapes, ..options };
        (Stack::start(options).await.expect("the stack starts"), shapes)
    }

    fn of(stack: Stack, shapes: ShapeRecording, engine: EngineHandle) -> Self {
        let ledger_check = LedgerCheck::new(engine, stack.context().config.table_name.clone());
        let operator = Visitor::new(stack.url());
        Self { ledger_check, stack, operator, is_on_proxy: false, _shapes: shapes }
    }

    /// Stops the stack after its running requests.
    pub async fn stop(self) {
        let Self { ledger_check, stack, operator: _, is_on_proxy: _, _shapes } = self;
        drop(ledger_check);
        stack.stop().await;
    }

    /// Waits until the worker has copied a sign-in into the logs of the person's organizations, if there is a fault
    /// proxy. Otherwise the proxy could hold or fail a call of the worker in place of one of the test.
    pub(crate) async fn settle_sign_in(&self) {
        if self.is_on_proxy {
            self.await_stream_records().await;
        }
    }

    /// Waits until the worker has handled the stream records of this moment, but not those of its own writes. The reply
    /// is not 200 if that takes too long.
    pub(crate) async fn await_stream_records(&self) -> Reply {
        self.operator.get("/local/mail?to=nobody@example.com").await
    }

    /// Returns the local stack.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Returns the URL of the gateway.
    pub fn url(&self) -> &str {
        self.stack.url()
    }

    /// Creates a visitor without a credential and with a source address of its own.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.url())
    }

    /// Registers `<who>@example.com` and verifies the address, which signs in.
    pub async fn sign_up(&self, who: &str) -> Person {
        let person = self.register_unverified(who).await;
        person.verify(self).await
    }

    /// Registers `<who>@example.com` without verifying the address.
    pub async fn register_unverified(&self, who: &str) -> Person {
        Person::register(self.visitor(), who).await
    }

    /// Advances the clock of the stack.
    pub async fn advance_clock(&self, seconds: u64) {
        self.operator.post("/local/clock", json!({"advance_seconds": seconds})).await.expect(200);
    }

    /// Advances the clock of the stack without a run of the worker's schedules, which takes seconds for a year.
    pub async fn advance_clock_only(&self, seconds: u64) {
        let body = json!({"advance_seconds": seconds, "run_schedules": false});
        self.operator.post("/local/clock", body).await.expect(200);
    }

    /// Advances the clock of the stack, and runs the worker's schedules on the last two days of the way only.
    pub async fn advance_clock_with_last_runs(&self, seconds: u64) {
        let without_runs = seconds.saturating_sub(2 * DAY);
        if without_runs > 0 {
            self.advance_clock_only(without_runs).await;
        }
        self.advance_clock(seconds - without_runs).await;
    }

    /// Advances the clock until a sensitive change asks for a proof of identity.
    pub async fn expire_proof(&self) {
        self.advance_clock(RECENT_PROOF_TTL.as_secs()).await;
    }

    /// Advances the clock to the start of the next period of this many seconds, such as [`HOUR`](crate::time::HOUR).
    pub async fn advance_to_next(&self, period: u64) {
        let now = u64::try_from(self.now().await).unwrap();
        self.advance_clock(period - now % period).await;
    }

    /// Reads the clock of the stack in Unix seconds.
    pub async fn now(&self) -> i64 {
        self.operator.get("/local/clock").await.expect(200).json()["now"].as_i64().unwrap()
    }

    /// Lists the mails to an address, the newest first.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        // A plain `+` in a query is a space.
        let to = to.replace('+', "%2B");
        let mails = self.operator.get(&format!("/local/mail?to={to}")).await.expect(200);
        mails.json()["data"].as_array().unwrap().clone()
    }

    /// Lists the subjects of the mails to an address, the newest first.
    pub async fn subjects(&self, to: &str) -> Vec<String> {
        let mails = self.mails(to).await;
        mails.iter().map(|mail| mail["subject"].as_str().unwrap().to_owned()).collect()
    }

    /// Reads the code in the newest mail with a code to an address. Other mail has a queue of its own, so it may arrive
    /// before or after the code.
    pub async fn code(&self, to: &str) -> String {
        let mails = self.mails(to).await;
        let has_code = |mail: &&Value| mail["subject"].as_str().unwrap().contains(" is your AIUS ");
        let newest = mails.iter().find(has_code).unwrap_or_else(|| panic!("no code to {to}"));
        code_in(newest)
    }

    /// Puts an organization on a plan: its limits, without credits and without Stripe.
    pub async fn set_plan(&self, client: &str, plan: &str) {
        let path = format!("/local/clients/{client}/plan");
        self.operator.post(&path, json!({"plan": plan})).await.expect(200);
    }

    /// Adds a member to an organization by writing the rows directly, regardless of the seats of the plan.
    pub async fn add_member(&self, client: &str, person: &Person, role: Role) {
        let ctx = self.stack.context();
        let member = Member {
            client_id: client.parse().unwrap(),
            user_id: person.id().await,
            role,
            joined_at: ctx.now(),
        };
        let mut tx = ctx.table.transaction();
        tx.put_new(&member).unwrap();
        tx.put_new(&member.to_listing(ctx.now())).unwrap();
        let count =
            Update::new(keys::organization(&member.client_id)).add("members", 1).add("version", 1);
        tx.update(count.only_if(Condition::Exists), Error::NotFound).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    }

    /// Reads all items of the table as stored, without the [copied events](Self::copied_events).
    pub async fn dump(&self) -> Vec<Value> {
        let all = self.dump_all().await;
        all.into_iter().filter(|item| !is_copied_event(item)).collect()
    }

    /// Reads the security events of members in the logs of their organizations. The worker copies them some time
    /// after the event, so most tests ignore them.
    pub async fn copied_events(&self) -> Vec<Value> {
        self.dump_all().await.into_iter().filter(is_copied_event).collect()
    }

    async fn dump_all(&self) -> Vec<Value> {
        self.dump_partitions("").await
    }

    /// Reads the items whose partition key starts with `pk` and whose sort key starts with `sk`, without the
    /// [copied events](Self::copied_events).
    pub async fn items(&self, pk: &str, sk: &str) -> Vec<Value> {
        let mut items = self.dump_partitions(pk).await;
        items.retain(|item| {
            item["sk"]["S"].as_str().unwrap().starts_with(sk) && !is_copied_event(item)
        });
        items
    }

    /// Reads the items whose partition key starts with `pk`, sorted by key. Asks the engine, because `GET /local/dump`
    /// takes several times as long. The worker has handled all stream records before.
    async fn dump_partitions(&self, pk: &str) -> Vec<Value> {
        self.await_stream_records().await.expect(200);
        let table = &self.stack.context().config.table_name;
        let mut items = self.ledger_check.engine().items_now(table, pk);
        items.sort_by_cached_key(|item| (item["pk"].to_string(), item["sk"].to_string()));
        items
    }

    /// Reads all items except counters and bookkeeping that change without an operation of a user.
    pub async fn durable_items(&self) -> Vec<Value> {
        let passing = ["THROTTLE#", "SIGNIN#", "MOVED#", "SCHEDULE#"];
        let all = self.dump().await;
        all.into_iter()
            .filter(|item| {
                !passing.iter().any(|p| item["pk"]["S"].as_str().unwrap().starts_with(p))
                    && item["sk"]["S"] != "CHECKED"
            })
            .collect()
    }
}

/// Returns whether an item is an event of a user in the log of an organization.
fn is_copied_event(item: &Value) -> bool {
    let is_copied = |action: &Action| json!(action) == item["action"]["S"];
    item["pk"]["S"].as_str().unwrap().starts_with("ACTIVITY#CLIENT#")
        && SHOWN_TO_ORGANIZATIONS.iter().any(is_copied)
}

/// Returns the URL of DynamoDB Local if the tests run on it.
pub(crate) fn dynamodb_local_url() -> Option<String> {
    std::env::vars().find(|(name, _)| name == "DYNAMODB_LOCAL_URL").map(|(_, url)| url)
}

/// Reads the code in the subject of a mail.
pub fn code_in(mail: &Value) -> String {
    mail["subject"].as_str().unwrap().split(' ').next().unwrap().to_owned()
}
