//! The daily comparison with Stripe: processes the events that no webhook has brought, and then looks for each payment
//! in the ledgers.
//!
//! The daily run does the first step. A job does the others, so that a run ends in time however long the lists are. A
//! step that fails is repeated from where it began.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use shared::billing::audit::audit_payments;
use shared::billing::stripe_comparison::{StripeComparison, StripeList};
use shared::billing::unprocessed_events::{
    UnprocessedEvents, list_unprocessed_events, reprocess_event,
};
use shared::error::{Error, Result};
use shared::jobs::{
    Job, JobRecord, Progress, complete_step, continue_as, enqueue_if_absent, find_job,
};
use shared::stripe::events::StripeEvent;

use crate::Worker;
use crate::backlog::report_backlog;
use crate::concurrent::run_in_time;

/// Time within which the processing of an unprocessed event may start, counted from the end of the list.
const EVENT_START_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest duration of the processing of one unprocessed event, so that it does not hold up the others.
const EVENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest duration of the step in the daily run. The run audits ledgers before it, and has 60 seconds.
const FIRST_STEP_TIMEOUT: Duration = Duration::from_secs(30);

impl Worker {
    /// Compares the last three days with Stripe, in one step. A job continues it if there is more or the step fails.
    /// If the job of an earlier run has not finished, it is resumed instead, or begun again if it is old, and
    /// covers the time since then as well. Without an account at Stripe there is nothing to compare.
    ///
    /// # Errors
    /// `Unavailable` if the job cannot be read or stored.
    pub(crate) async fn compare_with_stripe(&self) -> Result<()> {
        if let Some(record) = find_job(&self.ctx, Job::COMPARE_WITH_STRIPE).await? {
            if let Job::CompareWithStripe(comparison) = &record.job {
                let now = self.ctx.now();
                let is_overdue = comparison.is_overdue(now);
                report_backlog("comparison with Stripe", usize::from(is_overdue));
                if let Some(again) = comparison.restart_if_old(now) {
                    return continue_as(&self.ctx, &record, &Job::CompareWithStripe(again)).await;
                }
            }
            return complete_step(&self.ctx, &record, Progress::More).await;
        }
        let first = StripeComparison::begin(self.ctx.now());
        let step = self.run_comparison_step(&first).boxed();
        let what = "the first step of the comparison";
        let next = match run_in_time(FIRST_STEP_TIMEOUT, what, step).await {
            Ok(next) => next,
            Err(Error::BillingNotConfigured) => None,
            Err(error) => {
                tracing::error!(cause = ?error, "the comparison with Stripe is left to its job");
                Some(first)
            }
        };
        match next {
            Some(next) => enqueue_if_absent(&self.ctx, Job::CompareWithStripe(next)).await,
            None => Ok(()),
        }
    }

    /// Runs a step of the job that continues the daily run.
    ///
    /// # Errors
    /// Those of Stripe and of the table. The hourly run repeats the step.
    pub(crate) async fn continue_comparison(
        &self,
        record: &JobRecord,
        comparison: &StripeComparison,
    ) -> Result<()> {
        let next = match self.run_comparison_step(comparison).await {
            // The account at Stripe was removed meanwhile.
            Err(Error::BillingNotConfigured) => None,
            next => next?,
        };
        match next {
            Some(next) => continue_as(&self.ctx, record, &Job::CompareWithStripe(next)).await,
            None => complete_step(&self.ctx, record, Progress::Done).await,
        }
    }

    /// Runs one step. The step that ends the events also begins with the payments. Returns where the comparison
    /// continues; `None` at its end.
    async fn run_comparison_step(
        &self,
        comparison: &StripeComparison,
    ) -> Result<Option<StripeComparison>> {
        let next = match comparison.list {
            StripeList::Events => self.reprocess_events(comparison).await?,
            StripeList::Payments => Some(comparison.clone()),
        };
        match next {
            Some(next) if next.list == StripeList::Payments => self.compare_payments(next).await,
            next => Ok(next),
        }
    }

    /// Processes the unprocessed events of a step's pages one after the other, in the order in which they happened. An
    /// event that fails does not stop the others, and the next day's run tries it again. If the time ends before the
    /// events, the next step continues behind the last one that failed: those that were processed are not listed again.
    async fn reprocess_events(
        &self,
        comparison: &StripeComparison,
    ) -> Result<Option<StripeComparison>> {
        let UnprocessedEvents { events, next } =
            list_unprocessed_events(&self.ctx, &self.clients.stripe, comparison).await?;
        let unprocessed = events_behind(&events, comparison.failed_event.as_deref());
        let (mut tried, mut processed, mut last_failed) = (0, 0, None);
        let untried = stream::iter(unprocessed).take_until(tokio::time::sleep(EVENT_START_TIMEOUT));
        let mut untried = std::pin::pin!(untried);
        while let Some(event) = untried.next().await {
            tried += 1;
            // Boxed, because the future is as large as that of the largest event.
            let processing = reprocess_event(&self.ctx, &self.clients.stripe, event).boxed();
            match run_in_time(EVENT_TIMEOUT, "an unprocessed event", processing).await {
                Ok(()) => processed += 1,
                Err(error) => {
                    tracing::error!(cause = ?error, event = event.id, "an unprocessed event failed");
                    last_failed = Some(event.id.clone());
                }
            }
        }
        let found = unprocessed.len();
        if found > 0 {
            tracing::warn!(
                audit = "events",
                unprocessed = found,
                processed,
                "unprocessed events found"
            );
        }
        if tried < found {
            let failed_event = last_failed.or_else(|| comparison.failed_event.clone());
            return Ok(Some(StripeComparison { failed_event, ..comparison.clone() }));
        }
        Ok(comparison.clone().after_pages(next, self.ctx.now()))
    }

    /// Looks for the payments of a step's pages in the ledgers.
    async fn compare_payments(
        &self,
        comparison: StripeComparison,
    ) -> Result<Option<StripeComparison>> {
        let audited = audit_payments(&self.ctx, &self.clients.stripe, &comparison).await?;
        tracing::info!(wrong = audited.wrong, "payments checked");
        Ok(comparison.after_pages(audited.next, self.ctx.now()))
    }
}

/// Returns the events behind the last one that failed; all events if none has, or if it was processed meanwhile.
fn events_behind<'e>(events: &'e [StripeEvent], failed: Option<&str>) -> &'e [StripeEvent] {
    let failed = failed.and_then(|id| events.iter().position(|event| event.id == id));
    &events[failed.map_or(0, |place| place + 1)..]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_step_goes_on_behind_the_event_that_failed() {
        let events = ["evt_1", "evt_2", "evt_3"].map(|id| {
            let event = json!({"id": id, "type": "invoice.paid", "data": {"object": {}}});
            serde_json::from_value::<StripeEvent>(event).unwrap()
        });
        let ids = |failed: Option<&str>| -> Vec<String> {
            events_behind(&events, failed).iter().map(|event| event.id.clone()).collect()
        };
        assert_eq!(ids(Some("evt_2")), ["evt_3"]);
        assert_eq!(ids(Some("evt_3")), Vec::<String>::new());
        for failed in [None, Some("evt_0")] {
            assert_eq!(ids(failed), ["evt_1", "evt_2", "evt_3"]);
        }
    }
}
