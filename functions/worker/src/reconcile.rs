//! The daily audit of billing: the sums of the ledgers, and the comparison with Stripe.

use std::time::Duration;

use futures_util::FutureExt;
use shared::billing::audit::audit_ledger;
use shared::billing::changed_ledgers::{
    ChangedLedgers, list_changed_ledgers, store_ledgers_cursor,
};
use shared::error::{Error, Result};
use shared::ids::OrganizationId;
use shared::jobs::{Job, Progress};

use crate::Worker;
use crate::backlog::report_backlog;
use crate::concurrent::{run_in_time, run_within};

/// The maximum number of ledgers that one run reads. A job audits the others.
const LEDGERS_PER_RUN: usize = 1_000;

/// The maximum number of ledgers in a step of the job that continues the daily run.
const LEDGERS_PER_STEP: usize = 500;

/// Time within which the check of a ledger may start. The daily run compares with Stripe afterwards, and has 60
/// seconds.
const LEDGER_START_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest duration of the check of one ledger, so that a long one stops neither the run nor a step of the job. The
/// next check of that ledger goes on from where this one has come.
const LEDGER_TIMEOUT: Duration = Duration::from_secs(10);

/// The outcome of the audit of some ledgers.
struct AuditedLedgers {
    /// Whether ledgers of days that have ended are left.
    is_more: bool,
    last_error: Option<Error>,
}

impl Worker {
    /// Checks the sums of changed ledgers, and then compares events and payments with Stripe.
    ///
    /// # Errors
    /// The error of the first of the two that fails. Each runs even if the other fails.
    pub(crate) async fn reconcile_billing(&self) -> Result<()> {
        let ledgers = self.audit_ledgers().await;
        let compared = self.compare_with_stripe().await;
        ledgers.and(compared)
    }

    /// Audits the ledgers that changed. A job audits those for which the run has no time, in steps until none is left.
    async fn audit_ledgers(&self) -> Result<()> {
        let changed = list_changed_ledgers(&self.ctx, LEDGERS_PER_RUN).await?;
        // The job of the day before has not come this far.
        report_backlog("ledgers", changed.overdue());
        let audited = self.audit_listed(&changed).await?;
        if audited.is_more {
            self.continue_run(&Job::AuditLedgers, "an audit of ledgers changes nothing").await?;
        }
        audited.last_error.map_or(Ok(()), Err)
    }

    /// Runs a step of the job that continues the daily run. A ledger that fails is logged and left to the day of its
    /// next change, so that it does not hold up the others.
    ///
    /// # Errors
    /// `Unavailable` if the list or the place in it cannot be read or stored.
    pub(crate) async fn run_audit_step(&self) -> Result<Progress> {
        let changed = list_changed_ledgers(&self.ctx, LEDGERS_PER_STEP).await?;
        let audited = self.audit_listed(&changed).await?;
        Ok(if audited.is_more { Progress::More } else { Progress::Done })
    }

    async fn audit_listed(&self, changed: &ChangedLedgers) -> Result<AuditedLedgers> {
        let check = async |organization: OrganizationId| {
            let audit = audit_ledger(&self.ctx, &organization).boxed();
            let result = run_in_time(LEDGER_TIMEOUT, "the check of a ledger", audit).await;
            if let Err(error) = &result {
                tracing::error!(cause = ?error, organization_id = %organization, "a ledger was not checked");
            }
            result
        };
        let organizations = changed.organizations.clone();
        let results = run_within(organizations, LEDGER_START_TIMEOUT, check).await;
        store_ledgers_cursor(&self.ctx, changed, results.len()).await?;
        let (left, more) = (changed.left_after(results.len()), changed.more);
        let (mut right, mut wrong, mut last_error) = (0, 0, None);
        for result in results {
            match result {
                Ok(true) => right += 1,
                Ok(false) => wrong += 1,
                Err(error) => last_error = Some(error),
            }
        }
        tracing::info!(right, wrong, left, more, "ledgers checked");
        Ok(AuditedLedgers { is_more: more || left > 0, last_error })
    }
}
