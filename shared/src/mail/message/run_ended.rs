//! Mails about runs that ended: failed runs and successful scheduled runs.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use super::wrap::wrap_quoted;
use crate::context::Context;
use crate::runs::{FinishedRun, RunKind, RunStatus};
use crate::text::truncate;
use crate::values::Name;

/// Longest run name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 45;

/// Longest run summary in a mail, in characters.
const MAX_SUMMARY_LEN: usize = 1_000;

/// Mail that reports a failed run.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunFailed(RunEnded);

/// Mail that reports that a scheduled run succeeded.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunDone(RunEnded);

/// Values of a mail about a run that ended. Its texts are shown unchecked: members of the organization chose
/// them, and the recipient is a member too.
#[derive(Clone, Serialize, Deserialize)]
struct RunEnded {
    /// The recipient's name, and when the run ended.
    #[serde(flatten)]
    event: EventDetails,
    run: Name,
    scheduled: bool,
    project: Name,
    #[serde(rename = "client")]
    organization: Name,
    /// The summary of the run, truncated.
    summary: Option<String>,
    /// The page that has the notification settings.
    link: String,
}

templates!(RunFailed, "mail/run_failed.txt", "mail/run_failed.html");
templates!(RunDone, "mail/run_done.txt", "mail/run_done.html");

impl RunEnded {
    /// Returns the summary as indented lines.
    fn quoted_summary(&self) -> Option<String> {
        self.summary.as_deref().map(wrap_quoted)
    }

    fn subject(&self, what: &str) -> String {
        format!("{what}: {}", truncate(self.run.as_str(), MAX_NAME_IN_SUBJECT_LEN))
    }
}

impl MessageKind for RunFailed {
    fn event(&self) -> &EventDetails {
        &self.0.event
    }

    fn subject(&self) -> String {
        self.0.subject("Run failed")
    }
}

impl MessageKind for RunDone {
    fn event(&self) -> &EventDetails {
        &self.0.event
    }

    fn subject(&self) -> String {
        self.0.subject("Run done")
    }
}

impl Message {
    /// Creates the mail about a run that ended, for a recipient who is called `name`.
    pub fn run_ended(ctx: &Context, name: &Name, ended: &FinishedRun) -> Self {
        let FinishedRun { run, at, project, organization } = ended;
        let summary = run.summary.as_ref().map(|summary| summary.as_str());
        let details = RunEnded {
            event: EventDetails::without_request(*at, name),
            run: run.name.clone(),
            scheduled: run.kind == RunKind::Scheduled,
            project: project.clone(),
            organization: organization.clone(),
            summary: summary.map(|summary| truncate(summary, MAX_SUMMARY_LEN)),
            link: account_link(ctx),
        };
        if run.status == RunStatus::Failed {
            Self::RunFailed(RunFailed(details))
        } else {
            Self::RunDone(RunDone(details))
        }
    }
}
