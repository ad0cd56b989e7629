//! Events that a running stack reports to the program that started it.

use std::sync::Arc;

use shared::dynamo::meter::Usage;

/// An event worth a line on the console. It holds no user input but the recipients and subjects of mail, and
/// messages to Slack.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StackEvent<'n> {
    /// A request was answered.
    Request {
        /// Method of the request, such as `POST`.
        method: &'n str,
        /// The path of the matching route, such as `/v1/clients/{id}`, or `$default` if no other matches.
        route: &'n str,
        /// The HTTP status of the response.
        status: u16,
        /// The duration of the request in milliseconds.
        milliseconds: f64,
        /// The cost of the request at DynamoDB.
        usage: Usage,
    },
    /// The worker processed the message of a record of the table's stream.
    StreamBatch {
        /// The partition key of each record.
        partitions: &'n [String],
        /// The cost of the batch at DynamoDB.
        usage: Usage,
    },
    /// A mail was sent.
    Mail {
        /// The recipients.
        to: &'n [String],
        /// The subject, which may contain a verification code.
        subject: &'n str,
    },
    /// A message was posted to Slack.
    Slack {
        /// The text of the message.
        text: &'n str,
    },
    /// An invocation by a schedule failed.
    FailedSchedule {
        /// The schedule's name in the template.
        schedule: &'n str,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The maximum number of attempts.
        attempts: u32,
    },
    /// A record of the table's stream was given up.
    DeadLetter {
        /// The sequence number of the record.
        sequence_number: &'n str,
    },
}

/// A function that is called with each event, on the thread where it happens.
pub type EventListener = Arc<dyn Fn(StackEvent<'_>) + Send + Sync>;
