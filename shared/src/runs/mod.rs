//! Runs of projects: what was executed, manually or by a schedule, and how it ended. A run's row
//! names no user; the audit log has the user who started it.

pub mod finish;
pub mod list;
pub mod read;
pub mod start;
mod summary;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use summary::RunSummary;
pub use view::RunView;

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, Tx};
use crate::error::Result;
use crate::ids::RunId;
use crate::jobs::Job;
use crate::keys;
use crate::values::Name;

/// How a run was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RunKind {
    /// A person started the run.
    Manual,
    /// A schedule started the run.
    Scheduled,
}

impl TryFrom<String> for RunKind {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "manual" => Ok(Self::Manual),
            "scheduled" => Ok(Self::Scheduled),
            _ => Err("must be manual or scheduled"),
        }
    }
}

impl RunKind {
    /// Returns the name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Scheduled => "scheduled",
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
#[schema(as = Outcome)]
pub enum RunOutcome {
    /// The run succeeded.
    Succeeded,
    /// The run failed.
    Failed,
}

impl TryFrom<String> for RunOutcome {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "succeeded" => Ok(Self::Succeeded),
            "failed" => Ok(Self::Failed),
            _ => Err("must be succeeded or failed"),
        }
    }
}

/// The status of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RunStatus {
    /// The run has not ended.
    #[default]
    Running,
    /// The run succeeded.
    Succeeded,
    /// The run failed.
    Failed,
}

impl TryFrom<String> for RunStatus {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "running" => Ok(Self::Running),
            "succeeded" => Ok(Self::Succeeded),
            "failed" => Ok(Self::Failed),
            _ => Err("must be running, succeeded or failed"),
        }
    }
}

impl RunStatus {
    /// Returns the name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl From<RunOutcome> for RunStatus {
    fn from(outcome: RunOutcome) -> Self {
        match outcome {
            RunOutcome::Succeeded => Self::Succeeded,
            RunOutcome::Failed => Self::Failed,
        }
    }
}

/// One execution of a project's work, as stored. It happens outside of this service, which records it and
/// notifies members about its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The run's id, which contains its project's and its organization's id.
    pub id: RunId,
    /// How the run was started.
    pub kind: RunKind,
    /// Name that the program gave the run.
    pub name: Name,
    /// The run's status. It is final once the run has ended.
    pub status: RunStatus,
    /// The summary of a finished run.
    pub summary: Option<RunSummary>,
    /// When the run started. A run that was reported after its end has the time of the report.
    pub created_at: Timestamp,
    /// When the run ended.
    pub finished_at: Option<Timestamp>,
}

impl Run {
    /// Returns the run with its outcome.
    fn with_outcome(
        self,
        now: Timestamp,
        outcome: RunOutcome,
        summary: Option<RunSummary>,
    ) -> Self {
        Self { status: outcome.into(), summary, finished_at: Some(now), ..self }
    }

    /// Queues the notifications about a finished run in `tx`, unless no preference includes it.
    fn enqueue_news(&self, tx: &mut Tx<'_>) -> Result<()> {
        let failed = self.status == RunStatus::Failed;
        if self.finished_at.is_none() || !failed && self.kind == RunKind::Manual {
            return Ok(());
        }
        Job::NotifyRun { run_id: self.id.clone(), after: None }.enqueue(tx)
    }
}

/// A finished run with the names that a notification needs.
#[derive(Clone, Debug)]
pub struct FinishedRun {
    /// The run in its final state.
    pub run: Run,
    /// When the run ended.
    pub at: Timestamp,
    /// The name of the run's project.
    pub project: Name,
    /// The name of the run's organization.
    pub organization: Name,
}

impl Record for Run {
    fn key(&self) -> Key {
        keys::run(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use proptest::prelude::*;

    #[test]
    fn a_summary_has_lines() {
        let parse = |text: &str| {
            RunSummary::parse(text).unwrap().map(|summary| summary.as_str().to_owned())
        };
        assert_eq!(
            parse(" 3 of 40 failed:\r\n\n\tcheckout\r\n").unwrap(),
            "3 of 40 failed:\n\n\tcheckout"
        );
        assert_eq!(parse(" \r\n "), None);
        assert_eq!(parse(&"é".repeat(2_000)).unwrap().chars().count(), 2_000);
        for bad in ["x".repeat(2_001), "a\u{0}b".into(), "a\u{1b}[31m".into(), "a\u{202e}b".into()]
        {
            assert!(matches!(RunSummary::parse(&bad), Err(Error::InvalidField { .. })), "{bad:?}");
        }
        assert!(RunSummary::parse("a\rb").is_err());
    }

    proptest! {
        #[test]
        fn parsing_a_summary_twice_changes_nothing(text in "[\\PC\n\r\t]{0,80}") {
            if let Ok(Some(summary)) = RunSummary::parse(&text) {
                prop_assert_eq!(RunSummary::parse(summary.as_str()).unwrap(), Some(summary));
            }
        }
    }
}
