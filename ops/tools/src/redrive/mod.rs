//! `ops-tools redrive`: gives dead letters back to the worker.
//!
//! A message is deleted from its dead-letter queue only after the queue of the work has taken it. If the tool stops in
//! between, the work is done twice, which is safe because all work of the worker is idempotent.

mod dead_letter;
mod queue;

use std::collections::{BTreeMap, HashSet};

use aws_config::SdkConfig;
use aws_lambda_events::event::dynamodb;
use serde_json::Value;
use shared::activity::AuditEvent;
use shared::config;
use shared::context::Context;
use shared::dynamo::Key;
use shared::error::{Error, Result};
use shared::fifo_queue::{FifoQueue, QueueMessage};
use worker::{Worker, WorkerMessage};

use crate::console::print_line;
use crate::environment;
use crate::error::ToolError;
use crate::flags::Flags;
use dead_letter::{DeadLetter, KINDS};
use queue::{DeadLetterQueue, ReceivedMessage};

/// The options of a redrive, from the command line.
pub(crate) struct RedriveOptions {
    kind: Option<String>,
    apply: bool,
}

impl RedriveOptions {
    /// Reads the options from the command line.
    ///
    /// # Errors
    /// `Usage` if an option or the kind is unknown.
    pub(crate) fn parse(arguments: Vec<String>) -> std::result::Result<Self, ToolError> {
        let flags = Flags::parse(arguments, &["--apply"], &["--kind"])?;
        let kind = flags.text("--kind").map(str::to_owned);
        if kind.as_deref().is_some_and(|kind| !KINDS.contains(&kind)) {
            return Err(ToolError::Usage(format!("--kind is one of {}", KINDS.join(", "))));
        }
        flags.require_no_positional()?;
        Ok(Self { kind, apply: flags.has("--apply") })
    }
}

/// Redrives both dead-letter queues. Returns whether nothing has failed and no other run is needed.
///
/// # Errors
/// `Usage` or `Service` if an environment variable is missing, `Service` if SQS fails.
pub(crate) async fn redrive(
    ctx: &Context,
    sdk: &SdkConfig,
    options: &RedriveOptions,
) -> std::result::Result<bool, ToolError> {
    if !options.apply {
        print_line("dry run: nothing is moved; --apply redrives");
    }
    let client = aws_sdk_sqs::Client::new(sdk);
    let redriver = Redriver {
        ctx,
        sdk,
        options,
        codes: FifoQueue::new(sdk, config::code_queue_url()?),
        work: FifoQueue::new(sdk, config::work_queue_url()?),
    };
    let (mut outcomes, mut is_complete) = (BTreeMap::new(), true);
    for url in [environment::work_dead_letters_url()?, config::dead_letters_url()?] {
        let queue = DeadLetterQueue::new(&client, url);
        is_complete &= redriver.redrive_queue(&queue, &mut outcomes).await?;
    }
    if outcomes.is_empty() {
        print_line("there are no dead letters");
    }
    for ((kind, outcome), count) in &outcomes {
        print_line(&format!("{count:>9} {kind}: {}", outcome.text(options.apply)));
    }
    Ok(is_complete && !outcomes.keys().any(|(_, outcome)| outcome.needs_other_run()))
}

/// The outcome of a redrive for one dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RedriveOutcome {
    /// Its work was given to the worker, or would be.
    Redriven,
    /// The row was delivered or has expired, so the dead letter is deleted.
    Finished,
    /// This run has redriven the same row before. The row has failed again, or has several dead letters.
    CameBack,
    /// It is of another kind than the chosen one.
    OtherKind,
    /// It does not name work that can be done again.
    NothingToRedrive,
    /// A call failed, or a message of the same group did before.
    Failed,
}

impl RedriveOutcome {
    /// Returns whether the dead letter is no longer needed.
    fn is_done(self) -> bool {
        match self {
            Self::Redriven | Self::Finished => true,
            Self::CameBack | Self::OtherKind | Self::NothingToRedrive | Self::Failed => false,
        }
    }

    /// Returns whether another run has to look at the dead letter.
    fn needs_other_run(self) -> bool {
        match self {
            Self::CameBack | Self::Failed => true,
            Self::Redriven | Self::Finished | Self::OtherKind | Self::NothingToRedrive => false,
        }
    }

    fn text(self, apply: bool) -> &'static str {
        match self {
            Self::Redriven if apply => "redriven",
            Self::Redriven => "would be redriven",
            Self::Finished if apply => "deleted, its row is gone",
            Self::Finished => "would be deleted, its row is gone",
            Self::CameBack => "left, its row was redriven in this run",
            Self::OtherKind => "left, another kind was chosen",
            Self::NothingToRedrive => "left, it cannot be done again",
            Self::Failed => "failed, see above",
        }
    }
}

type Outcomes = BTreeMap<(&'static str, RedriveOutcome), u64>;

struct Redriver<'r> {
    ctx: &'r Context,
    sdk: &'r SdkConfig,
    options: &'r RedriveOptions,
    codes: FifoQueue,
    work: FifoQueue,
}

impl Redriver<'_> {
    /// Redrives a dead-letter queue; returns whether its end was reached.
    async fn redrive_queue(
        &self,
        queue: &DeadLetterQueue<'_>,
        outcomes: &mut Outcomes,
    ) -> Result<bool> {
        // Hidden until the end, so that none of them is received twice.
        let mut kept = Vec::new();
        let (mut known_ids, mut failed_groups) = (HashSet::new(), HashSet::new());
        // The worker gives some rows up at once. Without this, the run would redrive them without end.
        let mut redriven_rows = HashSet::new();
        let mut result = 'run: loop {
            let received = match queue.receive().await {
                Ok(received) if received.is_empty() => break Ok(true),
                Ok(received) => received,
                Err(error) => break Err(error),
            };
            let mut received = received.into_iter();
            while let Some(message) = received.next() {
                // The run takes longer than messages stay hidden, so it would see the kept ones without end.
                if !known_ids.insert(message.id.clone()) {
                    print_line("stopped, because a kept dead letter came back: run again");
                    kept.push(message);
                    kept.extend(received);
                    break 'run Ok(false);
                }
                let letter = DeadLetter::parse(&message.body);
                let kind = letter.kind();
                // A message must not overtake one of its group that failed.
                let waits =
                    message.group.as_ref().is_some_and(|group| failed_groups.contains(group));
                let row = letter.row().cloned();
                let outcome = if waits {
                    RedriveOutcome::Failed
                } else if row.as_ref().is_some_and(|row| redriven_rows.contains(row)) {
                    RedriveOutcome::CameBack
                } else {
                    self.redrive_letter(&message, letter).await
                };
                *outcomes.entry((kind, outcome)).or_default() += 1;
                if outcome.is_done() && self.options.apply {
                    redriven_rows.extend(row);
                    let Err(error) = queue.delete(&message).await else { continue };
                    kept.push(message);
                    kept.extend(received);
                    break 'run Err(error);
                }
                if outcome == RedriveOutcome::Failed {
                    failed_groups.extend(message.group.clone());
                }
                kept.push(message);
            }
        };
        for message in &kept {
            let visible = queue.make_visible(message).await;
            result = result.and_then(|is_complete| visible.map(|()| is_complete));
        }
        result
    }

    async fn redrive_letter(
        &self,
        message: &ReceivedMessage,
        letter: DeadLetter,
    ) -> RedriveOutcome {
        let chosen = self.options.kind.as_deref();
        if chosen.is_some_and(|kind| kind != letter.kind()) {
            return RedriveOutcome::OtherKind;
        }
        let kind = letter.kind();
        self.resend_work(message, letter).await.unwrap_or_else(|error| {
            print_line(&format!("{kind}, message {}: {error:?}", message.id));
            RedriveOutcome::Failed
        })
    }

    /// Sends the work of a dead letter again, if there is any.
    async fn resend_work(
        &self,
        received: &ReceivedMessage,
        letter: DeadLetter,
    ) -> Result<RedriveOutcome> {
        match letter {
            DeadLetter::Message(message, body) => {
                let group = received.group.clone().unwrap_or_else(|| message.group());
                self.send(&message, group, body, &received.id).await?;
                Ok(RedriveOutcome::Redriven)
            }
            DeadLetter::Row(row) => self.redrive_row(row, &received.id).await,
            DeadLetter::StreamBatch { bucket, key } => {
                self.forward(&bucket, &key).await?;
                Ok(RedriveOutcome::Redriven)
            }
            // It names no work, so it is only deleted.
            DeadLetter::S3Test => Ok(RedriveOutcome::Redriven),
            DeadLetter::Unknown => Ok(RedriveOutcome::NothingToRedrive),
        }
    }

    /// Sends the message of a row: the delivery of an outbox row, or the copy of an event. A job that could not be read
    /// cannot be done again.
    async fn redrive_row(&self, row: Key, id: &str) -> Result<RedriveOutcome> {
        let message = if let Some(message) = WorkerMessage::deliver_again(row.clone()) {
            self.exists(&row).await?.then_some(message)
        } else if row.pk.starts_with(shared::keys::USER_AUDIT_EVENTS) {
            let event: Option<AuditEvent> = self.ctx.table.get(&row).await?;
            event.map(|event| WorkerMessage::copy_again(row, event))
        } else {
            return Ok(RedriveOutcome::NothingToRedrive);
        };
        let Some(message) = message else { return Ok(RedriveOutcome::Finished) };
        let body = serde_json::to_string(&message).map_err(Error::internal)?;
        self.send(&message, message.group(), body, id).await?;
        Ok(RedriveOutcome::Redriven)
    }

    async fn exists(&self, row: &Key) -> Result<bool> {
        Ok(self.ctx.table.get::<AnyRecord>(row).await?.is_some())
    }

    async fn send(
        &self,
        message: &WorkerMessage,
        group: String,
        body: String,
        id: &str,
    ) -> Result<()> {
        if !self.options.apply {
            return Ok(());
        }
        let queue = if message.is_code() { &self.codes } else { &self.work };
        // If the tool stops before it deletes the dead letter, SQS drops the message of the next run.
        let deduplication_id = format!("redrive-{id}");
        let refused = queue.send(&[&QueueMessage { group, deduplication_id, body }]).await?;
        if refused.is_empty() { Ok(()) } else { Err(Error::Unavailable("SQS refused it".into())) }
    }

    /// Forwards the records of an object, as the worker does.
    async fn forward(&self, bucket: &str, key: &str) -> Result<()> {
        let object = aws_sdk_s3::Client::new(self.sdk).get_object().bucket(bucket).key(key);
        let object = object.send().await.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let bytes =
            object.body.collect().await.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let batch = parse_batch(&bytes.into_bytes())?;
        if !self.options.apply {
            return Ok(());
        }
        let response = Worker::from_environment().await?.forward_batch(batch).await;
        match response.batch_item_failures.len() {
            0 => Ok(()),
            failed => Err(Error::Unavailable(format!("{failed} records were not sent").into())),
        }
    }
}

/// Parses an object of the bucket of stream failures, whose `payload` is the text of the event.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>
fn parse_batch(object: &[u8]) -> Result<dynamodb::Event> {
    let object: Value = serde_json::from_slice(object).map_err(Error::unreadable)?;
    let payload = &object["payload"];
    let event = match payload.as_str() {
        Some(text) => serde_json::from_str(text),
        None => serde_json::from_value(payload.clone()),
    };
    event.map_err(Error::unreadable)
}

/// An item that is read only to find out whether it exists.
#[derive(serde::Serialize, serde::Deserialize)]
struct AnyRecord {
    pk: String,
    sk: String,
}

impl shared::dynamo::Record for AnyRecord {
    fn key(&self) -> Key {
        Key::new(self.pk.clone(), self.sk.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_of_an_object_are_read() {
        let payload = r#"{"Records":[{"awsRegion":"x","eventID":"1","eventName":"INSERT",
            "dynamodb":{"Keys":{"pk":{"S":"MAIL#x"},"sk":{"S":"1#m"}},"SequenceNumber":"7","SizeBytes":1}}]}"#;
        let object = serde_json::json!({"requestContext": {}, "payload": payload}).to_string();
        let batch = parse_batch(object.as_bytes()).unwrap();
        assert_eq!(batch.records[0].event_id, "1");
        assert!(parse_batch(b"{}").is_err());
    }
}
