//! What happens without a request: from the table's stream, mail and messages for Slack that wait are sent,
//! and work that outlasts its request is done; by schedules, what falls due is done.
//!
//! The stream's filter in `template.yaml` lets through what [`Job::of`] knows. Each job can be done
//! twice without harm; the stream delivers at least once.

mod books;
mod erasures;
mod event;
mod in_time;
mod outbox;
mod schedules;
mod uploads;
mod work;

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::{self, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::future::join_all;
use serde_dynamo::AttributeValue;
use shared::content::Contents;
use shared::context::{Context, sdk_config};
use shared::dead_letters::DeadLetters;
use shared::dynamo::Key;
use shared::error::Result;
use shared::mail::Mailer;
use shared::slack::Slack;
use shared::stripe::Stripe;
use shared::work::Work;
use shared::{config, keys};

pub use event::{Answer, Event, Schedule};
use outbox::Waiting;

/// The function with what it needs.
#[derive(Clone)]
pub struct Worker {
    ctx: Context,
    ways: Ways,
    contents: Contents,
}

/// The ways out of the service.
#[derive(Clone, Debug)]
pub struct Ways {
    /// For mail.
    pub mailer: Mailer,
    /// For messages to Slack.
    pub slack: Slack,
    /// For what can't be read.
    pub dead_letters: DeadLetters,
    /// For whatever has to do with money.
    pub stripe: Stripe,
}

/// What a record of the stream asks for.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Deliver(Key),
    Part(Work),
    Nothing,
}

impl Worker {
    /// The worker in the cloud: everything from its environment. `MAIL_FROM` is the sender,
    /// `DEAD_LETTERS_URL` the queue, and `SLACK_WEBHOOK_BASE`, if it is set, plays Slack.
    pub async fn from_environment() -> Result<Self> {
        let (ctx, sdk) = (Context::from_environment().await?, sdk_config().await);
        let ways = Ways {
            mailer: Mailer::new(&sdk, config::mail_from()?),
            slack: Slack::new(&config::slack_webhook_base())?,
            dead_letters: DeadLetters::new(&sdk, config::dead_letters_url()?),
            stripe: Stripe::from_environment()?,
        };
        Ok(Self::new(ctx, ways, Contents::from_environment().await?))
    }

    /// A worker of given parts.
    pub fn new(ctx: Context, ways: Ways, contents: Contents) -> Self {
        Self { ctx, ways, contents }
    }

    /// Does what an event asks for. An error has Lambda invoke it again: a batch is answered instead.
    pub async fn invoke(&self, event: Event) -> Result<Answer> {
        match event {
            Event::Stream(batch) => Ok(Answer::Stream(self.handle(batch).await)),
            // On the heap: it is the larger part of what an invocation is, and most are of the stream.
            Event::Schedule(schedule) => match Box::pin(self.keep(schedule)).await {
                Ok(()) => Ok(Answer::Done),
                Err(error) => {
                    tracing::error!(cause = ?error, ?schedule, "not all that was due could be done");
                    Err(error)
                }
            },
        }
    }

    /// Does every job of a batch, and tells Lambda which records to try again. What waits in one partition
    /// is sent in order, up to the first that fails; different partitions' are sent side by side, and
    /// none holds up another. What was done is done again without harm. What can't be read is put to the
    /// dead letters at once, and holds up nothing.
    pub async fn handle(&self, event: dynamodb::Event) -> DynamoDbEventResponse {
        let mut waiting: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
        // Of several of one job, the last.
        let mut works = BTreeMap::new();
        for record in event.records {
            let job = Job::of(&record);
            let sequence_number = record.change.sequence_number;
            match job {
                Job::Deliver(key) => {
                    let one = Waiting { key, sequence_number };
                    waiting.entry(one.key.pk.clone()).or_default().push(one);
                }
                Job::Part(work) => {
                    works.insert(work.job.name(), (work, sequence_number));
                }
                Job::Nothing => {}
            }
        }
        let send = waiting.into_values().map(|waiting| self.send(waiting));
        let (unsent, undone) = tokio::join!(join_all(send), self.do_parts(works.into_values()));
        let failed = unsent.into_iter().flatten().chain(undone).map(failure);
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = failed.collect();
        response
    }
}

impl Job {
    fn of(record: &EventRecord) -> Self {
        let (Some(pk), Some(sk)) = (key_attribute(record, "pk"), key_attribute(record, "sk"))
        else {
            return Self::Nothing;
        };
        match record.event_name.as_str() {
            "INSERT" if pk.starts_with(keys::MAIL) || pk.starts_with(keys::SLACK) => {
                Self::Deliver(Key { pk, sk })
            }
            // What can't be read is left to the hourly run, and an error there.
            "INSERT" | "MODIFY" if pk == keys::WORK => {
                let work = serde_dynamo::from_item(record.change.new_image.clone());
                work.map_or(Self::Nothing, Self::Part)
            }
            _ => Self::Nothing,
        }
    }
}

fn failure(sequence_number: Option<String>) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = sequence_number;
    failure
}

fn key_attribute(record: &EventRecord, name: &str) -> Option<String> {
    match record.change.keys.get(name) {
        Some(AttributeValue::S(text)) => Some(text.clone()),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const CLIENT: &str = "client_mfrggzdfmztwq2lknnwg23tpoa";

    fn record(name: &str, pk: &str, image: Value) -> EventRecord {
        let json = json!({
            "awsRegion": "x", "eventID": "1", "eventName": name,
            "dynamodb": {
                "Keys": {"pk": {"S": pk}, "sk": {"S": "1#m"}}, "NewImage": image,
                "SequenceNumber": "1", "SizeBytes": 1,
            },
        });
        serde_json::from_value(json).unwrap()
    }

    fn sweep() -> Value {
        let job = json!({"name": {"S": "sweep_client"}, "client_id": {"S": CLIENT}});
        json!({"job": {"M": job}, "parts": {"N": "3"}})
    }

    #[test]
    fn a_new_mail_or_message_is_to_be_delivered() {
        for pk in ["MAIL#x", "SLACK#x"] {
            let job = Job::of(&record("INSERT", pk, json!({})));
            assert_eq!(job, Job::Deliver(Key { pk: pk.to_owned(), sk: "1#m".to_owned() }));
        }
    }

    #[test]
    fn work_that_is_new_or_goes_on_is_to_be_done() {
        for name in ["INSERT", "MODIFY"] {
            let job = Job::of(&record(name, "WORK", sweep()));
            let sweep = shared::work::Job::SweepClient { client_id: CLIENT.parse().unwrap() };
            assert_eq!(job, Job::Part(Work { job: sweep, parts: 3 }), "{name}");
        }
    }

    #[test]
    fn nothing_else_is_a_job() {
        let image = sweep();
        for (name, pk, image) in [
            ("REMOVE", "MAIL#x", json!({})),
            ("MODIFY", "MAIL#x", json!({})),
            ("REMOVE", "SLACK#x", json!({})),
            ("INSERT", "NOTICE#x", json!({})),
            ("INSERT", "DECOY#x", json!({})),
            ("INSERT", "USER#usr_x", json!({})),
            ("REMOVE", "WORK", image.clone()),
            ("INSERT", "WORK#x", image),
            ("INSERT", "WORK", json!({"client_id": {"S": CLIENT}, "parts": {"N": "3"}})),
        ] {
            assert_eq!(Job::of(&record(name, pk, image)), Job::Nothing, "{name} {pk}");
        }
    }
}
