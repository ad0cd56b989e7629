//! Commits a debit by one update of the balance.

use super::balance::Balance;
use super::debit_key::DebitKey;
use super::pending_debit::DebitedCredits;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Update};
use crate::error::Result;

/// A debit to commit by an update of the balance.
#[derive(Clone, Copy, Debug)]
pub struct BalanceDebit<'a> {
    /// Idempotency key of the debit.
    pub key: &'a DebitKey,
    /// The number of credits.
    pub amount: Credits,
    /// The credits that it is paid with.
    pub from: DebitedCredits,
    /// The number of credits of this kind that must be left.
    pub reserve: Credits,
}

/// How a debit is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitMethod {
    /// One update of the balance commits it, while `reserve` credits of this kind are left after it.
    Update {
        /// The credits that it is paid with.
        from: DebitedCredits,
        /// The number of credits that must be left, so that no usage alert is due.
        reserve: Credits,
    },
    /// A transaction commits it, because more than the balance changes: it is the first entry of a day or a period, a
    /// usage alert is due, or both kinds of credits are needed.
    Transaction,
}

impl Balance {
    /// Decides how a debit of `amount` is committed in the usage period `period`. `None` if there are not enough
    /// credits.
    ///
    /// `next_alert` is the lowest percentage of the used quota at which an alert is due.
    pub fn commit_method(
        &self,
        amount: Credits,
        now: Timestamp,
        period: &str,
        next_alert: Option<u8>,
    ) -> Option<CommitMethod> {
        let (from_quota, from_topups) = self.split(amount)?;
        let none = Credits::default();
        if self.moved_on != now.day() || self.spent_period != period || self.topups < none {
            return Some(CommitMethod::Transaction);
        }
        let (from, left, reserve) = if from_topups == none {
            (DebitedCredits::Quota, self.quota.minus(amount), self.quota_before_alert(next_alert))
        } else if from_quota == none {
            // Without a quota left, only the alert for the last credit can be due.
            let reserve = match next_alert.filter(|_| self.quota_granted() > none) {
                Some(100) => Credits::from_micros(1),
                Some(_) => return Some(CommitMethod::Transaction),
                None => none,
            };
            (DebitedCredits::Topups, self.topups.minus(amount), reserve)
        } else {
            return Some(CommitMethod::Transaction);
        };
        Some(if left < reserve {
            CommitMethod::Transaction
        } else {
            CommitMethod::Update { from, reserve }
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
    /// - A commit before `self` was read is in `self.recent_debits`, where the caller found none. It could only have
    ///   been removed after the entry was written to the guard.
    /// - A commit since then has a number above `self.entries`. It is still in `recent_debits`, or it was removed, and
    ///   `highest_removed_debit` is above `self.entries`.
    ///
    /// # Errors
    /// `Conflict` if a transaction is changing the balance; `Unavailable` if DynamoDB cannot be reached.
    pub async fn commit_debit(
        &self,
        ctx: &Context,
        debit: &BalanceDebit<'_>,
    ) -> Attempt<Option<Self>> {
        let conditions = self.conditions(ctx.now(), debit)?;
        let BalanceDebit { key, amount, from, .. } = *debit;
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

    fn conditions(&self, now: Timestamp, debit: &BalanceDebit<'_>) -> Result<Vec<Condition>> {
        let BalanceDebit { key, amount, from, reserve } = *debit;
        let needed = amount.plus(reserve).micros();
        let (quota, topups) = match from {
            DebitedCredits::Quota => (
                Condition::at_least("quota_micros", needed)?,
                Condition::at_least("topups_micros", 0)?,
            ),
            DebitedCredits::Topups => (
                Condition::equal("quota_micros", 0)?,
                Condition::at_least("topups_micros", needed)?,
            ),
        };
        Ok(vec![
            Condition::MissingMember("recent_debits", key.as_str().to_owned()),
            Condition::at_most("highest_removed_debit", self.entries)?,
            Self::has_granted(self.granted.as_ref())?,
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

    /// Makes sure that no earlier call commits the debit with the balance that it has read, after the credits have run
    /// out. `self` must have too few of them.
    ///
    /// # Errors
    /// `Conflict` if a transaction is changing the balance; `Unavailable` if DynamoDB cannot be reached.
    pub async fn refuse_earlier_commits(&self, ctx: &Context) -> Attempt<()> {
        let refuse = Update::new(self.key())
            .set("highest_removed_debit", self.entries)?
            .only_if(Condition::less("highest_removed_debit", self.entries)?);
        ctx.table.update::<Self>(refuse).await.map(|_| ())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::ledger::GrantedQuota;
    use crate::ids::OrganizationId;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

    fn balance(quota: i64, topups: i64) -> Balance {
        Balance {
            quota: Credits::from_micros(quota),
            topups: Credits::from_micros(topups),
            granted: Some(GrantedQuota::new(Credits::from_micros(1000), 1, None)),
            entries: 7,
            moved_on: NOW.day(),
            spent_period: "202601".to_owned(),
            ..Balance::empty(&OrganizationId::generate(&SystemRandom))
        }
    }

    fn method(balance: &Balance, amount: i64, next_alert: Option<u8>) -> Option<CommitMethod> {
        balance.commit_method(Credits::from_micros(amount), NOW, "202601", next_alert)
    }

    fn update(from: DebitedCredits, reserve: i64) -> Option<CommitMethod> {
        Some(CommitMethod::Update { from, reserve: Credits::from_micros(reserve) })
    }

    #[test]
    fn one_kind_of_credits_is_an_update() {
        let quota = DebitedCredits::Quota;
        assert_eq!(method(&balance(1000, 0), 799, Some(80)), update(quota, 201));
        assert_eq!(method(&balance(150, 5), 49, Some(90)), update(quota, 101));
        assert_eq!(method(&balance(150, 5), 150, None), update(quota, 0));
        assert_eq!(method(&balance(0, 5), 4, Some(100)), update(DebitedCredits::Topups, 1));
        assert_eq!(method(&balance(0, 5), 5, None), update(DebitedCredits::Topups, 0));
    }

    #[test]
    fn everything_else_is_a_transaction_or_refused() {
        let transaction = Some(CommitMethod::Transaction);
        for (quota, topups, amount, next_alert) in [
            // An alert is due.
            (1000, 0, 800, Some(80)),
            (150, 5, 50, Some(90)),
            (0, 5, 5, Some(100)),
            (0, 5, 1, Some(90)),
            // Both kinds of credits, or a debt.
            (10, 5, 11, None),
            (10, -4, 6, None),
        ] {
            assert_eq!(
                method(&balance(quota, topups), amount, next_alert),
                transaction,
                "{amount}"
            );
        }
        let before = balance(1000, 0);
        let amount = Credits::from_micros(1);
        let another_day = Timestamp::from_seconds(NOW.seconds() + 86_400);
        assert_eq!(before.commit_method(amount, another_day, "202601", None), transaction);
        assert_eq!(before.commit_method(amount, NOW, "202602", None), transaction);
        assert_eq!(method(&before, 1001, None), None);
    }

    proptest! {
        #[test]
        fn no_alert_is_due_after_an_update(quota in 0..=1000_i64, amount in 1..=1000_i64) {
            for alert in [80, 90, 100] {
                let before = balance(quota, 0);
                if let Some(CommitMethod::Update { reserve, .. }) = method(&before, amount, Some(alert)) {
                    let left = quota - amount;
                    prop_assert!(left >= reserve.micros());
                    prop_assert!(balance(left, 0).percent_used() < alert);
                    // One credit less would be too few.
                    prop_assert!(balance(reserve.micros() - 1, 0).percent_used() >= alert);
                }
            }
        }
    }
}
