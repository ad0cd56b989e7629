//! Spends credits.

use serde::Serialize;
use utoipa::ToSchema;

use super::ALERTS;
use super::account::Books;
use super::ledger::{Balance, Cause, CauseGuard, Entry, Kind, Posting, TransactionView};
use super::renew::renew_if_due;
use super::usage::MonthlyUsage;
use crate::activity::Log;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::dynamo::{Tx, retry_from};
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::ids::{OrganizationId, ProjectId, RunId};
use crate::keys;
use crate::organizations::authorize::{Authorized, authorize_key};
use crate::stripe::Stripe;
use crate::work::Job;

/// The maximum number of credits per charge. Runs cost far less, so a larger amount is a mistake.
pub const MAX_CREDITS: Credits = Credits::whole(1_000_000);

/// The maximum length of a description, in characters.
pub const MAX_DESCRIPTION_LEN: usize = 500;

/// A charge: credits to spend, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The charge's idempotency key. Charging again with the same key never spends credits twice.
    pub key: String,
    /// The number of credits, more than 0 and at most [`MAX_CREDITS`].
    pub credits: Credits,
    /// The text for the ledger.
    pub description: String,
    /// The run that spends the credits.
    pub run_id: Option<RunId>,
    /// The project that spends the credits.
    pub project_id: Option<ProjectId>,
}

/// Parameters for a charge, as a request states them.
#[derive(Clone, Debug)]
pub struct ChargeParams<'a> {
    /// The charge's idempotency key.
    pub key: String,
    /// The number of credits to spend.
    pub credits: Credits,
    /// The text for the ledger.
    pub description: &'a str,
    /// The id of the run that spends the credits.
    pub run_id: Option<&'a str>,
    /// The id of the project that spends the credits.
    pub project_id: Option<&'a str>,
}

impl Charge {
    /// Parses a request. Runs and projects must belong to the organization, but need not exist anymore.
    ///
    /// # Errors
    /// - `Missing` if the description is blank.
    /// - `InvalidField` if a field breaks its rule.
    pub fn parse(organization_id: &OrganizationId, params: ChargeParams<'_>) -> Result<Self> {
        let ChargeParams { key, credits, description, run_id, project_id } = params;
        if credits <= Credits::default() || credits > MAX_CREDITS {
            let why = format!("must be more than 0, and at most {MAX_CREDITS}");
            return Err(Error::invalid_field("credits", why));
        }
        let description = description.trim();
        if description.is_empty() {
            return Err(Error::missing("description"));
        }
        if description.chars().count() > MAX_DESCRIPTION_LEN
            || description.chars().any(char::is_control)
        {
            let why = format!("one line of at most {MAX_DESCRIPTION_LEN} characters");
            return Err(Error::invalid_field("description", why));
        }
        let none = |field| Error::invalid_field(field, "is none of this organization's");
        let run = |text| RunId::parse(text).filter(|run| run.client() == *organization_id);
        let run_id = run_id.map(|text| run(text).ok_or_else(|| none("run_id"))).transpose()?;
        let project =
            |text| ProjectId::parse(text).filter(|project| project.client() == *organization_id);
        let project_id =
            project_id.map(|text| project(text).ok_or_else(|| none("project_id"))).transpose()?;
        Ok(Self { key, credits, description: description.to_owned(), run_id, project_id })
    }

    fn cause(&self) -> Cause {
        Cause::Usage(self.key.clone())
    }
}

/// The result of a charge.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Charged)]
pub struct Charged {
    /// Entry in the ledger.
    transaction: TransactionView,
    /// Balance after the charge, with up to six decimal places.
    #[schema(value_type = f64, example = 999.996)]
    balance: Credits,
}

impl From<&Entry> for Charged {
    fn from(entry: &Entry) -> Self {
        Self { transaction: TransactionView::from(entry), balance: entry.balance_after }
    }
}

/// Spends credits, those of the quota first. Each key takes effect once, without a time limit.
///
/// # Errors
/// - `InsufficientCredits` if the balance is too low. Nothing is spent, and the same key can be tried again.
/// - `IdempotencyConflict` if the key was used for a different charge.
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not one of its API keys.
/// - `Conflict` if too many concurrent charges interfered for some seconds. Nothing is spent.
pub async fn charge(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    charge: &Charge,
) -> Result<Replayable<Charged>> {
    let read = || read(ctx, caller, organization_id, charge);
    let state = read().await?;
    // The first charge of a new period asks Stripe, if its webhook has not arrived yet.
    let renewed = renew_if_due(ctx, stripe, &state.books).await;
    let state = if renewed.is_some() { read().await? } else { state };
    retry_from(ctx, state, read, |state| attempt(ctx, charge, state)).await
}

/// The state that a charge is decided on.
struct ChargeState {
    authorized: Authorized,
    books: Books,
    /// The guard of an earlier charge with the same key, if there was one.
    earlier: Option<CauseGuard>,
}

async fn read(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    charge: &Charge,
) -> Result<ChargeState> {
    let guard = keys::cause(organization_id, &charge.cause().to_string());
    let also = [keys::billing(organization_id), keys::balance(organization_id), guard.clone()];
    let (authorized, found) = authorize_key(ctx, caller, organization_id, &also).await?;
    let books = Books::of(organization_id, &found)?;
    Ok(ChargeState { authorized, books, earlier: found.read(&guard)? })
}

async fn attempt(
    ctx: &Context,
    charge: &Charge,
    state: ChargeState,
) -> Result<Replayable<Charged>> {
    let ChargeState { authorized, books, earlier } = state;
    if let Some(earlier) = earlier {
        return replay(ctx, charge, earlier).await;
    }
    let balance = books.balance;
    let Some((quota, topups)) = balance.take(charge.credits) else {
        // The balance and the guard of this charge are not read at one moment. An earlier copy of the
        // request may have spent the credits between the reads.
        let guard = keys::cause(&authorized.organization.id, &charge.cause().to_string());
        return match ctx.table.get::<CauseGuard>(&guard).await? {
            Some(earlier) => replay(ctx, charge, earlier).await,
            None => Err(Error::InsufficientCredits),
        };
    };
    let before = balance.clone();
    let mut posted = balance.begin();
    let posting = Posting {
        kind: Kind::Usage,
        quota: quota.negated(),
        topups: topups.negated(),
        cause: charge.cause(),
        description: charge.description.clone(),
        run_id: charge.run_id.clone(),
        project_id: charge.project_id.clone(),
    };
    let charged = Charged::from(posted.enter(ctx, posting)?);
    let mut tx = ctx.table.transaction();
    alert(ctx, &mut tx, &before, &mut posted.balance)?;
    posted.store(&mut tx)?;
    authorized.recheck(&mut tx)?;
    authorized.organization.require_exists(&mut tx)?;
    let used = MonthlyUsage::count(&authorized.organization.id, ctx.now(), charge.credits, 0)?;
    tx.update(used, Error::Conflict)?;
    tx.commit(Log::Nothing("the ledger is the log of what is spent")).await?;
    Ok(Replayable::new(charged))
}

/// Returns the response to an earlier charge with the same key.
///
/// # Errors
/// `IdempotencyConflict` if the earlier charge was a different one.
async fn replay(
    ctx: &Context,
    charge: &Charge,
    earlier: CauseGuard,
) -> Result<Replayable<Charged>> {
    let entry = earlier.read_entry(ctx).await?;
    let Charge { key: _, credits, description, run_id, project_id } = charge;
    let is_same = entry.credits() == credits.negated()
        && entry.description == *description
        && entry.run_id == *run_id
        && entry.project_id == *project_id;
    if !is_same {
        return Err(Error::IdempotencyConflict);
    }
    Ok(Replayable { response: Charged::from(&entry), replayed: true })
}

/// Enqueues a notification if the charge takes the used share of the quota past one of [`ALERTS`]. Each grant
/// of a quota notifies of each threshold at most once, and of the highest only if several are passed.
fn alert(ctx: &Context, tx: &mut Tx<'_>, before: &Balance, after: &mut Balance) -> Result<()> {
    let Some(granted) = &before.granted else { return Ok(()) };
    let used = after.percent_used();
    let passed = ALERTS.into_iter().filter(|alert| *alert <= used).max();
    let Some(percent) = passed.filter(|percent| *percent > before.alerted) else {
        return Ok(());
    };
    after.alerted = percent;
    let job = Job::NotifyUsage {
        client_id: before.client_id.clone(),
        percent,
        grant: granted.entry,
        at: ctx.now(),
        after: None,
    };
    job.enqueue(tx)
}
