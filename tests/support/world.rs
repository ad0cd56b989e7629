//! A stack of its own for each test.

use local::{Data, Options, Stack};
use serde_json::{Value, json};
use shared::activity::Log;
use shared::dynamo::{Condition, Update};
use shared::error::Error;
use shared::keys;
use shared::organizations::{Member, Role};

use crate::books::Books;
use crate::way::Way;
use crate::{Engine, Person, Visitor};

/// A running stack, with an empty table.
pub struct World {
    // Before the stack ends.
    pub(crate) books: Books,
    stack: Stack,
    operator: Visitor,
}

impl World {
    /// A stack as it is deployed by default.
    pub async fn start() -> Self {
        Self::start_with(true).await
    }

    /// A stack where addresses needn't be proven.
    pub async fn start_without_email_verification() -> Self {
        Self::start_with(false).await
    }

    /// A stack whose DynamoDB is that one.
    pub async fn start_on(engine: &Engine) -> Self {
        Self::start_from_on(Options::default(), engine).await
    }

    /// A stack of given options whose DynamoDB is that one.
    pub async fn start_from_on(options: Options, engine: &Engine) -> Self {
        let options = Options { dynamodb_url: Some(engine.url()), ..options };
        Self::of(Self::stack_of(options).await, Way::of(engine))
    }

    async fn start_with(require_email_verification: bool) -> Self {
        Self::start_from(Options {
            data: Data::Memory,
            require_email_verification,
            dynamodb_url: dynamodb_local_url(),
            ..Options::default()
        })
        .await
    }

    /// A stack of given options; what it is to find at `dynamodb_url`, if anything, is DynamoDB Local.
    pub async fn start_from(options: Options) -> Self {
        let url = options.dynamodb_url.clone();
        let stack = Self::stack_of(options).await;
        let way = match (stack.database(), url) {
            (Some(database), _) => Way::Embedded(database.clone()),
            (None, url) => Way::DynamoDbLocal(url.expect("where its engine is")),
        };
        Self::of(stack, way)
    }

    async fn stack_of(options: Options) -> Stack {
        let options = Options { stands_still: true, ..options };
        Stack::start(options).await.expect("the stack starts")
    }

    fn of(stack: Stack, way: Way) -> Self {
        let books = Books::new(way, stack.context().config.table_name.clone());
        let operator = Visitor::new(stack.url());
        Self { books, stack, operator }
    }

    /// Stops the stack, after what is under way.
    pub async fn stop(self) {
        let Self { books, stack, operator: _ } = self;
        drop(books);
        stack.stop().await;
    }

    /// The stack itself.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.stack.url()
    }

    /// Somebody without a credential, from an address on the network that nobody else has.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.url())
    }

    /// Somebody who registered as `<who>@example.com`, proved the address, and is signed in.
    pub async fn person(&self, who: &str) -> Person {
        let person = self.registered(who).await;
        person.verify(self).await
    }

    /// Somebody who registered as `<who>@example.com` and hasn't proved the address.
    pub async fn registered(&self, who: &str) -> Person {
        Person::register(self.visitor(), who).await
    }

    /// Moves the clock.
    pub async fn advance(&self, seconds: u64) {
        self.operator.post("/local/clock", json!({"advance_seconds": seconds})).await.expect(200);
    }

    /// The stack's time, in seconds since 1970.
    pub async fn now(&self) -> i64 {
        self.operator.get("/local/clock").await.expect(200).json()["now"].as_i64().unwrap()
    }

    /// Mails to an address, newest first.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        let mails = self.operator.get(&format!("/local/mail?to={to}")).await.expect(200);
        mails.json()["data"].as_array().unwrap().clone()
    }

    /// The subjects of the mails to an address, newest first.
    pub async fn subjects(&self, to: &str) -> Vec<String> {
        let mails = self.mails(to).await;
        mails.iter().map(|mail| mail["subject"].as_str().unwrap().to_owned()).collect()
    }

    /// The code in the newest mail to an address.
    pub async fn code(&self, to: &str) -> String {
        let mails = self.mails(to).await;
        let newest = mails.first().unwrap_or_else(|| panic!("no mail to {to}"));
        code_in(newest)
    }

    /// Puts a client on a plan: its limits, without credits and without Stripe.
    pub async fn plan(&self, client: &str, plan: &str) {
        let path = format!("/local/clients/{client}/plan");
        self.operator.post(&path, json!({"plan": plan})).await.expect(200);
    }

    /// Makes somebody a member of a client, by the rows that joining writes and whatever its plan allows.
    pub async fn join(&self, client: &str, person: &Person, role: Role) {
        let ctx = self.stack.context();
        let member = Member {
            client_id: client.parse().unwrap(),
            user_id: person.id().await,
            role,
            joined_at: ctx.now(),
        };
        let mut tx = ctx.table.transaction();
        tx.put_new(&member).unwrap();
        tx.put_new(&member.listed(ctx.now())).unwrap();
        let count =
            Update::new(keys::organization(&member.client_id)).add("members", 1).add("version", 1);
        tx.update(count.only_if(Condition::Exists), Error::NotFound).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    }

    /// Every item of the table, as stored.
    pub async fn dump(&self) -> Vec<Value> {
        let dump = self.operator.get("/local/dump").await.expect(200);
        dump.json()["data"].as_array().unwrap().clone()
    }

    /// The items whose partition key starts with `pk` and whose sort key starts with `sk`.
    pub async fn items(&self, pk: &str, sk: &str) -> Vec<Value> {
        let starts = |item: &Value, name: &str, with: &str| {
            item[name]["S"].as_str().unwrap().starts_with(with)
        };
        let all = self.dump().await;
        all.into_iter().filter(|i| starts(i, "pk", pk) && starts(i, "sk", sk)).collect()
    }

    /// Everything that a change of an account leaves: all items but counters of calls.
    pub async fn lasting_items(&self) -> Vec<Value> {
        // The last, and how far each ledger is added up, the worker notes for itself.
        let passing = ["THROTTLE#", "SIGNIN#", "MOVED#"];
        let all = self.dump().await;
        all.into_iter()
            .filter(|item| {
                !passing.iter().any(|p| item["pk"]["S"].as_str().unwrap().starts_with(p))
                    && item["sk"]["S"] != "CHECKED"
            })
            .collect()
    }
}

/// The engine that the suites are to run on, unless it is the embedded one.
pub(crate) fn dynamodb_local_url() -> Option<String> {
    std::env::vars().find(|(name, _)| name == "DYNAMODB_LOCAL_URL").map(|(_, url)| url)
}

/// The code in a mail.
pub fn code_in(mail: &Value) -> String {
    mail["subject"].as_str().unwrap().split(' ').next().unwrap().to_owned()
}
