//! What a running stack tells whoever started it.

use std::sync::Arc;

use shared::dynamo::meter::Usage;

/// Something worth a line on a console. Holds nothing that somebody typed, but for a mail's
/// recipient and subject, and what is posted to Slack.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Notice<'n> {
    /// A request was answered.
    Request {
        /// Its method.
        method: &'n str,
        /// The path of the route that took it, such as `/v1/clients/{id}`; `$default` where there
        /// is none of its own.
        route: &'n str,
        /// The status of the answer.
        status: u16,
        /// How long it took.
        milliseconds: f64,
        /// What it cost at DynamoDB.
        usage: Usage,
    },
    /// A mail was sent.
    Mail {
        /// To whom.
        to: &'n [String],
        /// Its subject, which may hold a code: telling it is what the outbox is for.
        subject: &'n str,
    },
    /// A message was posted to Slack.
    Slack {
        /// What it says.
        text: &'n str,
    },
    /// An invocation by a schedule failed.
    FailedSchedule {
        /// The schedule's name in the template.
        schedule: &'n str,
        /// Which try it was, from 1.
        attempt: u32,
        /// How many tries there are.
        attempts: u32,
    },
    /// The worker gave a record of the table's stream up.
    DeadLetter {
        /// The record's number in the stream.
        sequence_number: &'n str,
    },
}

/// Is told each notice, on the thread where it happens.
pub type Observer = Arc<dyn Fn(Notice<'_>) + Send + Sync>;
