//! What happens after a request, from the table's stream: mail that waits is sent.
//!
//! The stream's filter in `template.yaml` lets through what [`Job::of`] knows. Each job can be done
//! twice without harm; the stream delivers at least once.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use serde_dynamo::AttributeValue;
use shared::config;
use shared::context::{Context, sdk_config};
use shared::dynamo::keys;
use shared::error::Result;
use shared::ids::MailId;
use shared::mail::{self, Mailer};

/// The function with what it needs.
#[derive(Clone)]
pub struct Worker {
    ctx: Context,
    mailer: Mailer,
}

/// What a record of the stream asks for.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Deliver(MailId),
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

    /// Does every job of a batch, and tells Lambda from which record on to try again. All are tried:
    /// one that fails doesn't hold up those behind it, and what was done is done again without harm.
    pub async fn handle(&self, event: Event) -> DynamoDbEventResponse {
        let mut response = DynamoDbEventResponse::default();
        for record in event.records {
            if let Err(error) = self.run(Job::of(&record)).await {
                let sequence_number = record.change.sequence_number;
                tracing::error!(cause = ?error, sequence_number, "a record failed");
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = sequence_number;
                response.batch_item_failures.push(failure);
            }
        }
        response
    }

    async fn run(&self, job: Job) -> Result<()> {
        match job {
            Job::Deliver(id) => mail::deliver(&self.ctx, &self.mailer, &id).await,
            Job::Nothing => Ok(()),
        }
    }
}

impl Job {
    fn of(record: &EventRecord) -> Self {
        let inserted = record.event_name == "INSERT";
        match record.change.keys.get("pk") {
            Some(AttributeValue::S(pk)) if inserted => pk
                .strip_prefix(keys::MAIL)
                .and_then(MailId::parse)
                .map_or(Self::Nothing, Self::Deliver),
            Some(_) | None => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, pk: &str) -> EventRecord {
        let json = format!(
            r#"{{"awsRegion":"x","eventID":"1","eventName":"{name}","dynamodb":
                {{"Keys":{{"pk":{{"S":"{pk}"}},"sk":{{"S":"META"}}}},"SequenceNumber":"1","SizeBytes":1}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn only_a_new_mail_is_a_job() {
        let id = "mail_mfrggzdfmztwq2lknnwg23tpoa";
        let job = Job::of(&record("INSERT", &format!("MAIL#{id}")));
        assert_eq!(job, Job::Deliver(MailId::parse(id).unwrap()));
        for (name, pk) in [
            ("REMOVE", format!("MAIL#{id}")),
            ("MODIFY", format!("MAIL#{id}")),
            ("INSERT", format!("DECOY#{id}")),
            ("INSERT", "USER#usr_x".to_owned()),
        ] {
            assert_eq!(Job::of(&record(name, &pk)), Job::Nothing);
        }
    }
}
