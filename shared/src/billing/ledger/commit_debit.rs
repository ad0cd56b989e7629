//! Commits a debit by one update of the balance.

use super::balance::Balance;
use super::debit_key::DebitKey;
use super::pending_debit::DebitedCredits;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Update};
use crate::error::Result;

/// How a debit is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebitPlan {
    /// By one update of the balance, while `reserve` credits of this kind are left after it.
    Update {
        /// The credits that it is paid with.
        from: DebitedCredits,
        /// The number of credits that must be left, so that no usage alert is due.
        reserve: Credits,
    },
    /// By a transaction, because more than the balance changes: it is the first entry of a day or a period, a usage alert
    /// is due, or both kinds of credits are needed.
    Transaction,
}

impl Balance {
    /// Decides how a debit of `amount` is committed in the usage period `period`. `None` if there are not enough credits.
    ///
    /// `next_alert` is the lowest percentage of the used quota at which an alert is due.
    pub fn plan_debit(
        &self,
        amount: Credits,
        now: Timestamp,
        period: &str,
        next_alert: Option<u8>,
    ) -> Option<DebitPlan> {
        let (from_quota, from_topups) = self.split(amount)?;
        let none = Credits::default();
        if self.moved_on != now.day() || self.spent_period != period || self.topups < none {
            return Some(DebitPlan::Transaction);
        }
        let (from, left, reserve) = if from_topups == none {
            (DebitedCredits::Quota, self.quota.minus(amount), self.quota_before_alert(next_alert))
        } else if from_quota == none {
            // Without a quota left, only the alert for the last credit can be due.
            let reserve = match next_alert.filter(|_| self.quota_granted() > none) {
                Some(100) => Credits::from_micros(1),
                Some(_) => return Some(DebitPlan::Transaction),
                None => none,
            };
            (DebitedCredits::Topups, self.topups.minus(amount), reserve)
        } else {
            return Some(DebitPlan::Transaction);
        };
        Some(if left < reserve {
            DebitPlan::Transaction
        } else {
            DebitPlan::Update { from, reserve }
        })
    }

    /// Returns the least rest of the quota with which less than `percent` of it is used.
    fn quota_before_alert(&self, percent: Option<u8>) -> Credits {
        let granted = i128::from(self.quota_granted().micros());
        let Some(percent) = percent.filter(|_| granted > 0) else { return Credits::default() };
        let used_up = granted * (100 - i128::from(percent.min(100))) / 100;
        Credits::from_micros(i64::try_from(used_up + 1).unwrap_or(i64::MAX))
    }

    /// Commits a debit by an update of the balance, in one round trip. Returns the balance after it; `None` if the
    /// balance does not allow it, or the debit is committed already.
    ///
    /// Must be called only after the guard of the debit was seen without an entry, later than `self` was read. Then no
    /// debit is committed twice, however often and late this update is sent:
    ///
    /// - A commit before `self` was read is in `self.recent_debits`, where the caller found none. It could only have been
    ///   removed after the entry was written to the guard.
    /// - A commit since then has a number above `self.entries`. It is still in `recent_debits`, or it was removed, and
    ///   `forgotten_debits` is above `self.entries`.
    ///
    /// # Errors
    /// `Conflict` if a transaction is changing the balance; `Unavailable` if DynamoDB cannot be reached.
    pub async fn commit_debit(
        &self,
        ctx: &Context,
        key: &DebitKey,
        amount: Credits,
        from: DebitedCredits,
        reserve: Credits,
    ) -> Attempt<Option<Self>> {
        let conditions = self.conditions(ctx.now(), key, amount, from, reserve)?;
        let attribute = match from {
            DebitedCredits::Quota => "quota_micros",
            DebitedCredits::Topups => "topups_micros",
        };
        let update = Update::new(self.key())
            .add(attribute, amount.negated().micros())
            .add("spent_micros", amount.micros())
            .add("entries", 1)
            .set_member_to_sum("recent_debits", key.as_str(), "entries", 1)
            .only_if(Condition::All(conditions));
        ctx.table.update(update).await
    }

    fn conditions(
        &self,
        now: Timestamp,
        key: &DebitKey,
        amount: Credits,
        from: DebitedCredits,
        reserve: Credits,
    ) -> Result<Vec<Condition>> {
        let needed = amount.plus(reserve).micros();
        let (quota, topups) = match from {
            DebitedCredits::Quota => (
                Condition::at_least("quota_micros", needed)?,
                Condition::at_least("topups_micros", 0)?,
            ),
            DebitedCredits::Topups => {
                (Condition::equal("quota_micros", 0)?, Condition::at_least("topups_micros", needed)?)
            }
        };
        Ok(vec![
            Condition::MissingMember("recent_debits", key.as_str().to_owned()),
            Condition::at_most("forgotten_debits", self.entries)?,
            Condition::equal("moved_on", now.day())?,
            Condition::equal("spent_period", &self.spent_period)?,
            quota,
            topups,
            Condition::Missing("closed_at"),
            Condition::Any(vec![
                Condition::Missing("paused_until"),
                Condition::at_most("paused_until", now)?,
            ]),
        ])
    }

    /// Checks that debits are possible now.
    ///
    /// # Errors
    /// `Conflict` while another change of the ledger makes them wait, or if the organization is deleted, which the
    /// next attempt finds.
    pub fn require_debits_allowed(&self, now: Timestamp) -> Attempt<()> {
        let is_paused = self.paused_until.is_some_and(|until| now < until);
        if is_paused || self.closed_at.is_some() { Err(AttemptError::Conflict) } else { Ok(()) }
    }
}
