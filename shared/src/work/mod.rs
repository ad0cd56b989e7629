//! Background jobs: work that outlasts the request that enqueues it. The worker does it in steps.
//!
//! Each job has a record. The table's stream invokes the worker when the record is new, and after each step
//! that leaves more to do. If that chain breaks, the record remains and the hourly run continues the job.
//! Each step is idempotent and safe to run concurrently.

use serde::{Deserialize, Serialize};

use crate::billing::PaymentNews;
use crate::clock::Timestamp;
use crate::content::Object;
use crate::context::Context;
use crate::dynamo::partition::Bounded;
use crate::dynamo::{Condition, Key, Range, Record, Tx, Update, Which, keys};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId, RunId, UserId};

/// The maximum number of jobs that one run of the worker reads.
const MAX_JOBS_PER_RUN: usize = 1_000;

/// A background job.
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
    /// Returns the name that identifies the job.
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

    /// Enqueues the job in `tx`.
    ///
    /// # Errors
    /// `Conflict` on commit if the job is enqueued already.
    pub fn enqueue(self, tx: &mut Tx<'_>) -> Result<()> {
        let record = JobRecord { job: self, parts: 0 };
        tx.put(&record, Condition::Absent, Error::Conflict)
    }

    /// Enqueues the job in `tx`, or makes the worker continue it if it is enqueued already.
    ///
    /// # Errors
    /// `Internal` if the job cannot be serialized.
    pub fn requeue(&self, tx: &mut Tx<'_>) -> Result<()> {
        let again = Update::of(keys::work(self)).set("job", self)?.add("parts", 1);
        tx.update(again, Error::Conflict)
    }
}

/// The stored record of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRecord {
    /// The job.
    pub job: Job,
    /// The number of steps after which there was more to do.
    pub parts: u32,
}

impl Record for JobRecord {
    fn key(&self) -> Key {
        keys::work(&self.job)
    }
}

/// The state of a job after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The job is complete.
    Done,
    /// The job needs another step.
    More,
    /// The job cannot continue until another one ends, which enqueues it again.
    Blocked,
}

/// A job record of any version of the service, whose job may be unknown to this one.
#[derive(Serialize, Deserialize)]
struct RawJobRecord {
    sk: String,
    job: serde_json::Value,
    parts: u32,
}

impl Record for RawJobRecord {
    fn key(&self) -> Key {
        Key { pk: keys::WORK.to_owned(), sk: self.sk.clone() }
    }
}

/// Lists the jobs that are not complete, at most as many as one run of the worker can do. Logs and leaves
/// out jobs that this version cannot read.
///
/// # Errors
/// `Unavailable` if the table cannot be read.
pub async fn list_pending(ctx: &Context) -> Result<Bounded<JobRecord>> {
    let range = Range { pk: keys::WORK, which: Which::All };
    let found = ctx.table.first::<RawJobRecord>(&range, MAX_JOBS_PER_RUN).await?;
    let read = |record: RawJobRecord| match serde_json::from_value(record.job) {
        Ok(job) => Some(JobRecord { job, parts: record.parts }),
        Err(error) => {
            tracing::error!(cause = ?error, job = record.sk, "a job cannot be read");
            None
        }
    };
    Ok(Bounded { items: found.items.into_iter().filter_map(read).collect(), more: found.more })
}

/// Records the progress of a job after a step: deletes the record of a complete job, and makes the stream
/// invoke the worker again if there is more to do.
///
/// Does nothing if another worker recorded the same step, because the stream may deliver a record twice, or
/// if the job was enqueued again meanwhile.
///
/// # Errors
/// `Unavailable` if the table cannot be written.
pub async fn complete_step(ctx: &Context, record: &JobRecord, progress: Progress) -> Result<()> {
    let unchanged = Condition::equal("parts", record.parts)?;
    match progress {
        Progress::Done => ctx.table.delete_if(&record.key(), &unchanged).await.map(|_| ()),
        Progress::More => {
            let more = Update::of(record.key()).add("parts", 1).only_if(unchanged);
            ctx.table.update::<JobRecord>(more).await.map(|_| ())
        }
        Progress::Blocked => Ok(()),
    }
}
