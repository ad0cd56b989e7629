//! A debit: spent credits, as a request states them and as they are posted.

use serde::Serialize;
use utoipa::ToSchema;

use super::ledger::{
    DebitKey, DebitedCredits, EntryKind, EntrySource, LedgerEntry, PendingDebit, Posting,
    TransactionView,
};
use crate::context::Context;
use crate::credits::Credits;
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId, RunId, TransactionId};

/// The maximum number of credits of one debit. Runs cost far less; a larger amount is a mistake.
pub const MAX_DEBIT_CREDITS: Credits = Credits::whole(1_000_000);

/// The maximum length of a description, in characters.
pub const MAX_DEBIT_DESCRIPTION_LEN: usize = 500;

/// Parameters for spending credits of an organization: from the quota first, then from top-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// The key. A debit with a key that was used before is the same debit, without a time limit.
    pub key: DebitKey,
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
    /// Idempotency key, which makes the debit happen once.
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
    /// Checks the parameters of a request. Run and project must belong to the organization, but need not exist any
    /// more.
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
        let (key, description) = (DebitKey::new(&key), description.to_owned());
        Ok(Self { key, credits, description, run_id, project_id })
    }

    /// Returns the source of the entry.
    pub(super) fn source(&self) -> EntrySource {
        EntrySource::Usage(self.key.clone())
    }

    /// Returns the debit as its guard stores it until it is committed, to be paid with `from`.
    pub(super) fn to_pending(&self, ctx: &Context, from: DebitedCredits) -> PendingDebit {
        PendingDebit {
            id: TransactionId::generate(&*ctx.random),
            from,
            credits: self.credits,
            description: self.description.clone(),
            run_id: self.run_id.clone(),
            project_id: self.project_id.clone(),
            at: ctx.now(),
        }
    }

    /// Makes the ledger entry's parameters, with the parts of the amount that the quota and the top-up credits pay.
    pub(super) fn posting(&self, quota: Credits, topups: Credits) -> Posting {
        Posting {
            kind: EntryKind::Usage,
            quota: quota.negated(),
            topups: topups.negated(),
            source: self.source(),
            description: self.description.clone(),
            run_id: self.run_id.clone(),
            project_id: self.project_id.clone(),
        }
    }

    /// Checks that a pending debit is this one.
    ///
    /// # Errors
    /// `IdempotencyConflict` if the key was used for a different debit.
    pub(super) fn require_pending(&self, pending: &PendingDebit) -> Result<()> {
        let is_same = pending.credits == self.credits
            && pending.description == self.description
            && pending.run_id == self.run_id
            && pending.project_id == self.project_id;
        if is_same { Ok(()) } else { Err(Error::IdempotencyConflict) }
    }

    /// Checks that an entry is that of this debit.
    ///
    /// # Errors
    /// `IdempotencyConflict` if the key was used for a different debit.
    pub(super) fn require_posted(&self, entry: &LedgerEntry) -> Result<()> {
        let is_same = entry.credits() == self.credits.negated()
            && entry.description == self.description
            && entry.run_id == self.run_id
            && entry.project_id == self.project_id;
        if is_same { Ok(()) } else { Err(Error::IdempotencyConflict) }
    }
}

/// The result of a debit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SpentCredits)]
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
