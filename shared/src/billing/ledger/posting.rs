//! Writing entries.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::balance::{Balance, Period, Quota};
use super::cause::{Cause, CauseGuard};
use super::entry::{Entry, Kind};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId, RunId, TransactionId};
use crate::keys;

/// A change that is to be entered.
#[derive(Clone, Debug)]
pub struct Posting {
    /// What kind.
    pub kind: Kind,
    /// By how much the quota changes.
    pub quota: Credits,
    /// By how much what was bought changes.
    pub topups: Credits,
    /// What for.
    pub cause: Cause,
    /// What for, in words.
    pub description: String,
    /// Which run spends it.
    pub run_id: Option<RunId>,
    /// Which project spends it.
    pub project_id: Option<ProjectId>,
}

/// A ledger with changes that aren't written yet.
#[derive(Clone, Debug)]
pub struct Posted {
    before: u64,
    before_day: String,
    /// What there is afterwards.
    pub balance: Balance,
    entries: Vec<Entry>,
}

/// Says that a ledger was written to on a day: those are the ones that are checked after it.
#[derive(Serialize, Deserialize)]
pub struct Moved {
    /// The day.
    pub day: String,
    /// Whose ledger.
    pub client_id: OrganizationId,
    /// After some weeks nobody asks any more.
    expires_at: Timestamp,
}

/// How long it is known which ledgers were written to on a day.
const MOVED_KEPT: Duration = Duration::from_secs(35 * 24 * 60 * 60);

impl Record for Moved {
    fn key(&self) -> Key {
        keys::moved(&self.day, &self.client_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Posting {
    /// A change of the quota alone.
    pub fn of_quota(kind: Kind, amount: Credits, cause: Cause, description: &str) -> Self {
        Self {
            kind,
            quota: amount,
            topups: Credits::default(),
            cause,
            description: description.to_owned(),
            run_id: None,
            project_id: None,
        }
    }

    /// A change of what was bought alone.
    pub fn of_topups(kind: Kind, amount: Credits, cause: Cause, description: &str) -> Self {
        Self {
            quota: Credits::default(),
            topups: amount,
            ..Self::of_quota(kind, amount, cause, description)
        }
    }
}

impl Balance {
    /// Begins to enter changes.
    pub fn begin(self) -> Posted {
        let (before, before_day) = (self.entries, self.moved_on.clone());
        Posted { before, before_day, balance: self, entries: Vec::new() }
    }
}

impl Posted {
    /// Enters a change; returns the entry. [`Error::Internal`] of amounts that nobody has.
    pub fn enter(&mut self, ctx: &Context, posting: Posting) -> Result<&Entry> {
        let overflow = || Error::internal("a balance beyond all amounts");
        let quota = self.balance.quota.checked_add(posting.quota).ok_or_else(overflow)?;
        let topups = self.balance.topups.checked_add(posting.topups).ok_or_else(overflow)?;
        let balance_after = quota.checked_add(topups).ok_or_else(overflow)?;
        let number = self.balance.entries + 1;
        let now = ctx.now();
        self.balance.quota = quota;
        self.balance.topups = topups;
        self.balance.entries = number;
        self.balance.moved_on = now.day();
        self.entries.push(Entry {
            id: TransactionId::generate(&*ctx.random),
            client_id: self.balance.client_id.clone(),
            number,
            kind: posting.kind,
            quota: posting.quota,
            topups: posting.topups,
            balance_after,
            description: posting.description,
            cause: posting.cause.to_string(),
            run_id: posting.run_id,
            project_id: posting.project_id,
            created_at: now,
        });
        self.entries.last().ok_or_else(|| Error::internal("an entry that was just pushed is gone"))
    }

    /// Enters that the quota ends: what is left of it is gone.
    pub fn end_quota(&mut self, ctx: &Context) -> Result<()> {
        let left = self.balance.quota;
        if left != Credits::default() {
            let cause = Cause::Leftover(self.balance.entries);
            let gone = left.negated();
            let posting = Posting::of_quota(Kind::Adjustment, gone, cause, "Unused quota");
            self.enter(ctx, posting)?;
        }
        self.balance.granted = None;
        self.balance.alerted = 0;
        Ok(())
    }

    /// Enters a quota in place of the one before, of which nothing carries over.
    pub fn grant(
        &mut self,
        ctx: &Context,
        credits: Credits,
        period: Option<Period>,
        description: &str,
    ) -> Result<()> {
        self.end_quota(ctx)?;
        let cause = period.clone().map_or(Cause::Free, Cause::Period);
        let posting = Posting::of_quota(Kind::QuotaGrant, credits, cause, description);
        let entry = self.enter(ctx, posting)?.number;
        self.balance.granted = Some(Quota { credits, entry, period });
        Ok(())
    }

    /// Adds all of it to a change: [`Error::Conflict`] where somebody else has entered anything since, or
    /// one of the causes.
    pub fn store(&self, tx: &mut Tx<'_>) -> Result<()> {
        let unchanged = match self.before {
            0 => Condition::Absent,
            before => Condition::equal("entries", before)?,
        };
        tx.put(&self.balance, unchanged, Error::Conflict)?;
        for entry in &self.entries {
            tx.put(entry, Condition::Absent, Error::Conflict)?;
            let guard = CauseGuard {
                client_id: entry.client_id.clone(),
                cause: entry.cause.clone(),
                entry: entry.number,
            };
            tx.put(&guard, Condition::Absent, Error::Conflict)?;
        }
        if let Some(last) = self.entries.last()
            && self.balance.moved_on != self.before_day
        {
            let moved = Moved {
                day: self.balance.moved_on.clone(),
                client_id: last.client_id.clone(),
                expires_at: last.created_at.plus(MOVED_KEPT),
            };
            // Clocks of two machines may disagree about the day: the row may be there.
            let any = Condition::Any(vec![Condition::Absent, Condition::Exists]);
            tx.put(&moved, any, Error::Conflict)?;
        }
        Ok(())
    }

    /// What was entered.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
