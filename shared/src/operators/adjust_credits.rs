//! Adjusts the credits of an organization.

use serde::Serialize;

use crate::activity::{Action, AuditEvent, AuditScope};
use crate::billing::billing_state::BillingState;
use crate::billing::ledger::{
    EntryGuard, EntryKind, EntrySource, LedgerEntry, Posting, SupportKey, retry_ledger_change,
};
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::Attempt;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::support_case::SupportCase;

/// The description of the entry, which members read.
const DESCRIPTION: &str = "Adjustment by support";

/// Parameters of an adjustment.
#[derive(Clone, Debug)]
pub struct CreditAdjustment {
    /// The organization whose balance changes.
    pub organization_id: OrganizationId,
    /// The credits to grant, or negative to take back. Not 0.
    pub credits: Credits,
    /// The idempotency key of the adjustment.
    pub key: SupportKey,
}

/// An adjustment after it was posted to the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct AdjustedCredits {
    /// The id of the ledger entry.
    pub transaction_id: String,
    /// Change of the balance; negative if credits were taken.
    pub credits: Credits,
    /// The balance after it.
    pub balance_after: Credits,
    /// Whether an earlier call has posted it.
    pub replayed: bool,
}

/// Adjusts credits, once per key. Credits are granted as top-up credits, which do not expire; credits that are
/// taken back come from the quota first, as if they were spent.
///
/// # Errors
/// - `InvalidField` if the credits are 0.
/// - `NotFound` if the organization does not exist.
/// - `InsufficientCredits` if more would be taken than there is. Nothing is taken.
/// - `IdempotencyConflict` if the key was used for another number of credits.
/// - `Contention` if other changes of the ledger kept interfering.
pub async fn adjust_credits(
    ctx: &Context,
    adjustment: &CreditAdjustment,
    case: &SupportCase,
) -> Result<AdjustedCredits> {
    if adjustment.credits == Credits::default() {
        return Err(Error::invalid_field("credits", "must not be 0"));
    }
    let id = &adjustment.organization_id;
    retry_ledger_change(ctx, id, || attempt(ctx, adjustment, case)).await
}

async fn attempt(
    ctx: &Context,
    adjustment: &CreditAdjustment,
    case: &SupportCase,
) -> Attempt<AdjustedCredits> {
    let CreditAdjustment { organization_id: id, credits, key } = adjustment;
    let source = EntrySource::Support(key.clone());
    let guard = keys::entry_guard(id, &source.to_string());
    let (guard, state) =
        tokio::try_join!(ctx.table.get::<EntryGuard>(&guard), BillingState::read(ctx, id))?;
    if let Some(guard) = guard {
        let entry = guard.read_entry(ctx).await?;
        if entry.credits() != *credits {
            return Err(Error::IdempotencyConflict.into());
        }
        return Ok(AdjustedCredits::new(&entry, true));
    }
    if state.organization.is_none() {
        return Err(Error::NotFound.into());
    }
    let balance = state.balance;
    let posting = if *credits > Credits::default() {
        Posting::topups(EntryKind::Adjustment, *credits, source, DESCRIPTION)
    } else {
        let taken = balance.split(credits.negated()).ok_or(Error::InsufficientCredits)?;
        Posting {
            topups: taken.1.negated(),
            ..Posting::quota(EntryKind::Adjustment, taken.0.negated(), source, DESCRIPTION)
        }
    };
    let mut update = balance.begin_update();
    let entry = update.post(ctx, posting)?.clone();
    let mut tx = ctx.table.transaction();
    update.store(&mut tx)?;
    let scope = AuditScope::Organization(id.clone());
    let event = AuditEvent::for_support(ctx, &scope, case, Action::CreditsAdjusted);
    tx.commit(event.with_target(&entry.id).with_detail("credits", credits)).await?;
    Ok(AdjustedCredits::new(&entry, false))
}

impl AdjustedCredits {
    fn new(entry: &LedgerEntry, replayed: bool) -> Self {
        Self {
            transaction_id: entry.id.to_string(),
            credits: entry.credits(),
            balance_after: entry.balance_after,
            replayed,
        }
    }
}
