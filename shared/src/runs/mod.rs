//! Runs: what was done with a project, by somebody or by a schedule, and how it ended. Who began one, the
//! activity log knows: the row names nobody.

pub mod finish;
pub mod list;
pub mod read;
pub mod start;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use view::RunView;

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, Tx};
use crate::error::Result;
use crate::ids::RunId;
use crate::values::Name;
use crate::work::Job;
use crate::{keys, text};

/// Longest summary, in characters.
const LONGEST_SUMMARY: usize = 2_000;

/// What began a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RunKind {
    /// Somebody.
    Manual,
    /// A schedule.
    Scheduled,
}

impl TryFrom<String> for RunKind {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "manual" => Ok(Self::Manual),
            "scheduled" => Ok(Self::Scheduled),
            _ => Err("expected manual or scheduled"),
        }
    }
}

impl RunKind {
    /// As it is written everywhere.
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
pub enum Outcome {
    /// Well.
    Succeeded,
    /// Not well.
    Failed,
}

impl TryFrom<String> for Outcome {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "succeeded" => Ok(Self::Succeeded),
            "failed" => Ok(Self::Failed),
            _ => Err("expected succeeded or failed"),
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RunStatus {
    /// It goes on.
    #[default]
    Running,
    /// It ended well.
    Succeeded,
    /// It ended otherwise.
    Failed,
}

impl TryFrom<String> for RunStatus {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "running" => Ok(Self::Running),
            "succeeded" => Ok(Self::Succeeded),
            "failed" => Ok(Self::Failed),
            _ => Err("expected running, succeeded or failed"),
        }
    }
}

impl RunStatus {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl From<Outcome> for RunStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded => Self::Succeeded,
            Outcome::Failed => Self::Failed,
        }
    }
}

/// What is said of a run that has ended: some lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Summary(String);

impl Summary {
    /// Reads what was sent; `None` when nothing is left. [`Error::InvalidField`].
    pub fn parse(text: &str) -> Result<Option<Self>> {
        Ok(text::lines("summary", text, LONGEST_SUMMARY)?.map(Self))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id, which names its project and its organization.
    pub id: RunId,
    /// What began it.
    pub kind: RunKind,
    /// What it is called.
    pub name: Name,
    /// How far it is. What has ended stays as it is.
    pub status: RunStatus,
    /// What is said of it, once it has ended.
    pub summary: Option<Summary>,
    /// When it began; of one that was reported when it was over, when that was.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Run {
    /// The run as it ended.
    fn ended(self, now: Timestamp, outcome: Outcome, summary: Option<Summary>) -> Self {
        Self { status: outcome.into(), summary, finished_at: Some(now), ..self }
    }

    /// Adds to the change in which it ends that those who asked for it are told, if anybody can have.
    fn call_for_news(&self, tx: &mut Tx<'_>) -> Result<()> {
        let failed = self.status == RunStatus::Failed;
        if self.finished_at.is_none() || !failed && self.kind == RunKind::Manual {
            return Ok(());
        }
        Job::TellOfRun { run_id: self.id.clone(), after: None }.call_for(tx)
    }
}

/// A run that has ended, and where: what there is to tell of it.
#[derive(Clone, Debug)]
pub struct EndedRun {
    /// The run.
    pub run: Run,
    /// When it ended.
    pub at: Timestamp,
    /// What its project is called.
    pub project: Name,
    /// What its organization is called.
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
        let parse = |text: &str| Summary::parse(text).unwrap().map(|summary| summary.0);
        assert_eq!(
            parse(" 3 of 40 failed:\r\n\n\tcheckout\r\n").unwrap(),
            "3 of 40 failed:\n\n\tcheckout"
        );
        assert_eq!(parse(" \r\n "), None);
        assert_eq!(parse(&"é".repeat(2_000)).unwrap().chars().count(), 2_000);
        for bad in ["x".repeat(2_001), "a\u{0}b".into(), "a\u{1b}[31m".into(), "a\u{202e}b".into()]
        {
            assert!(matches!(Summary::parse(&bad), Err(Error::InvalidField { .. })), "{bad:?}");
        }
        assert!(Summary::parse("a\rb").is_err());
    }

    proptest! {
        #[test]
        fn parsing_a_summary_twice_changes_nothing(text in "[\\PC\n\r\t]{0,80}") {
            if let Ok(Some(summary)) = Summary::parse(&text) {
                prop_assert_eq!(Summary::parse(summary.as_str()).unwrap(), Some(summary));
            }
        }
    }
}
