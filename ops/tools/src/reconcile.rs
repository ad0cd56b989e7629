//! `ops-tools reconcile` and `ops-tools restore-check`: compare the table with Stripe since a time.
//!
//! Both process the events of Stripe that were not processed, as the daily run does for three days, and then compare
//! payments and ledgers. After a restore the links to new customers are written first, because an event of an unknown
//! customer counts as processed.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::billing::audit::{
    PaymentDifference, PaymentDifferenceKind, PaymentDifferences, audit_ledger,
    list_payment_differences,
};
use shared::billing::changed_ledgers::list_ledgers_changed_since;
use shared::billing::relink_customer::{CustomerLink, relink_customer};
use shared::billing::stripe_comparison::{StripeComparison, StripeList};
use shared::billing::unprocessed_events::{
    UnprocessedEvents, list_unprocessed_events, reprocess_event,
};
use shared::clock::Timestamp;
use shared::context::Context;
use shared::error::Result;
use shared::stripe::events::StripeEvent;
use shared::stripe::{Stripe, StripeId};

use crate::console::print_line;
use crate::error::ToolError;
use crate::flags::Flags;
use crate::retry::retry_unavailable;

/// How long Stripe keeps events: 30 days. <https://docs.stripe.com/api/events>
const STRIPE_EVENT_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The options of a reconciliation, from the command line.
pub(crate) struct ReconcileOptions {
    since: Timestamp,
    table: Option<String>,
    /// Whether the table was restored to `since`.
    is_restored: bool,
    apply: bool,
}

impl ReconcileOptions {
    /// Reads the options from the command line.
    ///
    /// # Errors
    /// `Usage` if an option is unknown, `--since` is missing or not a time, or another table shall be changed.
    pub(crate) fn parse(
        arguments: Vec<String>,
        is_restored: bool,
    ) -> std::result::Result<Self, ToolError> {
        let values: &[&str] = if is_restored { &["--since", "--table"] } else { &["--since"] };
        let flags = Flags::parse(arguments, &["--apply"], values)?;
        flags.require_no_positional()?;
        let table = flags.text("--table").map(str::to_owned);
        if table.is_some() && flags.has("--apply") {
            // Processing an event can change what is at Stripe, which belongs to the table of the stack.
            let why = "another table is only compared: --table and --apply exclude each other";
            return Err(ToolError::Usage(why.to_owned()));
        }
        let usage =
            || ToolError::Usage("--since is a time such as 2026-11-30T03:00:00Z".to_owned());
        let since = flags.text("--since").ok_or_else(usage)?;
        let since: jiff::Timestamp =
            since.parse().or_else(|_| format!("{since}T00:00:00Z").parse()).map_err(|_| usage())?;
        let since = Timestamp::from_seconds(since.as_second());
        Ok(Self { since, table, is_restored, apply: flags.has("--apply") })
    }

    /// Returns the name of the table, if it is not the one of the stack.
    pub(crate) fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }
}

/// Compares the table with Stripe. Returns whether nothing is left to do.
///
/// # Errors
/// `Service` if the table or Stripe cannot be reached.
pub(crate) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    options: &ReconcileOptions,
) -> std::result::Result<bool, ToolError> {
    if !options.apply {
        print_line("dry run: nothing is written; --apply writes what is missing");
    }
    if options.since < ctx.now().minus(STRIPE_EVENT_RETENTION) {
        print_line("warning: Stripe keeps events for 30 days, so earlier ones are not processed");
    }
    let run = Run { ctx, stripe, options };
    let events = run.unprocessed_events().await?;
    let mut left = 0;
    if options.is_restored {
        left += run.relink_customers(&events).await?;
    }
    left += run.process_events(&events).await;
    left += run.compare_payments().await?;
    if options.apply {
        left += run.audit_ledgers().await?;
    }
    Ok(left == 0)
}

struct Run<'r> {
    ctx: &'r Context,
    stripe: &'r Stripe,
    options: &'r ReconcileOptions,
}

impl Run<'_> {
    /// Lists all unprocessed events, the oldest first.
    async fn unprocessed_events(&self) -> Result<Vec<StripeEvent>> {
        let mut comparison = self.comparison_of(StripeList::Events);
        let mut lists = Vec::new();
        loop {
            let UnprocessedEvents { events, next } = retry_unavailable(self.ctx, async || {
                list_unprocessed_events(self.ctx, self.stripe, &comparison).await
            })
            .await?;
            lists.push(events);
            let Some(entry) = next else { break };
            comparison = comparison.continue_after(entry);
        }
        // The first list has the latest events.
        Ok(lists.into_iter().rev().flatten().collect())
    }

    fn comparison_of(&self, list: StripeList) -> StripeComparison {
        StripeComparison::of_list(list, self.options.since, self.ctx.now())
    }

    /// Writes the missing links to customers; returns how many are left.
    async fn relink_customers(&self, events: &[StripeEvent]) -> Result<usize> {
        let mut customers: BTreeSet<String> =
            events.iter().filter_map(|event| event.data.object.customer.clone()).collect();
        let differences = self.payment_differences().await?;
        customers.extend(differences.into_iter().filter_map(|found| found.customer));
        let (mut linked, mut left) = (0_usize, 0);
        for customer in &customers {
            let Some(id) = StripeId::parse(customer) else { continue };
            let link = retry_unavailable(self.ctx, async || {
                relink_customer(self.ctx, self.stripe, &id, self.options.apply).await
            });
            let why = match link.await? {
                CustomerLink::Known | CustomerLink::Foreign => continue,
                CustomerLink::Missing(organization) => {
                    linked += 1;
                    print_line(&format!("customer {customer}: of organization {organization}"));
                    continue;
                }
                CustomerLink::NoOrganization(organization) => {
                    format!("its organization {organization} does not exist here")
                }
                CustomerLink::OtherCustomer(organization) => {
                    format!("its organization {organization} has another customer")
                }
            };
            left += 1;
            print_line(&format!("customer {customer}: {why}"));
        }
        let text = if self.options.apply { "customers linked again" } else { "customers to link" };
        print_line(&format!("{linked:>9} {text}"));
        Ok(if self.options.apply { left } else { left + linked })
    }

    /// Processes the events, the oldest first; returns how many are left.
    async fn process_events(&self, events: &[StripeEvent]) -> usize {
        if !self.options.apply {
            for event in events {
                print_line(&format!("event {} {}", event.id, event.kind));
            }
            print_line(&format!("{:>9} events to process", events.len()));
            return events.len();
        }
        let mut failed = 0;
        for event in events {
            let processed = retry_unavailable(self.ctx, async || {
                reprocess_event(self.ctx, self.stripe, event).await
            });
            if let Err(error) = processed.await {
                failed += 1;
                print_line(&format!("event {} {}: {error:?}", event.id, event.kind));
            }
        }
        print_line(&format!("{:>9} events processed", events.len() - failed));
        if failed > 0 {
            print_line(&format!("{failed:>9} events failed"));
        }
        failed
    }

    /// Reports payments that differ; returns how many.
    async fn compare_payments(&self) -> Result<usize> {
        let differences = self.payment_differences().await?;
        let mut wrong = 0;
        for PaymentDifference { payment, customer, kind } in &differences {
            let what = match kind {
                PaymentDifferenceKind::Amount => "is stored with another amount",
                PaymentDifferenceKind::Missing => "is not in the ledger",
                PaymentDifferenceKind::UnknownCustomer if self.options.is_restored => {
                    "is of a customer who is unknown here"
                }
                // Another system may use the same account at Stripe.
                PaymentDifferenceKind::UnknownCustomer => continue,
            };
            wrong += 1;
            let customer = customer.as_deref().unwrap_or("none");
            print_line(&format!("payment {payment} (customer {customer}) {what}"));
        }
        print_line(&format!("{wrong:>9} payments differ"));
        Ok(wrong)
    }

    /// Compares all payments.
    async fn payment_differences(&self) -> Result<Vec<PaymentDifference>> {
        let mut comparison = self.comparison_of(StripeList::Payments);
        let mut all = Vec::new();
        loop {
            let PaymentDifferences { differences, next } =
                retry_unavailable(self.ctx, async || {
                    list_payment_differences(self.ctx, self.stripe, &comparison).await
                })
                .await?;
            all.extend(differences);
            let Some(entry) = next else { return Ok(all) };
            comparison = comparison.continue_after(entry);
        }
    }

    /// Adds up the ledgers that have changed, and writes entries of debits that are missing, as the daily run does;
    /// returns how many are wrong.
    async fn audit_ledgers(&self) -> Result<usize> {
        let since = self.options.since;
        let ledgers =
            retry_unavailable(self.ctx, async || list_ledgers_changed_since(self.ctx, since).await);
        let ledgers = ledgers.await?;
        let mut wrong = 0;
        for organization in &ledgers {
            let audit =
                retry_unavailable(self.ctx, async || audit_ledger(self.ctx, organization).await);
            if !audit.await? {
                wrong += 1;
                print_line(&format!("ledger of {organization}: does not match its balance"));
            }
        }
        print_line(&format!("{:>9} ledgers add up", ledgers.len() - wrong));
        Ok(wrong)
    }
}
