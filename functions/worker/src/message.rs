//! The messages between the stream's records and the work that they trigger.

use aws_lambda_events::event::dynamodb::EventRecord;
use serde::{Deserialize, Serialize};
use serde_dynamo::{AttributeValue, Item};
use shared::activity::AuditEvent;
use shared::dynamo::Key;
use shared::jobs::JobRecord;
use shared::keys;

/// A message of a queue: the work that a record of the stream triggers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerMessage {
    /// The partition key of the row.
    pk: String,
    /// The sort key of the row.
    sk: String,
    /// The sequence number of the stream record.
    pub(crate) sequence_number: Option<String>,
    /// The id of the request that caused the work, if the row has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause_request_id: Option<String>,
    /// The work that the message asks for.
    pub(crate) task: Task,
}

/// The work that a message triggers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Delivers the outbox row.
    Deliver,
    /// Runs a step of the job.
    RunStep(JobRecord),
    /// Copies an event of a user's log into the logs of their organizations; `None` if it cannot be decoded.
    CopyEvent(Option<Box<AuditEvent>>),
}

impl WorkerMessage {
    /// Makes the message of a record; `None` if it triggers no work.
    pub(crate) fn from_record(record: &EventRecord) -> Option<Self> {
        let change = &record.change;
        let (pk, sk) = (text(&change.keys, "pk")?, text(&change.keys, "sk")?);
        let task = Task::from_record(record, &pk)?;
        let sequence_number = change.sequence_number.clone();
        let cause_request_id = text(&change.new_image, "request_id");
        Some(Self { pk, sk, sequence_number, cause_request_id, task })
    }

    /// Makes the message that delivers an outbox row once more; `None` if the row is another one.
    pub fn deliver_again(row: Key) -> Option<Self> {
        let prefixes = [keys::QUEUED_CODE_MAILS, keys::QUEUED_MAILS, keys::QUEUED_SLACK_MESSAGES];
        let is_outbox = prefixes.iter().any(|prefix| row.pk.starts_with(prefix));
        let Key { pk, sk } = row;
        let task = Task::Deliver;
        is_outbox.then_some(Self { pk, sk, sequence_number: None, cause_request_id: None, task })
    }

    /// Makes the message that copies an event of a user's log once more.
    pub fn copy_again(row: Key, event: AuditEvent) -> Self {
        let cause_request_id = event.request_id().map(str::to_owned);
        let (Key { pk, sk }, task) = (row, Task::CopyEvent(Some(Box::new(event))));
        Self { pk, sk, sequence_number: None, cause_request_id, task }
    }

    /// Returns the key of the row.
    pub fn key(&self) -> Key {
        Key::new(self.pk.clone(), self.sk.clone())
    }

    /// Returns whether the message delivers a mail with a code, for which a user waits.
    pub fn is_code(&self) -> bool {
        self.pk.starts_with(keys::QUEUED_CODE_MAILS)
    }

    /// Returns the group, whose messages are processed in order: mails to one recipient, Slack messages to one
    /// recipient, the jobs of one organization, the security events of one user.
    pub fn group(&self) -> String {
        match &self.task {
            Task::Deliver => self.pk.clone(),
            Task::RunStep(record) => record.job.group(),
            // The last part is the month.
            Task::CopyEvent(_) => {
                self.pk.rsplit_once('#').map_or(self.pk.as_str(), |(user, _)| user).to_owned()
            }
        }
    }
}

impl Task {
    fn from_record(record: &EventRecord, pk: &str) -> Option<Self> {
        let image = || record.change.new_image.clone();
        match record.event_name.as_str() {
            "INSERT"
                if [keys::QUEUED_CODE_MAILS, keys::QUEUED_MAILS, keys::QUEUED_SLACK_MESSAGES]
                    .iter()
                    .any(|prefix| pk.starts_with(prefix)) =>
            {
                Some(Self::Deliver)
            }
            // An unreadable job is left to the hourly run, which reports it.
            "INSERT" | "MODIFY" if pk.starts_with(keys::JOBS) => {
                serde_dynamo::from_item(image()).ok().map(Self::RunStep)
            }
            "INSERT" if pk.starts_with(keys::USER_AUDIT_EVENTS) => {
                Some(Self::CopyEvent(serde_dynamo::from_item(image()).ok().map(Box::new)))
            }
            _ => None,
        }
    }
}

fn text(item: &Item, name: &str) -> Option<String> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Some(text.clone()),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use shared::jobs::Job;

    const CLIENT: &str = "client_mfrggzdfmztwq2lknnwg23tpoa";

    fn message(name: &str, pk: &str, image: Value) -> Option<WorkerMessage> {
        let json = json!({
            "awsRegion": "x", "eventID": "1", "eventName": name,
            "dynamodb": {
                "Keys": {"pk": {"S": pk}, "sk": {"S": "1#m"}}, "NewImage": image,
                "SequenceNumber": "7", "SizeBytes": 1,
            },
        });
        WorkerMessage::from_record(&serde_json::from_value(json).unwrap())
    }

    fn sweep() -> Value {
        let job = json!({"name": {"S": "sweep_client"}, "client_id": {"S": CLIENT}});
        json!({"job": {"M": job}, "parts": {"N": "3"}, "request_id": {"S": "r"}})
    }

    #[test]
    fn a_new_outbox_row_is_delivered_in_the_group_of_its_recipient() {
        for pk in ["CODE-MAIL#x", "MAIL#x", "SLACK#x"] {
            let message = message("INSERT", pk, json!({})).unwrap();
            assert_eq!((&message.task, message.group().as_str()), (&Task::Deliver, pk));
            assert_eq!(message.key(), Key::new(pk, "1#m"));
            assert_eq!(message.is_code(), pk == "CODE-MAIL#x");
        }
    }

    #[test]
    fn a_new_or_changed_job_runs_a_step_in_its_organizations_group() {
        for name in ["INSERT", "MODIFY"] {
            let message = message(name, "WORK#00", sweep()).unwrap();
            let job = Job::SweepOrganization { client_id: CLIENT.parse().unwrap() };
            assert_eq!(message.group(), CLIENT);
            let record = JobRecord { job, parts: 3, request_id: Some("r".to_owned()) };
            assert_eq!(message.task, Task::RunStep(record), "{name}");
            assert_eq!(message.cause_request_id.as_deref(), Some("r"));
            let body = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<WorkerMessage>(&body).unwrap(), message);
        }
    }

    #[test]
    fn a_new_event_of_a_user_is_copied_and_an_unreadable_one_kept() {
        let pk = "ACTIVITY#USER#usr_x#202406";
        let image = json!({"id": {"S": "evt_x"}, "request_id": {"S": "r"}});
        let message = message("INSERT", pk, image).unwrap();
        assert_eq!(message.task, Task::CopyEvent(None));
        assert_eq!(message.cause_request_id.as_deref(), Some("r"));
        assert_eq!(message.group(), "ACTIVITY#USER#usr_x");
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
            assert_eq!(message(name, pk, image), None, "{name} {pk}");
        }
    }
}
