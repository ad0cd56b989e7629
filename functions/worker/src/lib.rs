//! Background work. The table's stream triggers deliveries of mail and Slack messages and the steps of
//! background jobs; schedules trigger what falls due by time.
//!
//! The stream's filter in `template.yaml` passes the records that [`Task::from_record`] knows. Every task is
//! idempotent, because the stream delivers at least once.

mod backlog;
mod concurrent;
mod erasures;
mod event;
mod expiry_reminders;
mod jobs;
mod member_events;
mod organization_deletions;
mod outbox;
mod reconcile;
mod schedules;
mod uploads;

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::{self, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::future::join_all;
use lambda_runtime::LambdaEvent;
use serde_dynamo::AttributeValue;
use shared::activity::AuditEvent;
use shared::aws::sdk_config;
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::dead_letters::DeadLetterQueue;
use shared::dynamo::Key;
use shared::error::Result;
use shared::https::HttpsClient;
use shared::jobs::JobRecord;
use shared::mail::Mailer;
use shared::slack::SlackClient;
use shared::stripe::Stripe;
use shared::{config, keys};
use tracing::Instrument;

pub use event::{Event, Response, Schedule};
use member_events::MemberEvent;
use outbox::Delivery;

/// The function with its dependencies.
#[derive(Clone)]
pub struct Worker {
    ctx: Context,
    clients: Clients,
    blobs: BlobStore,
}

/// The clients of the services that the worker calls.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The client of SES, which sends mail.
    pub mailer: Mailer,
    /// The client of Slack's incoming webhooks.
    pub slack: SlackClient,
    /// The dead-letter queue, for rows that cannot be read.
    pub dead_letters: DeadLetterQueue,
    /// The client of Stripe.
    pub stripe: Stripe,
}

/// The task that a record of the stream triggers.
#[derive(Debug, PartialEq, Eq)]
enum Task {
    /// Delivers the outbox row with this key.
    Deliver(Key),
    /// Runs a step of the job.
    RunStep(JobRecord),
    /// Copies an event of a user's log into the logs of their organizations; `None` if it cannot be decoded.
    CopyEvent(Key, Option<Box<AuditEvent>>),
    /// Does nothing.
    Ignore,
}

impl Worker {
    /// Creates the worker of a function in the cloud from the environment.
    ///
    /// # Errors
    /// `Internal` if a required variable is missing, or a value or the secret's JSON is invalid;
    /// `Unavailable` if Secrets Manager fails.
    pub async fn from_environment() -> Result<Self> {
        let https = HttpsClient::default();
        let sdk = sdk_config(https.clone()).await;
        let ctx = Context::from_environment(&https, &sdk).await?;
        let clients = Clients {
            mailer: Mailer::new(&sdk, config::mail_from()?),
            slack: SlackClient::from_environment(https.clone())?,
            dead_letters: DeadLetterQueue::new(&sdk, config::dead_letters_url()?),
            stripe: Stripe::from_environment(https)?,
        };
        Ok(Self::new(ctx, clients, BlobStore::from_environment(&sdk)?))
    }

    /// Creates a worker from its parts.
    pub fn new(ctx: Context, clients: Clients, blobs: BlobStore) -> Self {
        Self { ctx, clients, blobs }
    }

    /// Handles an invocation by Lambda. Every log line of the invocation has its `request_id`.
    ///
    /// # Errors
    /// The errors of [`Worker::invoke`].
    pub async fn handle(&self, invocation: LambdaEvent<Event>) -> Result<Response> {
        // The level of an error, so that the span exists at every `LogLevel`.
        let span = tracing::error_span!("invocation", request_id = invocation.context.request_id);
        self.invoke(invocation.payload).instrument(span).await
    }

    /// Does the work of an event.
    ///
    /// # Errors
    /// The error of a schedule, after which Lambda invokes the function again. A batch of the stream never
    /// fails: its response names the records to retry.
    pub async fn invoke(&self, event: Event) -> Result<Response> {
        match event {
            Event::Stream(batch) => Ok(Response::Stream(self.process_batch(batch).await)),
            // The future of a schedule is large, and most invocations come from the stream.
            Event::Schedule(schedule) => match Box::pin(self.run_schedule(schedule)).await {
                Ok(()) => Ok(Response::Done),
                Err(error) => {
                    tracing::error!(cause = ?error, ?schedule, "a schedule failed");
                    Err(error)
                }
            },
        }
    }

    /// Processes a batch of the table's stream. Returns the records that Lambda retries.
    ///
    /// Rows of one outbox partition are delivered in order, up to the first that fails. Partitions, jobs and the events
    /// of different users run concurrently, and none holds up another. Unreadable rows go to the dead-letter queue at once.
    pub async fn process_batch(&self, batch: dynamodb::Event) -> DynamoDbEventResponse {
        let mut deliveries: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
        // By name, so that only the last record of a job counts.
        let mut jobs = BTreeMap::new();
        let mut events: BTreeMap<String, Vec<MemberEvent>> = BTreeMap::new();
        for record in batch.records {
            let task = Task::from_record(&record);
            let sequence_number = record.change.sequence_number;
            match task {
                Task::Deliver(key) => {
                    let partition = deliveries.entry(key.pk.clone()).or_default();
                    partition.push(Delivery { key, sequence_number });
                }
                Task::RunStep(work) => {
                    jobs.insert(work.job.name(), (work, sequence_number));
                }
                Task::CopyEvent(key, event) => {
                    let event = event.map(|event| *event);
                    let partition = events.entry(key.pk.clone()).or_default();
                    partition.push(MemberEvent { key, event, sequence_number });
                }
                Task::Ignore => {}
            }
        }
        let deliveries = deliveries.into_values().map(|partition| self.deliver_in_order(partition));
        let copies = events.into_values().map(|partition| self.copy_events(partition));
        let (undelivered, unfinished, uncopied) = tokio::join!(
            join_all(deliveries),
            self.run_steps(jobs.into_values()),
            join_all(copies),
        );
        let failed = undelivered.into_iter().chain(uncopied).flatten().chain(unfinished);
        let failed = failed.map(failure);
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = failed.collect();
        response
    }
}

impl Task {
    fn from_record(record: &EventRecord) -> Self {
        let (Some(pk), Some(sk)) = (key_attribute(record, "pk"), key_attribute(record, "sk"))
        else {
            return Self::Ignore;
        };
        match record.event_name.as_str() {
            "INSERT"
                if [keys::QUEUED_CODE_MAILS, keys::QUEUED_MAILS, keys::QUEUED_SLACK_MESSAGES]
                    .iter()
                    .any(|prefix| pk.starts_with(prefix)) =>
            {
                Self::Deliver(Key { pk, sk })
            }
            // An unreadable job is left to the hourly run, which reports it.
            "INSERT" | "MODIFY" if pk.starts_with(keys::JOBS) => {
                let work = serde_dynamo::from_item(record.change.new_image.clone());
                work.map_or(Self::Ignore, Self::RunStep)
            }
            "INSERT" if pk.starts_with(keys::USER_AUDIT_EVENTS) => {
                let event = serde_dynamo::from_item(record.change.new_image.clone());
                Self::CopyEvent(Key { pk, sk }, event.ok().map(Box::new))
            }
            _ => Self::Ignore,
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
    fn a_new_outbox_row_is_delivered() {
        for pk in ["CODE-MAIL#x", "MAIL#x", "SLACK#x"] {
            let task = Task::from_record(&record("INSERT", pk, json!({})));
            assert_eq!(task, Task::Deliver(Key { pk: pk.to_owned(), sk: "1#m".to_owned() }));
        }
    }

    #[test]
    fn a_new_or_changed_job_runs_a_step() {
        for name in ["INSERT", "MODIFY"] {
            let task = Task::from_record(&record(name, "WORK#00", sweep()));
            let sweep = shared::jobs::Job::SweepOrganization { client_id: CLIENT.parse().unwrap() };
            assert_eq!(task, Task::RunStep(JobRecord { job: sweep, parts: 3 }), "{name}");
        }
    }

    #[test]
    fn a_new_event_of_a_user_is_copied_and_an_unreadable_one_kept() {
        let key = Key { pk: "ACTIVITY#USER#usr_x#202406".to_owned(), sk: "1#m".to_owned() };
        let task = Task::from_record(&record("INSERT", &key.pk, json!({"id": {"S": "evt_x"}})));
        assert_eq!(task, Task::CopyEvent(key, None));
    }

    #[test]
    fn other_records_are_ignored() {
        let image = sweep();
        for (name, pk, image) in [
            ("REMOVE", "MAIL#x", json!({})),
            ("MODIFY", "MAIL#x", json!({})),
            ("REMOVE", "SLACK#x", json!({})),
            ("INSERT", "NOTICE#x", json!({})),
            ("INSERT", "DECOY#x", json!({})),
            ("INSERT", "USER#usr_x", json!({})),
            ("MODIFY", "ACTIVITY#USER#usr_x#202406", json!({})),
            ("INSERT", "ACTIVITY#CLIENT#client_x#202406", json!({})),
            ("REMOVE", "WORK#00", image.clone()),
            ("INSERT", "WORK", image),
            ("INSERT", "WORK#00", json!({"client_id": {"S": CLIENT}, "parts": {"N": "3"}})),
        ] {
            assert_eq!(Task::from_record(&record(name, pk, image)), Task::Ignore, "{name} {pk}");
        }
    }
}
