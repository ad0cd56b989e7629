//! The daily audit of billing: unprocessed events of Stripe, and the sums of the ledgers.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::billing::audit::{audit_ledger, audit_payments};
use shared::billing::changed_ledgers::{
    ChangedLedgers, list_changed_ledgers, store_ledgers_cursor,
};
use shared::billing::unprocessed_events::{list_unprocessed_events, reprocess_event};
use shared::error::{Error, Result};
use shared::ids::OrganizationId;
use shared::jobs::{Job, Progress};

use crate::Worker;
use crate::backlog::report_backlog;
use crate::concurrent::run_within;

/// The maximum number of ledgers that one run reads. A job audits the others.
const LEDGERS_PER_RUN: usize = 1_000;

/// The maximum number of ledgers in a step of the job that continues the daily run.
const LEDGERS_PER_STEP: usize = 500;

/// Time within which the check of a ledger may start. The invocation has 60 seconds.
const LEDGER_START_TIMEOUT: Duration = Duration::from_secs(20);

/// Time within which the processing of a missed event may start, counted from the end of the ledger checks.
const EVENT_START_TIMEOUT: Duration = Duration::from_secs(20);

/// The outcome of the audit of some ledgers.
struct AuditedLedgers {
    /// Whether ledgers of days that have ended are left.
    is_more: bool,
    last_error: Option<Error>,
}

impl Worker {
    /// Checks the sums of changed ledgers, processes events of Stripe whose webhook was missed, and then
    /// looks for each payment in the ledgers. Without an account at Stripe it only checks the sums.
    ///
    /// # Errors
    /// The last error of the three steps. Each step runs even if another fails.
    pub(crate) async fn reconcile_billing(&self) -> Result<()> {
        let ledgers = self.audit_ledgers().await;
        let events = self.process_missed_events().await;
        let payments = audit_payments(&self.ctx, &self.clients.stripe).await;
        let payments = payments.map(|wrong| tracing::info!(wrong, "payments checked"));
        let mut errors: Vec<Error> = [ledgers, events, payments]
            .into_iter()
            .filter_map(Result::err)
            .filter(|error| !matches!(error, Error::BillingNotConfigured))
            .collect();
        errors.pop().map_or(Ok(()), Err)
    }

    /// Processes missed events one after the other, in the order in which they happened. An event that
    /// fails does not stop the others, and the next run tries it again.
    async fn process_missed_events(&self) -> Result<()> {
        let events = list_unprocessed_events(&self.ctx, &self.clients.stripe).await?;
        let (missed, mut processed, mut last) = (events.len(), 0, None);
        let events = stream::iter(events).take_until(tokio::time::sleep(EVENT_START_TIMEOUT));
        let mut events = std::pin::pin!(events);
        while let Some(event) = events.next().await {
            match reprocess_event(&self.ctx, &self.clients.stripe, &event).await {
                Ok(()) => processed += 1,
                Err(error) => {
                    tracing::error!(cause = ?error, event = event.id, "a missed event failed");
                    last = Some(error);
                }
            }
        }
        if missed > 0 {
            tracing::warn!(audit = "events", missed, processed, "missed events processed");
        }
        last.map_or(Ok(()), Err)
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
    pub(crate) async fn audit_ledgers_in_step(&self) -> Result<Progress> {
        let changed = list_changed_ledgers(&self.ctx, LEDGERS_PER_STEP).await?;
        let audited = self.audit_listed(&changed).await?;
        Ok(if audited.is_more { Progress::More } else { Progress::Done })
    }

    async fn audit_listed(&self, changed: &ChangedLedgers) -> Result<AuditedLedgers> {
        let check = async |organization: OrganizationId| {
            let result = audit_ledger(&self.ctx, &organization).await;
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
