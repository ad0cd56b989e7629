//! The daily audit: compares ledgers with balances, and payments at Stripe with ledgers.
//!
//! A difference is logged as an error with the field `audit`, which the metric filters in `template.yaml` count.
//! Nothing is corrected automatically; an operator has to look.

use serde::{Deserialize, Serialize};

use super::ledger::{Balance, LedgerEntry};
use super::stored_payment::StoredPayment;
use super::stripe_account::find_organization_of_customer;
use super::stripe_comparison::{MAX_PAGES_PER_STEP, MIN_PAYMENT_AGE, StripeComparison};
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Chunk, Condition, Key, Range, Record, SortKeyCondition, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::Stripe;

/// The number of entries that one query reads.
const ENTRIES_BATCH_SIZE: usize = 1_000;

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

/// Adds up the entries of a ledger since the last audit; returns whether they match the balance. After each read of
/// entries it stores how far it has come, so that the next audit continues one that was interrupted.
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
        for entry in batch.items {
            if sum.entries == balance.entries {
                break;
            }
            let quota = sum.quota.plus(entry.quota);
            let topups = sum.topups.plus(entry.topups);
            if entry.number != sum.entries + 1 || entry.balance_after != quota.plus(topups) {
                return Ok(report_difference(organization_id, "entry", entry.number));
            }
            sum = AuditedLedger { entries: entry.number, quota, topups, ..sum };
        }
        if sum.entries < balance.entries {
            store_checkpoint(ctx, &sum).await?;
        }
    }
    let matches_balance =
        (sum.entries, sum.quota, sum.topups) == (balance.entries, balance.quota, balance.topups);
    if !matches_balance {
        return Ok(report_difference(organization_id, "balance", sum.entries));
    }
    store_checkpoint(ctx, &sum).await?;
    Ok(true)
}

/// Stores up to where a ledger was verified. If another run has checked as many entries, what it stored stays.
async fn store_checkpoint(ctx: &Context, audited: &AuditedLedger) -> Result<()> {
    let newer = Condition::less("entries", audited.entries)?;
    let newer = Condition::Any(vec![Condition::Absent, newer]);
    retry_conflicts(ctx, || ctx.table.put(audited, newer.clone())).await.map(|_is_new| ())
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
    /// The last payment that was compared, if the list has older ones.
    pub next: Option<String>,
}

/// The outcome of the comparison of some payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedPayments {
    /// The number of payments that differ from the ledgers.
    pub wrong: usize,
    /// The last payment that was compared, if the list has older ones.
    pub next: Option<String>,
}

/// Compares the payments of one step with the stored ones, and logs each difference.
///
/// # Errors
/// Those of [`list_payment_differences`].
pub async fn audit_payments(
    ctx: &Context,
    stripe: &Stripe,
    comparison: &StripeComparison,
) -> Result<AuditedPayments> {
    let PaymentDifferences { mut differences, next } =
        list_payment_differences(ctx, stripe, comparison).await?;
    // Another system may use the same account at Stripe.
    differences.retain(|found| found.kind != PaymentDifferenceKind::UnknownCustomer);
    for PaymentDifference { payment, kind, .. } in &differences {
        let what =
            if *kind == PaymentDifferenceKind::Amount { "another amount" } else { "nothing" };
        tracing::error!(audit = "payment", payment, what, "a payment differs from the ledger");
    }
    Ok(AuditedPayments { wrong: differences.len(), next })
}

/// Compares the payments on the pages of one step with the stored ones. Leaves out those of the last hour before the
/// end of the period, whose webhooks may be on their way.
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe; `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn list_payment_differences(
    ctx: &Context,
    stripe: &Stripe,
    comparison: &StripeComparison,
) -> Result<PaymentDifferences> {
    let (since, to) = (comparison.since, comparison.until.minus(MIN_PAYMENT_AGE));
    let (mut differences, mut next) = (Vec::new(), comparison.after.clone());
    for _ in 0..MAX_PAGES_PER_STEP {
        let page = stripe.list_payment_intents(ctx, since, to, next.as_deref()).await?;
        next = page.data.last().map(|payment| payment.id.clone()).filter(|_| page.has_more);
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
        if next.is_none() {
            break;
        }
    }
    Ok(PaymentDifferences { differences, next })
}
