//! The daily audit: compares ledgers with balances, and payments at Stripe with ledgers.
//!
//! A difference is logged as an error with the field `audit`, which the metric filters in `template.yaml` count.
//! Nothing is corrected automatically; an operator has to look.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ledger::{Balance, LedgerEntry};
use super::stored_payment::StoredPayment;
use super::stripe_account::find_organization_of_customer;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Chunk, Condition, Key, Range, Record, SortKeyCondition, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::Stripe;

/// The number of entries that one query reads.
const ENTRIES_BATCH_SIZE: usize = 1_000;

/// The age from which a payment must be in a ledger: its webhook has arrived by then.
const MIN_PAYMENT_AGE: Duration = Duration::from_secs(60 * 60);

/// How far back payments are audited. Each is audited in three daily runs.
const LOOKBACK: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The maximum number of pages of a hundred payments.
const MAX_PAGES: usize = 100;

/// Up to which entry a ledger was verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct AuditedLedger {
    client_id: OrganizationId,
    /// The number of the last verified entry.
    entries: u64,
    #[serde(rename = "quota_micros", with = "crate::credits::micros")]
    quota: Credits,
    #[serde(rename = "topups_micros", with = "crate::credits::micros")]
    topups: Credits,
}

impl Record for AuditedLedger {
    fn key(&self) -> Key {
        keys::ledger_checkpoint(&self.client_id)
    }
}

/// Adds up the entries of a ledger since the last audit; returns whether they match the balance.
///
/// # Errors
/// `Unavailable` if DynamoDB cannot be reached.
pub async fn audit_ledger(ctx: &Context, organization_id: &OrganizationId) -> Result<bool> {
    // The balance is read first; entries that are posted meanwhile are left for the next run.
    let both = [keys::balance(organization_id), keys::ledger_checkpoint(organization_id)];
    let found = ctx.table.batch_get(&both).await?;
    let Some(balance): Option<Balance> = found.read(&both[0])? else { return Ok(true) };
    let audited: Option<AuditedLedger> = found.read(&both[1])?;
    let mut sum = audited.unwrap_or_else(|| AuditedLedger {
        client_id: organization_id.clone(),
        entries: 0,
        quota: Credits::default(),
        topups: Credits::default(),
    });
    if let Err(error) = balance.write_missing_entries(ctx).await {
        // A gap in the entries is reported below.
        tracing::warn!(cause = ?error, %organization_id, "missing entries cannot be written");
    }
    let pk = keys::ledger_partition(organization_id);
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::LEDGER_ENTRIES) };
    while sum.entries < balance.entries {
        let after = keys::ledger_entry(organization_id, sum.entries);
        let batch: Chunk<LedgerEntry> =
            ctx.table.query_chunk_after(&range, Some(&after), ENTRIES_BATCH_SIZE).await?;
        if batch.items.is_empty() {
            break;
        }
        for entry in batch.items.into_iter().filter(|entry| entry.number <= balance.entries) {
            let quota = sum.quota.plus(entry.quota);
            let topups = sum.topups.plus(entry.topups);
            if entry.number != sum.entries + 1 || entry.balance_after != quota.plus(topups) {
                return Ok(report_difference(organization_id, "entry", entry.number));
            }
            sum = AuditedLedger { entries: entry.number, quota, topups, ..sum };
        }
    }
    let matches_balance =
        (sum.entries, sum.quota, sum.topups) == (balance.entries, balance.quota, balance.topups);
    if !matches_balance {
        return Ok(report_difference(organization_id, "balance", sum.entries));
    }
    let newer = Condition::less("entries", sum.entries)?;
    let newer = Condition::Any(vec![Condition::Absent, newer]);
    // If the condition does not hold, another run has checked as many entries.
    retry_conflicts(ctx, || ctx.table.put(&sum, newer.clone())).await?;
    Ok(true)
}

/// Logs a difference; returns false.
fn report_difference(organization_id: &OrganizationId, what: &str, entry: u64) -> bool {
    tracing::error!(audit = "ledger", %organization_id, what, entry, "a ledger does not match its balance");
    false
}

/// A payment at Stripe that differs from the stored one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDifference {
    /// The payment's id at Stripe.
    pub payment: String,
    /// The id of its customer at Stripe, if it has one.
    pub customer: Option<String>,
    /// What the ledger and Stripe say differently.
    pub kind: PaymentDifferenceKind,
}

/// How a payment differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentDifferenceKind {
    /// It is stored with another amount.
    Amount,
    /// It is not stored.
    Missing,
    /// It is of a customer who belongs to no organization here.
    UnknownCustomer,
}

/// Payments at Stripe that differ from the stored ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDifferences {
    /// The differences, of the latest payment first.
    pub differences: Vec<PaymentDifference>,
    /// Whether there are older payments that were not compared.
    pub more: bool,
}

/// Compares the payments of the last three days with the stored ones; returns the number of differences.
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe; `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn audit_payments(ctx: &Context, stripe: &Stripe) -> Result<usize> {
    let PaymentDifferences { mut differences, more } =
        list_payment_differences(ctx, stripe, ctx.now().minus(LOOKBACK), MAX_PAGES).await?;
    if more {
        tracing::error!("Stripe has more payments than one run compares");
    }
    // Another system may use the same account at Stripe.
    differences.retain(|found| found.kind != PaymentDifferenceKind::UnknownCustomer);
    for PaymentDifference { payment, kind, .. } in &differences {
        let what =
            if *kind == PaymentDifferenceKind::Amount { "another amount" } else { "nothing" };
        tracing::error!(audit = "payment", payment, what, "a payment differs from the ledger");
    }
    Ok(differences.len())
}

/// Compares the payments since a time with the stored ones, on the `max_pages` latest pages of a hundred. Leaves out
/// those of the last hour, whose webhooks may be on their way.
///
/// # Errors
/// Those of [`audit_payments`].
pub async fn list_payment_differences(
    ctx: &Context,
    stripe: &Stripe,
    since: Timestamp,
    max_pages: usize,
) -> Result<PaymentDifferences> {
    let to = ctx.now().minus(MIN_PAYMENT_AGE);
    let (mut differences, mut after): (Vec<_>, Option<String>) = (Vec::new(), None);
    let mut more = true;
    for _ in 0..max_pages {
        let page = stripe.list_payment_intents(ctx, since, to, after.as_deref()).await?;
        after = page.data.last().map(|payment| payment.id.clone());
        let paid: Vec<_> =
            page.data.into_iter().filter(|payment| payment.status == "succeeded").collect();
        let rows: Vec<_> = paid.iter().map(|payment| keys::stripe_object(&payment.id)).collect();
        let found = ctx.table.batch_get_any(&rows).await?;
        for (payment, row) in paid.iter().zip(&rows) {
            let known: Option<StoredPayment> = found.read(row)?;
            let customer = payment.customer.as_deref().unwrap_or_default();
            let kind = match known {
                Some(known) if known.amount == payment.amount_received => continue,
                Some(_) => PaymentDifferenceKind::Amount,
                None if find_organization_of_customer(ctx, customer).await?.is_none() => {
                    PaymentDifferenceKind::UnknownCustomer
                }
                None => PaymentDifferenceKind::Missing,
            };
            let (payment, customer) = (payment.id.clone(), payment.customer.clone());
            differences.push(PaymentDifference { payment, customer, kind });
        }
        more = page.has_more && after.is_some();
        if !more {
            break;
        }
    }
    Ok(PaymentDifferences { differences, more })
}
