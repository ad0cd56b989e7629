//! What happens without a request: from the table's stream, mail that waits is sent; once a day, what
//! is due is done.
//!
//! The stream's filter in `template.yaml` lets through what [`Job::of`] knows. Each job can be done
//! twice without harm; the stream delivers at least once.

mod daily;
mod erasures;
mod event;

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::{self, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::future::join_all;
use serde_dynamo::AttributeValue;
use shared::config;
use shared::context::{Context, sdk_config};
use shared::dynamo::{Key, keys};
use shared::error::Result;
use shared::mail::{self, Mailer};

pub use event::{Answer, Event, Schedule};

/// The function with what it needs.
#[derive(Clone)]
pub struct Worker {
    ctx: Context,
    mailer: Mailer,
}

/// What a record of the stream asks for.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Deliver(Key),
    Nothing,
}

impl Worker {
    /// The worker in the cloud: everything from its environment. `MAIL_FROM` is the sender.
    pub async fn from_environment() -> Result<Self> {
        let ctx = Context::from_environment().await?;
        Ok(Self::new(ctx, Mailer::new(&sdk_config().await, config::mail_from()?)))
    }

    /// A worker of given parts.
    pub fn new(ctx: Context, mailer: Mailer) -> Self {
        Self { ctx, mailer }
    }

    /// Does what an event asks for. An error has Lambda invoke it again: a batch is answered instead.
    pub async fn invoke(&self, event: Event) -> Result<Answer> {
        match event {
            Event::Stream(batch) => Ok(Answer::Stream(self.handle(batch).await)),
            Event::Schedule(Schedule::Daily) => match self.daily().await {
                Ok(()) => Ok(Answer::Done),
                Err(error) => {
                    tracing::error!(cause = ?error, "what is due once a day failed");
                    Err(error)
                }
            },
        }
    }

    /// Does every job of a batch, and tells Lambda which records to try again. The records of one
    /// partition are done in order, up to the first that fails; different partitions are done side
    /// by side, and none holds up another. What was done is done again without harm.
    pub async fn handle(&self, event: dynamodb::Event) -> DynamoDbEventResponse {
        let mut partitions: BTreeMap<String, Vec<EventRecord>> = BTreeMap::new();
        for record in event.records {
            let partition = partition_key(&record).unwrap_or_default();
            partitions.entry(partition).or_default().push(record);
        }
        let work = partitions.into_values().map(|records| self.work_through(records));
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = join_all(work).await.into_iter().flatten().collect();
        response
    }

    async fn work_through(&self, records: Vec<EventRecord>) -> Vec<DynamoDbBatchItemFailure> {
        let mut records = records.into_iter();
        for record in records.by_ref() {
            if let Err(error) = self.run(Job::of(&record)).await {
                let sequence_number = record.change.sequence_number;
                tracing::error!(cause = ?error, sequence_number, "a record failed");
                let behind = records.map(|record| record.change.sequence_number);
                return std::iter::once(sequence_number).chain(behind).map(failure).collect();
            }
        }
        Vec::new()
    }

    async fn run(&self, job: Job) -> Result<()> {
        match job {
            Job::Deliver(key) => mail::deliver(&self.ctx, &self.mailer, &key).await,
            Job::Nothing => Ok(()),
        }
    }
}

impl Job {
    fn of(record: &EventRecord) -> Self {
        let inserted = record.event_name == "INSERT";
        match (partition_key(record), key_attribute(record, "sk")) {
            (Some(pk), Some(sk)) if inserted && pk.starts_with(keys::MAIL) => {
                Self::Deliver(Key { pk, sk })
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

fn partition_key(record: &EventRecord) -> Option<String> {
    key_attribute(record, "pk")
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

    fn record(name: &str, pk: &str) -> EventRecord {
        let json = format!(
            r#"{{"awsRegion":"x","eventID":"1","eventName":"{name}","dynamodb":
                {{"Keys":{{"pk":{{"S":"{pk}"}},"sk":{{"S":"1#m"}}}},"SequenceNumber":"1","SizeBytes":1}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn only_a_new_mail_is_a_job() {
        let job = Job::of(&record("INSERT", "MAIL#x"));
        assert_eq!(job, Job::Deliver(Key { pk: "MAIL#x".to_owned(), sk: "1#m".to_owned() }));
        for (name, pk) in [
            ("REMOVE", "MAIL#x"),
            ("MODIFY", "MAIL#x"),
            ("INSERT", "DECOY#x"),
            ("INSERT", "USER#usr_x"),
        ] {
            assert_eq!(Job::of(&record(name, pk)), Job::Nothing);
        }
    }
}
