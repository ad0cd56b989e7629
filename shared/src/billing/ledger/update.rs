//! Posts entries to a ledger.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::balance::{Balance, BillingPeriod, GrantedQuota};
use super::debit_key::DebitKey;
use super::entry::{EntryKind, LedgerEntry};
use super::guard::EntryGuard;
use super::source::EntrySource;
use crate::billing::period_usage::PeriodUsage;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId, RunId, TransactionId};
use crate::keys;
use crate::stripe::StripeId;

/// Parameters of a ledger entry.
#[derive(Clone, Debug)]
pub struct Posting {
    /// Why the balance changes, such as a purchase.
    pub kind: EntryKind,
    /// The change of the quota.
    pub quota: Credits,
    /// The change of the top-up credits.
    pub topups: Credits,
    /// The source, under which the entry is posted once.
    pub source: EntrySource,
    /// A description for people.
    pub description: String,
    /// The run that spends the credits.
    pub run_id: Option<RunId>,
    /// The project that spends the credits.
    pub project_id: Option<ProjectId>,
}

/// A balance with entries that are not written yet.
#[derive(Clone, Debug)]
pub struct LedgerUpdate {
    before: ReadState,
    /// The balance after the entries.
    pub balance: Balance,
    entries: Vec<LedgerEntry>,
    /// The key of the debit among the entries.
    debit: Option<DebitKey>,
}

/// What an update replaces in the balance, as it was read.
#[derive(Clone, Debug)]
struct ReadState {
    entries: u64,
    day: String,
    spent: Credits,
    spent_period: String,
    granted: Option<GrantedQuota>,
}

/// Records that a ledger changed on a day. The daily audit checks these ledgers.
#[derive(Serialize, Deserialize)]
pub struct ChangedLedger {
    /// The day (UTC, `yyyymmdd`).
    pub day: String,
    /// The organization whose ledger changed.
    pub client_id: OrganizationId,
    expires_at: Timestamp,
}

/// How long a record of a changed ledger is kept.
pub const CHANGED_LEDGER_TTL: Duration = Duration::from_secs(35 * 24 * 60 * 60);

impl Record for ChangedLedger {
    fn key(&self) -> Key {
        keys::changed_ledger(&self.day, &self.client_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Posting {
    /// Creates an entry that changes only the quota.
    pub fn quota(kind: EntryKind, amount: Credits, source: EntrySource, description: &str) -> Self {
        Self {
            kind,
            quota: amount,
            topups: Credits::default(),
            source,
            description: description.to_owned(),
            run_id: None,
            project_id: None,
        }
    }

    /// Creates an entry that changes only the top-up credits.
    pub fn topups(
        kind: EntryKind,
        amount: Credits,
        source: EntrySource,
        description: &str,
    ) -> Self {
        Self {
            quota: Credits::default(),
            topups: amount,
            ..Self::quota(kind, amount, source, description)
        }
    }
}

impl Balance {
    /// Starts an update of the ledger.
    pub fn begin_update(self) -> LedgerUpdate {
        let before = ReadState {
            entries: self.entries,
            day: self.moved_on.clone(),
            spent: self.spent,
            spent_period: self.spent_period.clone(),
            granted: self.granted.clone(),
        };
        LedgerUpdate { before, balance: self, entries: Vec::new(), debit: None }
    }
}

impl LedgerUpdate {
    /// Posts an entry and returns it.
    ///
    /// # Errors
    /// `Internal` if the balance overflows.
    pub fn post(&mut self, ctx: &Context, posting: Posting) -> Result<&LedgerEntry> {
        let overflow = || Error::internal("a balance beyond all amounts");
        let quota = self.balance.quota.checked_add(posting.quota).ok_or_else(overflow)?;
        let topups = self.balance.topups.checked_add(posting.topups).ok_or_else(overflow)?;
        let balance_after = quota.checked_add(topups).ok_or_else(overflow)?;
        let number = self.balance.entries + 1;
        let now = ctx.now();
        self.balance.quota = quota;
        self.balance.topups = topups;
        self.balance.entries = number;
        // A deleted organization has no counters. What was spent on its last day stays in the balance.
        if self.balance.moved_on != now.day() && self.balance.closed_at.is_none() {
            // What was spent on the day before goes into the counters with this update.
            self.balance.moved_on = now.day();
            self.balance.spent = Credits::default();
        }
        self.entries.push(LedgerEntry {
            id: TransactionId::generate(&*ctx.random),
            client_id: self.balance.client_id.clone(),
            number,
            kind: posting.kind,
            quota: posting.quota,
            topups: posting.topups,
            balance_after,
            description: posting.description,
            cause: posting.source.to_string(),
            run_id: posting.run_id,
            project_id: posting.project_id,
            created_at: now,
        });
        self.entries.last().ok_or_else(|| Error::internal("an entry that was just pushed is gone"))
    }

    /// Posts the entry of a debit in the usage period `period`, and returns it.
    ///
    /// # Errors
    /// `Internal` if the balance overflows.
    pub fn post_debit(
        &mut self,
        ctx: &Context,
        key: &DebitKey,
        period: &str,
        posting: Posting,
    ) -> Result<&LedgerEntry> {
        let spent = posting.quota.plus(posting.topups).negated();
        let number = self.post(ctx, posting)?.number;
        if self.balance.spent_period != period {
            period.clone_into(&mut self.balance.spent_period);
            self.balance.spent = Credits::default();
        }
        self.balance.spent = self.balance.spent.plus(spent);
        self.balance.recent_debits.insert(key.as_str().to_owned(), number);
        self.debit = Some(key.clone());
        self.entries.last().ok_or_else(|| Error::internal("an entry that was just pushed is gone"))
    }

    /// Ends the quota and removes what is left of it. The free credits of an account are granted once, so what is left
    /// of them stays as top-up credits.
    ///
    /// # Errors
    /// `Internal` if the balance overflows.
    pub fn end_quota(&mut self, ctx: &Context) -> Result<()> {
        let left = self.balance.quota;
        if left != Credits::default() {
            let source = EntrySource::UnusedQuota(self.balance.entries);
            let kind = EntryKind::Adjustment;
            let is_free = self.balance.granted.as_ref().is_some_and(|quota| quota.period.is_none());
            let posting = if is_free {
                let description = "Free credits kept as top-up credits";
                Posting {
                    topups: left,
                    ..Posting::quota(kind, left.negated(), source, description)
                }
            } else {
                Posting::quota(kind, left.negated(), source, "Unused quota")
            };
            self.post(ctx, posting)?;
        }
        self.balance.granted = None;
        self.balance.alerted = 0;
        Ok(())
    }

    /// Grants a quota that replaces the former one. Unused credits do not carry over.
    ///
    /// # Errors
    /// `Internal` if the balance overflows.
    pub fn grant_quota(
        &mut self,
        ctx: &Context,
        credits: Credits,
        period: Option<BillingPeriod>,
        description: &str,
    ) -> Result<()> {
        self.end_quota(ctx)?;
        let source = period.clone().map_or(EntrySource::Free, EntrySource::Period);
        let posting = Posting::quota(EntryKind::QuotaGrant, credits, source, description);
        let entry = self.post(ctx, posting)?.number;
        self.balance.granted = Some(GrantedQuota::new(credits, entry, period));
        self.pay_debt(ctx)
    }

    /// Adds credits to the current quota for an upgrade within its period, which the invoice `invoice` paid.
    ///
    /// # Errors
    /// `Internal` if the balance overflows.
    pub fn raise_quota(
        &mut self,
        ctx: &Context,
        credits: Credits,
        invoice: &StripeId,
        description: &str,
    ) -> Result<()> {
        let source = EntrySource::PlanChange(invoice.clone());
        let posting = Posting::quota(EntryKind::QuotaGrant, credits, source, description);
        let entry = self.post(ctx, posting)?.number;
        self.balance.alerted = 0;
        if let Some(granted) = &mut self.balance.granted {
            granted.raised = Some(entry);
            let raised = granted.credits.checked_add(credits);
            granted.credits =
                raised.ok_or_else(|| Error::internal("a quota beyond all amounts"))?;
        }
        self.pay_debt(ctx)
    }

    /// Pays a debt, which is a negative number of top-up credits, with the quota as far as it goes. The entry changes
    /// no total. Without it the debt would be taken from each quota anew, because a quota ends with its period.
    ///
    /// # Errors
    /// `Internal` if the balance overflows.
    pub fn pay_debt(&mut self, ctx: &Context) -> Result<()> {
        let none = Credits::default();
        let paid = self.balance.topups.min(none).negated().min(self.balance.quota.max(none));
        if paid == none {
            return Ok(());
        }
        let source = EntrySource::DebtPaid(self.balance.entries);
        let posting = Posting {
            topups: paid,
            ..Posting::quota(EntryKind::Adjustment, paid.negated(), source, "Debt paid")
        };
        self.post(ctx, posting).map(|_| ())
    }

    /// Adds balance, entries and guards to `tx`, and ends a pause of debits. The transaction conflicts if the ledger
    /// has changed since it was read, or if a source is posted already; for a debit also if it is committed already, or
    /// the organization is deleted.
    ///
    /// # Errors
    /// `Internal` if an item cannot be encoded.
    pub fn store(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.store_balance(tx)?;
        for entry in &self.entries {
            tx.put(entry, Condition::Absent, AttemptError::Conflict)?;
            let guard = EntryGuard {
                client_id: entry.client_id.clone(),
                cause: entry.cause.clone(),
                entry: Some(entry.number),
                debit: None,
            };
            // The guard of a debit may have been written without a number.
            tx.put(&guard, Condition::Missing("entry"), AttemptError::Conflict)?;
        }
        self.count_spent_credits(tx)?;
        if let Some(last) = self.entries.last()
            && (self.balance.moved_on != self.before.day || self.balance.closed_at.is_some())
        {
            let changed = ChangedLedger {
                day: last.created_at.day(),
                client_id: last.client_id.clone(),
                expires_at: last.created_at.plus(CHANGED_LEDGER_TTL),
            };
            // The record may exist already, because clocks of two machines may disagree about the day.
            let any = Condition::Any(vec![Condition::Absent, Condition::Exists]);
            tx.put(&changed, any, AttemptError::Conflict)?;
        }
        Ok(())
    }

    fn store_balance(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.before.entries == 0 {
            return tx.put(&self.balance, Condition::Absent, AttemptError::Conflict);
        }
        // Not the whole item, because the list of recent debits can become shorter without a new entry.
        let balance = &self.balance;
        let mut update = Update::new(balance.key())
            .set("quota_micros", balance.quota.micros())?
            .set("topups_micros", balance.topups.micros())?
            .set("entries", balance.entries)?
            .set("alerted", balance.alerted)?
            .set("moved_on", &balance.moved_on)?
            .set("spent_micros", balance.spent.micros())?
            .set("spent_period", &balance.spent_period)?;
        // The end of a quota without credits has no entry.
        let mut conditions = vec![
            Condition::equal("entries", self.before.entries)?,
            Balance::has_granted(self.before.granted.as_ref())?,
        ];
        update = match &balance.granted {
            Some(granted) => update.set("granted", granted)?,
            None => update.remove("granted"),
        };
        update = match &self.debit {
            Some(_) if balance.recent_debits.len() == 1 => {
                update.set("recent_debits", &balance.recent_debits)?
            }
            Some(key) => {
                let number = balance.recent_debits.get(key.as_str());
                update.set_member("recent_debits", key.as_str(), number)?
            }
            None => update.remove("paused_until"),
        };
        if let Some(key) = &self.debit {
            // An earlier call may have committed the debit before the balance was read, and not yet numbered its guard.
            let key = key.as_str().to_owned();
            conditions.push(Condition::MissingMember("recent_debits", key));
        }
        if self.debit.is_some() || self.is_counting() {
            conditions.push(Condition::Missing("closed_at"));
        }
        tx.update(update.only_if(Condition::All(conditions)), AttemptError::Conflict)
    }

    /// Returns whether the update begins another day or period, after credits were spent in the one before.
    fn is_counting(&self) -> bool {
        let ReadState { day, spent, spent_period, .. } = &self.before;
        let balance = &self.balance;
        let is_same = balance.moved_on == *day && balance.spent_period == *spent_period;
        !is_same && *spent != Credits::default()
    }

    /// Adds these credits to the counters, in `tx`.
    fn count_spent_credits(&self, tx: &mut Tx<'_>) -> Result<()> {
        if !self.is_counting() {
            return Ok(());
        }
        let ReadState { day, spent, spent_period, .. } = &self.before;
        let client_id = &self.balance.client_id;
        for counted in PeriodUsage::count_spent(client_id, spent_period, day, *spent)? {
            tx.update(counted, AttemptError::Conflict)?;
        }
        Ok(())
    }

    /// Returns the posted entries.
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }
}
