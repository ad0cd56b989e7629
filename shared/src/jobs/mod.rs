//! Background jobs, which the worker runs in steps after the request that enqueued them.
//!
//! Each job has a row. The table's stream notifies the worker of new rows, and of each completed
//! step that leaves more to do. If a step fails, the row remains and the hourly schedule resumes
//! the job. Each step is therefore idempotent and safe to run concurrently.

mod list_pending;

use serde::{Deserialize, Serialize};

pub use list_pending::{PendingJobs, list_pending, store_jobs_cursor};

use crate::activity::Actor;
use crate::billing::PaymentNotification;
use crate::billing::stripe_comparison::StripeComparison;
use crate::blobs::BlobKey;
use crate::cause;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx, Update, retry_conflicts};
use crate::error::Result;
use crate::ids::{ArtifactId, OrganizationId, ProjectId, RunId, UserId};
use crate::keys;
use crate::requester::Requester;
use crate::values::TokenHolder;

/// Work that outlasts a request. The transaction that makes it necessary enqueues it, and `worker` runs it in
/// steps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Job {
    /// Deletes everything that a deleted organization owned ([`crate::organizations::sweep`]).
    #[serde(rename = "sweep_client")]
    SweepOrganization {
        /// The organization's id.
        client_id: OrganizationId,
    },
    /// Deletes the content of a deleted project.
    SweepProject {
        /// The deleted project.
        project_id: ProjectId,
    },
    /// Removes objects of content that no version refers to.
    #[serde(rename = "remove_contents")]
    RemoveBlobs {
        /// The objects, whose keys are never reused.
        objects: Vec<BlobKey>,
    },
    /// Deletes versions whose deletion was deferred while forks were being copied.
    #[serde(rename = "delete_leftovers")]
    DeleteDeferredVersions {
        /// The id of the project that was forked.
        project_id: ProjectId,
    },
    /// Completes an upload that is too large for a request
    /// ([`crate::artifacts::complete::complete_in_background`]).
    CompleteUpload {
        /// The id of the future version.
        artifact_id: ArtifactId,
        /// The user or key that completes it.
        actor: Actor,
        /// The origin of the request.
        requester: Requester,
    },
    /// Copies the files of a project into its fork.
    CopyProject {
        /// The id of the fork.
        project_id: ProjectId,
    },
    /// Ends the API keys that a user's organizations had, when the account turns out to be another person's
    /// ([`crate::organizations::end_owned_keys`]).
    EndOwnedKeys {
        /// The owner of the organizations.
        user_id: UserId,
        /// When the account changed hands. Later keys stay.
        at: Timestamp,
    },
    /// Refuses the API keys of a user's organizations while the user's account is scheduled for deletion, and
    /// accepts them again after it is restored ([`crate::organizations::sync_owner_deletion`]).
    SyncOwnerDeletion {
        /// The owner of the organizations.
        user_id: UserId,
    },
    /// Resets a user's second factor once the reset is due
    /// ([`crate::accounts::two_factor::reset::apply`]). It is blocked until then, and resumed by the hourly schedule.
    ResetTwoFactor {
        /// The user whose second factor is reset.
        user_id: UserId,
        /// When the reset is due. A reset that is due at another time has a job of its own.
        due_at: Timestamp,
    },
    /// Ends the billing of a deleted organization, or brings that of a restored one up to date
    /// ([`crate::billing::sync_billing`]).
    SyncBilling {
        /// The organization's id.
        client_id: OrganizationId,
    },
    /// Notifies an organization's members that it was deleted
    /// ([`crate::notifications::notify_organization_deleted`]).
    #[serde(rename = "tell_of_deletion")]
    NotifyOrganizationDeleted {
        /// The organization's id.
        client_id: OrganizationId,
        /// When it was deleted.
        at: Timestamp,
        /// The origin of the request that deleted it. Jobs of the previous version have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requester: Option<Requester>,
        /// The last member who was processed, in the order of user ids.
        after: Option<UserId>,
    },
    /// Notifies members of a finished run ([`crate::notifications::notify_run`]).
    #[serde(rename = "tell_of_run")]
    NotifyRun {
        /// The run that ended.
        run_id: RunId,
        /// The last member who was processed, in the order of user ids.
        after: Option<UserId>,
    },
    /// Notifies members that an organization's credits run low ([`crate::notifications::notify_usage`]).
    #[serde(rename = "tell_of_usage")]
    NotifyUsage {
        /// The organization's id.
        client_id: OrganizationId,
        /// The used share in percent, one of [`crate::billing::USAGE_ALERTS`].
        percent: u8,
        /// The number of the ledger entry that granted the credits. Each grant is notified anew.
        grant: u64,
        /// When the credits were used.
        at: Timestamp,
        /// The last member who was processed, in the order of user ids.
        after: Option<UserId>,
    },
    /// Warns the people concerned that a token or API key expires ([`crate::notifications::notify_expiry`]).
    NotifyExpiry {
        /// The account or organization that the token acts as.
        holder: TokenHolder,
        /// The token's number within its holder.
        number: u32,
        /// When the token expires.
        expires_at: Timestamp,
        /// How many days before the expiry the warning was due.
        days_left: u8,
        /// When the warning was enqueued.
        at: Timestamp,
        /// The last member who was processed, in the order of user ids.
        after: Option<UserId>,
    },
    /// Notifies an organization's owner of an invoice ([`crate::notifications::notify_payment`]).
    #[serde(rename = "tell_of_payment")]
    NotifyPayment(PaymentNotification),
    /// Sends the mail that was held while mail was switched off ([`crate::mail::release_held`]).
    ReleaseHeldMail,
    /// Erases the accounts that are due and that the daily run had no time for.
    EraseAccounts {
        /// The sort key of the last erasure that was processed.
        after: String,
    },
    /// Audits the changed ledgers for which the daily run had no time.
    AuditLedgers,
    /// Compares the events and payments at Stripe for which the daily run had no time.
    CompareWithStripe(StripeComparison),
}

impl Job {
    /// The name of the only job that compares with Stripe.
    pub const COMPARE_WITH_STRIPE: &str = "compare-with-stripe";

    /// Returns the unique name of the job.
    pub fn name(&self) -> String {
        match self {
            Self::SweepOrganization { client_id } => format!("sweep-client#{client_id}"),
            Self::SweepProject { project_id } => format!("sweep-project#{project_id}"),
            Self::RemoveBlobs { objects } => {
                let first = objects.first().map_or("", BlobKey::as_str);
                format!("remove-contents#{first}")
            }
            Self::DeleteDeferredVersions { project_id } => format!("delete-leftovers#{project_id}"),
            Self::CopyProject { project_id } => format!("copy-project#{project_id}"),
            Self::CompleteUpload { artifact_id, .. } => Self::complete_upload_name(artifact_id),
            Self::EndOwnedKeys { user_id, .. } => format!("end-owned-keys#{user_id}"),
            Self::SyncOwnerDeletion { user_id } => format!("sync-owner-deletion#{user_id}"),
            Self::ResetTwoFactor { user_id, due_at } => {
                format!("reset-two-factor#{user_id}#{due_at}")
            }
            Self::SyncBilling { client_id } => format!("sync-billing#{client_id}"),
            Self::NotifyOrganizationDeleted { client_id, at, .. } => {
                format!("tell-of-deletion#{client_id}#{at}")
            }
            Self::NotifyRun { run_id, .. } => format!("tell-of-run#{run_id}"),
            Self::NotifyUsage { client_id, percent, grant, .. } => {
                format!("tell-of-usage#{client_id}#{grant}#{percent}")
            }
            Self::NotifyExpiry { holder, number, days_left, .. } => {
                format!("notify-expiry#{holder}#{number}#{days_left}")
            }
            Self::NotifyPayment(news) => format!("tell-of-payment#{}", news.name()),
            Self::ReleaseHeldMail => "release-held-mail".to_owned(),
            Self::EraseAccounts { .. } => "erase-accounts".to_owned(),
            Self::AuditLedgers => "audit-ledgers".to_owned(),
            Self::CompareWithStripe(_) => Self::COMPARE_WITH_STRIPE.to_owned(),
        }
    }

    /// Returns the name of the job that completes an upload.
    pub fn complete_upload_name(artifact_id: &ArtifactId) -> String {
        format!("complete-upload#{artifact_id}")
    }

    /// Returns the message group of the job's steps, which run one after the other: the organization or user whose
    /// work it is, or the job itself where it belongs to none.
    pub fn group(&self) -> String {
        match self {
            Self::SweepOrganization { client_id }
            | Self::SyncBilling { client_id }
            | Self::NotifyOrganizationDeleted { client_id, .. }
            | Self::NotifyUsage { client_id, .. } => client_id.to_string(),
            Self::SweepProject { project_id }
            | Self::DeleteDeferredVersions { project_id }
            | Self::CopyProject { project_id } => project_id.organization().to_string(),
            Self::NotifyRun { run_id, .. } => run_id.organization().to_string(),
            Self::NotifyPayment(payment) => payment.client_id.to_string(),
            Self::EndOwnedKeys { user_id, .. }
            | Self::SyncOwnerDeletion { user_id }
            | Self::ResetTwoFactor { user_id, .. } => user_id.to_string(),
            Self::NotifyExpiry { holder, .. } => holder.to_string(),
            // It takes long, and other work of the organization need not wait for it.
            Self::CompleteUpload { .. } => self.name(),
            Self::RemoveBlobs { .. }
            | Self::ReleaseHeldMail
            | Self::EraseAccounts { .. }
            | Self::AuditLedgers
            | Self::CompareWithStripe(_) => self.name(),
        }
    }

    /// Enqueues the job in `tx`.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the same job exists.
    pub fn enqueue(self, tx: &mut Tx<'_>) -> Result<()> {
        let record = JobRecord { job: self, parts: 0, request_id: cause::request_id() };
        tx.put(&record, Condition::Absent, AttemptError::Conflict)
    }

    /// Enqueues the job in `tx`, or resumes it if it exists.
    ///
    /// # Errors
    ///
    /// * An internal error if the job cannot be serialized.
    pub fn requeue(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut again = Update::new(keys::job(&self.name())).set("job", self)?.add("parts", 1);
        if let Some(request_id) = cause::request_id() {
            again = again.set("request_id", request_id)?;
        }
        tx.update(again, AttemptError::Conflict)
    }
}

/// Returns the stored job with a name, if there is one.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached.
pub async fn find_job(ctx: &Context, name: &str) -> Result<Option<JobRecord>> {
    ctx.table.get(&keys::job(name)).await
}

/// Enqueues a job of a scheduled run, unless another run has enqueued it.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached.
pub async fn enqueue_if_absent(ctx: &Context, job: Job) -> Result<()> {
    let record = JobRecord { job, parts: 0, request_id: cause::request_id() };
    retry_conflicts(ctx, || ctx.table.put(&record, Condition::Absent)).await.map(|_is_new| ())
}

/// A job as a row of the table, deleted after the last step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRecord {
    /// The work, with its parameters.
    pub job: Job,
    /// The number of steps that were completed and left more to do.
    pub parts: u32,
    /// The id of the request that caused the job, for the log of the worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Record for JobRecord {
    fn key(&self) -> Key {
        keys::job(&self.job.name())
    }
}

/// The progress of a job after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The job is complete.
    Done,
    /// The job needs another step.
    More,
    /// The job must wait for something else, which will resume it, or for a time; the hourly schedule tries it again.
    Blocked,
}

/// Records the progress after a step. The condition on the step number applies a step once, even if
/// the stream delivers it twice, and keeps a job that was resumed meanwhile.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached.
pub async fn complete_step(ctx: &Context, record: &JobRecord, progress: Progress) -> Result<()> {
    let unchanged = Condition::equal("parts", record.parts)?;
    match progress {
        Progress::Done => {
            let key = record.key();
            retry_conflicts(ctx, || ctx.table.delete_if(&key, &unchanged)).await.map(|_| ())
        }
        Progress::More => {
            let more = Update::new(record.key()).add("parts", 1).only_if(unchanged);
            retry_conflicts(ctx, || ctx.table.update::<JobRecord>(more.clone())).await.map(|_| ())
        }
        Progress::Blocked => Ok(()),
    }
}

/// Records that a step is complete and that the job continues as `next`, which has the same name.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached.
pub async fn continue_as(ctx: &Context, record: &JobRecord, next: &Job) -> Result<()> {
    // The condition fails if another worker completed the same step.
    let is_same_step = Condition::equal("parts", record.parts)?;
    let update = Update::new(record.key()).add("parts", 1).set("job", next)?.only_if(is_same_step);
    retry_conflicts(ctx, || ctx.table.update::<JobRecord>(update.clone())).await.map(|_| ())
}
