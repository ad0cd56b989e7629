//! Spends credits of an organization, with one of its API keys.

use serde::Serialize;
use utoipa::ToSchema;

use super::billing_state::BillingState;
use super::ledger::{EntryGuard, EntryKind, EntrySource, LedgerEntry, Posting, TransactionView};
use super::quota::UsagePeriod;
use super::renew::renew_if_due;
use super::usage::PeriodUsage;
use super::usage_alerts::enqueue_usage_alert;
use crate::activity::Log;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::dynamo::{Attempt, AttemptError, RetryLimits, retry_from_within};
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::ids::{OrganizationId, ProjectId, RunId};
use crate::keys;
use crate::organizations::authorize::{Authorized, authorize_key};
use crate::stripe::Stripe;

/// The maximum number of credits of one debit. Runs cost far less; a larger amount is a mistake.
pub const MAX_DEBIT_CREDITS: Credits = Credits::whole(1_000_000);

/// The maximum length of a description, in characters.
pub const MAX_DEBIT_DESCRIPTION_LEN: usize = 500;

/// Parameters for spending credits of an organization: from the quota first, then from top-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// The idempotency key. A debit with a key that was used before is the same debit, without a time limit.
    pub key: String,
    /// The number of credits: more than 0, at most [`MAX_DEBIT_CREDITS`].
    pub credits: Credits,
    /// The description for the ledger.
    pub description: String,
    /// The run that spends the credits.
    pub run_id: Option<RunId>,
    /// The project that spends the credits.
    pub project_id: Option<ProjectId>,
}

/// Parameters of a debit, as a request states them.
#[derive(Clone, Debug)]
pub struct DebitParams<'a> {
    /// The idempotency key.
    pub key: String,
    /// The number of credits to spend.
    pub credits: Credits,
    /// The description for the ledger.
    pub description: &'a str,
    /// The id of the run that spends the credits.
    pub run_id: Option<&'a str>,
    /// The id of the project that spends the credits.
    pub project_id: Option<&'a str>,
}

impl Debit {
    /// Checks the parameters of a request. Run and project must belong to the organization, but need not exist any more.
    ///
    /// # Errors
    /// `InvalidField` or `Missing`, naming the field.
    pub fn parse(organization_id: &OrganizationId, params: DebitParams<'_>) -> Result<Self> {
        let DebitParams { key, credits, description, run_id, project_id } = params;
        if credits <= Credits::default() || credits > MAX_DEBIT_CREDITS {
            let why = format!("must be more than 0, and at most {MAX_DEBIT_CREDITS}");
            return Err(Error::invalid_field("credits", why));
        }
        let description = description.trim();
        if description.is_empty() {
            return Err(Error::missing("description"));
        }
        if description.chars().count() > MAX_DEBIT_DESCRIPTION_LEN
            || description.chars().any(char::is_control)
        {
            let why = format!("one line of at most {MAX_DEBIT_DESCRIPTION_LEN} characters");
            return Err(Error::invalid_field("description", why));
        }
        let foreign = |field| Error::invalid_field(field, "does not belong to this organization");
        let run = |text| RunId::parse(text).filter(|run| run.organization() == *organization_id);
        let run_id = run_id.map(|text| run(text).ok_or_else(|| foreign("run_id"))).transpose()?;
        let project = |text| {
            ProjectId::parse(text).filter(|project| project.organization() == *organization_id)
        };
        let project_id = project_id
            .map(|text| project(text).ok_or_else(|| foreign("project_id")))
            .transpose()?;
        Ok(Self { key, credits, description: description.to_owned(), run_id, project_id })
    }

    fn source(&self) -> EntrySource {
        EntrySource::Usage(self.key.clone())
    }
}

/// The result of a debit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Charged)]
pub struct DebitResult {
    /// The ledger entry that the debit added.
    pub transaction: TransactionView,
    /// The balance afterwards, with up to six decimal places.
    #[schema(value_type = f64, example = 999.996)]
    pub balance: Credits,
}

impl From<&LedgerEntry> for DebitResult {
    fn from(entry: &LedgerEntry) -> Self {
        Self { transaction: TransactionView::from(entry), balance: entry.balance_after }
    }
}

/// Spends credits, of the quota first, once per key. Concurrent debits of one organization are
/// retried for half a second, and then by the caller, so that one organization does not take the workers of others.
///
/// # Errors
/// - `InsufficientCredits` if the balance is too low. Nothing is spent, and the key can be used again.
/// - `IdempotencyConflict` if the key was used for a different debit.
/// - `KeyRequired` if a member calls with a session or a personal token.
/// - `NoAccess` if the caller does not belong to the organization, `NotFound` if the organization does not exist.
/// - `Contention` if concurrent debits kept interfering. Nothing is spent.
pub async fn spend_credits(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    debit: &Debit,
) -> Result<Replayable<DebitResult>> {
    let read = || read(ctx, caller, organization_id, debit);
    let state = read().await?;
    // The first debit of a new period asks Stripe, if its webhook has not arrived yet.
    let renewed = renew_if_due(ctx, stripe, &state.billing).await;
    let state = if renewed.is_some() { read().await? } else { state };
    retry_from_within(ctx, RetryLimits::BRIEF, state, read, |state| attempt(ctx, debit, state))
        .await
}

/// The state that a debit is decided on.
struct DebitState {
    authorized: Authorized,
    billing: BillingState,
    /// The guard of an earlier debit with the same key, if there was one.
    earlier: Option<EntryGuard>,
}

async fn read(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    debit: &Debit,
) -> Result<DebitState> {
    let guard = keys::entry_guard(organization_id, &debit.source().to_string());
    let also =
        [keys::stripe_account(organization_id), keys::balance(organization_id), guard.clone()];
    let (authorized, found) = authorize_key(ctx, caller, organization_id, &also).await?;
    let billing = BillingState::from_found(organization_id, &found)?;
    Ok(DebitState { authorized, billing, earlier: found.read(&guard)? })
}

async fn attempt(
    ctx: &Context,
    debit: &Debit,
    state: DebitState,
) -> Attempt<Replayable<DebitResult>> {
    let DebitState { authorized, billing, earlier } = state;
    if let Some(earlier) = earlier {
        return Ok(replay(ctx, debit, earlier).await?);
    }
    let balance = billing.balance;
    let Some((quota, topups)) = balance.split(debit.credits) else {
        // The balance and the guard of this debit are not read at one moment. An earlier copy of the
        // request may have spent the credits between the reads.
        let guard = keys::entry_guard(&authorized.organization.id, &debit.source().to_string());
        return match ctx.table.get::<EntryGuard>(&guard).await? {
            Some(earlier) => Ok(replay(ctx, debit, earlier).await?),
            None => Err(Error::InsufficientCredits.into()),
        };
    };
    let before = balance.clone();
    let mut update = balance.begin_update();
    let posting = Posting {
        kind: EntryKind::Usage,
        quota: quota.negated(),
        topups: topups.negated(),
        source: debit.source(),
        description: debit.description.clone(),
        run_id: debit.run_id.clone(),
        project_id: debit.project_id.clone(),
    };
    let result = DebitResult::from(update.post(ctx, posting)?);
    let mut tx = ctx.table.transaction();
    enqueue_usage_alert(ctx, &mut tx, &before, &mut update.balance)?;
    update.store(&mut tx)?;
    authorized.recheck(&mut tx)?;
    authorized.organization.require_exists(&mut tx)?;
    let period = UsagePeriod::current(&billing.account, ctx.now());
    for counted in PeriodUsage::count(&period, ctx.now(), debit.credits, 0)? {
        tx.update(counted, AttemptError::Conflict)?;
    }
    tx.commit(Log::Nothing("the ledger is the log of spent credits")).await?;
    Ok(Replayable::new(result))
}

/// Returns the result of an earlier debit with the same key.
///
/// # Errors
/// `IdempotencyConflict` if the earlier debit was a different one.
async fn replay(
    ctx: &Context,
    debit: &Debit,
    earlier: EntryGuard,
) -> Result<Replayable<DebitResult>> {
    let entry = earlier.read_entry(ctx).await?;
    let Debit { key: _, credits, description, run_id, project_id } = debit;
    let is_same = entry.credits() == credits.negated()
        && entry.description == *description
        && entry.run_id == *run_id
        && entry.project_id == *project_id;
    if !is_same {
        return Err(Error::IdempotencyConflict);
    }
    Ok(Replayable { response: DebitResult::from(&entry), replayed: true })
}
