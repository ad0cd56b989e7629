//! A run ended of whose end the recipient asked to be told: it failed, or it is a scheduled one.

use serde::{Deserialize, Serialize};

use super::about::{About, account_link};
use super::kind::{Kind, templates};
use super::{Message, lines};
use crate::context::Context;
use crate::runs::{FinishedRun, RunKind, RunStatus};
use crate::text::shortened;
use crate::values::Name;

/// Characters of a run's name in a subject.
const LONGEST_IN_SUBJECT: usize = 45;

/// Characters of a summary in a mail.
const LONGEST_SUMMARY: usize = 1_000;

/// A run failed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunFailed(RunEnded);

/// A scheduled run is done.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunDone(RunEnded);

/// A run that ended. What it is called, its members chose, and whoever gets this is one of them.
#[derive(Clone, Serialize, Deserialize)]
struct RunEnded {
    /// Whom it is for, and when the run ended.
    #[serde(flatten)]
    about: About,
    run: Name,
    scheduled: bool,
    project: Name,
    #[serde(rename = "client")]
    organization: Name,
    /// Shortened.
    summary: Option<String>,
    /// Where notices are switched on and off.
    link: String,
}

templates!(RunFailed, "mail/run_failed.txt", "mail/run_failed.html");
templates!(RunDone, "mail/run_done.txt", "mail/run_done.html");

impl RunEnded {
    /// The summary's lines, indented.
    fn quoted(&self) -> Option<String> {
        self.summary.as_deref().map(lines::quoted)
    }

    fn when(&self) -> String {
        self.about.when().for_people()
    }

    fn subject(&self, what: &str) -> String {
        format!("{what}: {}", shortened(self.run.as_str(), LONGEST_IN_SUBJECT))
    }
}

impl Kind for RunFailed {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn subject(&self) -> String {
        self.0.subject("Run failed")
    }
}

impl Kind for RunDone {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn subject(&self) -> String {
        self.0.subject("Run done")
    }
}

impl Message {
    /// The news of a run for somebody with that name.
    pub fn run_ended(ctx: &Context, name: &Name, ended: &FinishedRun) -> Self {
        let FinishedRun { run, at, project, organization } = ended;
        let summary = run.summary.as_ref().map(|summary| summary.as_str());
        let news = RunEnded {
            about: About::of(*at, name),
            run: run.name.clone(),
            scheduled: run.kind == RunKind::Scheduled,
            project: project.clone(),
            organization: organization.clone(),
            summary: summary.map(|summary| shortened(summary, LONGEST_SUMMARY)),
            link: account_link(ctx),
        };
        if run.status == RunStatus::Failed {
            Self::RunFailed(RunFailed(news))
        } else {
            Self::RunDone(RunDone(news))
        }
    }
}
