//! What happens without a request: from the table's stream, mail that waits is sent, and work that
//! outlasts its request is done; once a day, what is due is done.
//!
//! The stream's filter in `template.yaml` lets through what [`Job::of`] knows. Each job can be done
//! twice without harm; the stream delivers at least once.

mod daily;
mod erasures;
mod event;
mod in_time;
mod uploads;
mod work;

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::{self, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::future::join_all;
use serde_dynamo::AttributeValue;
use shared::config;
use shared::content::Contents;
use shared::context::{Context, sdk_config};
use shared::dynamo::{Key, keys};
use shared::error::Result;
use shared::mail::{self, Mailer};
use shared::work::Work;

pub use event::{Answer, Event, Schedule};

/// The function with what it needs.
#[derive(Clone)]
pub struct Worker {
    ctx: Context,
    mailer: Mailer,
    contents: Contents,
}

/// A mail that waits, and the record that tells of it.
struct Mail {
    key: Key,
    sequence_number: Option<String>,
}

/// What a record of the stream asks for.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Deliver(Key),
    Part(Work),
    Nothing,
}

impl Worker {
    /// The worker in the cloud: everything from its environment. `MAIL_FROM` is the sender.
    pub async fn from_environment() -> Result<Self> {
        let ctx = Context::from_environment().await?;
        let mailer = Mailer::new(&sdk_config().await, config::mail_from()?);
        Ok(Self::new(ctx, mailer, Contents::from_environment().await?))
    }

    /// A worker of given parts.
    pub fn new(ctx: Context, mailer: Mailer, contents: Contents) -> Self {
        Self { ctx, mailer, contents }
    }

    /// Does what an event asks for. An error has Lambda invoke it again: a batch is answered instead.
    pub async fn invoke(&self, event: Event) -> Result<Answer> {
        match event {
            Event::Stream(batch) => Ok(Answer::Stream(self.handle(batch).await)),
            // On the heap: it is the larger part of what an invocation is, and most are of the stream.
            Event::Schedule(Schedule::Daily) => match Box::pin(self.daily()).await {
                Ok(()) => Ok(Answer::Done),
                Err(error) => {
                    tracing::error!(cause = ?error, "what is due once a day failed");
                    Err(error)
                }
            },
        }
    }

    /// Does every job of a batch, and tells Lambda which records to try again. The mails of one partition
    /// are sent in order, up to the first that fails; different partitions' are sent side by side, and
    /// none holds up another. What was done is done again without harm. Other work fails nothing here.
    pub async fn handle(&self, event: dynamodb::Event) -> DynamoDbEventResponse {
        let mut mails: BTreeMap<String, Vec<Mail>> = BTreeMap::new();
        // Of several of one job, the last.
        let mut works = BTreeMap::new();
        for record in event.records {
            match Job::of(&record) {
                Job::Deliver(key) => {
                    let mail = Mail { key, sequence_number: record.change.sequence_number };
                    mails.entry(mail.key.pk.clone()).or_default().push(mail);
                }
                Job::Part(work) => {
                    works.insert(work.job.clone(), work);
                }
                Job::Nothing => {}
            }
        }
        let send = mails.into_values().map(|mails| self.send(mails));
        let (failed, ()) = tokio::join!(join_all(send), self.do_parts(works.into_values()));
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = failed.into_iter().flatten().collect();
        response
    }

    async fn send(&self, mails: Vec<Mail>) -> Vec<DynamoDbBatchItemFailure> {
        let mut mails = mails.into_iter();
        for Mail { key, sequence_number } in mails.by_ref() {
            if let Err(error) = mail::deliver(&self.ctx, &self.mailer, &key).await {
                tracing::error!(cause = ?error, sequence_number, "a record failed");
                let behind = mails.map(|mail| mail.sequence_number);
                return std::iter::once(sequence_number).chain(behind).map(failure).collect();
            }
        }
        Vec::new()
    }
}

impl Job {
    fn of(record: &EventRecord) -> Self {
        let (Some(pk), Some(sk)) = (key_attribute(record, "pk"), key_attribute(record, "sk"))
        else {
            return Self::Nothing;
        };
        match record.event_name.as_str() {
            "INSERT" if pk.starts_with(keys::MAIL) => Self::Deliver(Key { pk, sk }),
            // What can't be read is left to the daily run, and an error there.
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
    fn a_new_mail_is_to_be_delivered() {
        let job = Job::of(&record("INSERT", "MAIL#x", json!({})));
        assert_eq!(job, Job::Deliver(Key { pk: "MAIL#x".to_owned(), sk: "1#m".to_owned() }));
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
