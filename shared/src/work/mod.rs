//! Work that outlasts the request which calls for it: done by the worker, in parts.
//!
//! A row notes each. The table's stream tells the worker of it, when it is new and whenever a part was done
//! and there is more. Wherever that stops, the note is still there, and the hourly run goes on. So a part can
//! be done again without harm, and by several at once.

use serde::{Deserialize, Serialize};

use crate::billing::PaymentNews;
use crate::clock::Timestamp;
use crate::content::Object;
use crate::context::Context;
use crate::dynamo::{Chunk, Condition, Key, Range, Record, SortKeyCondition, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId, RunId, UserId};
use crate::keys;

/// Most that one run is told of.
const MOST_WAITING: usize = 1_000;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Job {
    /// Delete what lies under a deleted organization ([`crate::organizations::sweep`]).
    SweepClient {
        /// Which.
        client_id: OrganizationId,
    },
    /// Delete what lies in a deleted project.
    SweepProject {
        /// Which.
        project_id: ProjectId,
    },
    /// Remove contents that nothing contains any more.
    RemoveContents {
        /// Where they are: no other is, or will be, there.
        objects: Vec<Object>,
    },
    /// Delete what was deleted while forks that have it were being copied.
    DeleteLeftovers {
        /// The project that they were copied from.
        project_id: ProjectId,
    },
    /// Copy the artifacts of a project into its fork.
    CopyProject {
        /// The fork.
        project_id: ProjectId,
    },
    /// Tell those who asked for it how a run ended ([`crate::notices::tell`]).
    TellOfRun {
        /// Which.
        run_id: RunId,
        /// The last member who was told, in the order of their ids.
        after: Option<UserId>,
    },
    /// Tell those who asked for it that an organization's quota runs low
    /// ([`crate::notices::tell_of_usage`]).
    TellOfUsage {
        /// Whose.
        client_id: OrganizationId,
        /// How much of it is used, in percent: one of [`crate::billing::ALERTS`].
        percent: u8,
        /// The number of the entry in the ledger that granted it: each grant is told of anew.
        grant: u64,
        /// When it was used.
        at: Timestamp,
        /// The last member who was told, in the order of their ids.
        after: Option<UserId>,
    },
    /// Tell an organization's owner of an invoice, if they asked for it
    /// ([`crate::notices::tell_of_payment`]).
    TellOfPayment(PaymentNews),
}

impl Job {
    /// What makes it this and no other.
    pub fn name(&self) -> String {
        match self {
            Self::SweepClient { client_id } => format!("sweep-client#{client_id}"),
            Self::SweepProject { project_id } => format!("sweep-project#{project_id}"),
            Self::RemoveContents { objects } => {
                let first = objects.first().map_or("", Object::as_str);
                format!("remove-contents#{first}")
            }
            Self::DeleteLeftovers { project_id } => format!("delete-leftovers#{project_id}"),
            Self::CopyProject { project_id } => format!("copy-project#{project_id}"),
            Self::TellOfRun { run_id, .. } => format!("tell-of-run#{run_id}"),
            Self::TellOfUsage { client_id, percent, grant, .. } => {
                format!("tell-of-usage#{client_id}#{grant}#{percent}")
            }
            Self::TellOfPayment(news) => format!("tell-of-payment#{}", news.name()),
        }
    }

    /// Adds to a change that this is to be done from now on.
    pub fn call_for(self, tx: &mut Tx<'_>) -> Result<()> {
        let work = Work { job: self, parts: 0 };
        tx.put(&work, Condition::Absent, Error::Conflict)
    }

    /// Adds to a change that this can be done now, whether or not it was called for before.
    pub fn call_again(&self, tx: &mut Tx<'_>) -> Result<()> {
        let again = Update::new(keys::work(&self.name())).set("job", self)?.add("parts", 1);
        tx.update(again, Error::Conflict)
    }
}

/// The note of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// What is to be done.
    pub job: Job,
    /// How many parts were done without coming to the end.
    pub parts: u32,
}

impl Record for Work {
    fn key(&self) -> Key {
        keys::work(&self.job.name())
    }
}

/// What is left of a job after a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// Another part.
    More,
    /// What can't go on before something else has ended, which calls again.
    Waiting,
}

/// A note of whatever kind, such as an older or a newer version of the service may have left.
#[derive(Serialize, Deserialize)]
struct Note {
    sk: String,
    job: serde_json::Value,
    parts: u32,
}

impl Record for Note {
    fn key(&self) -> Key {
        Key { pk: keys::WORK.to_owned(), sk: self.sk.clone() }
    }
}

/// What is to be done: no more than one run can do. What can't be read is left out, and logged.
pub async fn waiting(ctx: &Context) -> Result<Chunk<Work>> {
    let range = Range { pk: keys::WORK, sort_keys: SortKeyCondition::All };
    let found = ctx.table.first::<Note>(&range, MOST_WAITING).await?;
    let read = |note: Note| match serde_json::from_value(note.job) {
        Ok(job) => Some(Work { job, parts: note.parts }),
        Err(error) => {
            tracing::error!(cause = ?error, job = note.sk, "a job can't be read");
            None
        }
    };
    Ok(Chunk { items: found.items.into_iter().filter_map(read).collect(), more: found.more })
}

/// Notes what is left after a part of that work. Once, whoever else did the same part: the stream may tell
/// of one thing twice, and each telling leads to one other at most; what was called for again meanwhile
/// stays.
pub async fn note(ctx: &Context, work: &Work, left: Left) -> Result<()> {
    let untold = Condition::equal("parts", work.parts)?;
    match left {
        Left::Nothing => ctx.table.delete_if(&work.key(), &untold).await.map(|_| ()),
        Left::More => {
            let told = Update::new(work.key()).add("parts", 1).only_if(untold);
            ctx.table.update::<Work>(told).await.map(|_| ())
        }
        Left::Waiting => Ok(()),
    }
}
