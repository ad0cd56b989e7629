//! A stored payment: how many credits it bought, and how many of them a refund or dispute reverses.

use serde::{Deserialize, Serialize};

use super::ledger::{Balance, EntryKind, EntrySource, Posting};
use crate::credits::Credits;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::StripeId;
use crate::stripe::invoices::StripeInvoice;

/// A payment at Stripe. Written together with the ledger entry of its credits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredPayment {
    /// The id of the payment intent at Stripe.
    pub(super) id: StripeId,
    pub(super) client_id: OrganizationId,
    /// The amount paid, in the currency's smallest unit.
    pub(super) amount: i64,
    /// The number of credits that it bought.
    #[serde(rename = "micros", with = "crate::credits::micros")]
    pub(super) credits: Credits,
    /// The number of the entry that granted a quota; `None` for top-up credits.
    pub(super) grant: Option<u64>,
    /// The part of the amount that was reversed. It never exceeds the amount.
    #[serde(default)]
    pub(super) settled: i64,
}

impl Record for StoredPayment {
    fn key(&self) -> Key {
        keys::stripe_object(self.id.as_str())
    }
}

/// Parameters of the ledger entry that reverses a payment.
pub(super) struct ReversalEntry<'a> {
    /// The kind of the entry.
    pub(super) kind: EntryKind,
    /// The source of the entry, under which it is posted once.
    pub(super) source: EntrySource,
    /// The description of the entry.
    pub(super) description: &'a str,
    /// The spent credits of the payment's quota, which become a debt. Zero if they are forgiven.
    pub(super) debt: Credits,
}

impl StoredPayment {
    /// Creates the payment of an invoice that bought `credits`; `None` if nothing was paid. `grant` is the number of
    /// the entry that granted their quota.
    pub(super) fn of_invoice(
        invoice: &StripeInvoice,
        client_id: &OrganizationId,
        credits: Credits,
        grant: Option<u64>,
    ) -> Option<Self> {
        let id = invoice.payment().and_then(StripeId::parse)?;
        let (client_id, amount) = (client_id.clone(), invoice.amount_paid);
        Some(Self { id, client_id, amount, credits, grant, settled: 0 })
    }

    /// Limits an amount to the part of the payment that is not reversed yet.
    pub(super) fn reversible(&self, amount: i64) -> i64 {
        amount.clamp(0, (self.amount - self.settled).max(0))
    }

    /// Adds to `tx` that `amount` more is reversed (restored, if negative). The transaction conflicts if the payment
    /// has changed since it was read.
    pub(super) fn record_reversal(&self, tx: &mut Tx<'_>, amount: i64) -> Result<()> {
        let settled = (self.settled + amount).max(0);
        let unchanged = Condition::equal("settled", self.settled)?;
        tx.put(&Self { settled, ..self.clone() }, unchanged, AttemptError::Conflict)
    }

    /// Returns the credits that a part of the amount bought, rounded down.
    fn credits_of(&self, amount: i64) -> Result<Credits> {
        let amount = i128::from(self.reversible(amount));
        let credits = i128::from(self.credits.micros()) * amount;
        let credits = credits.checked_div(i128::from(self.amount)).unwrap_or(0);
        i64::try_from(credits).map(Credits::from_micros).map_err(Error::internal)
    }

    /// Returns the ledger entry that reverses a part of the amount: top-up credits in full, even if they are spent; of
    /// a quota what is left, while it is the current one, and then up to `debt` more. `None` if there is nothing to
    /// reverse.
    ///
    /// # Errors
    /// `Internal` if the credits overflow.
    pub(super) fn reverse(
        &self,
        balance: &Balance,
        amount: i64,
        entry: ReversalEntry<'_>,
    ) -> Result<Option<Posting>> {
        let ReversalEntry { kind, source, description, debt } = entry;
        let credits = self.credits_of(amount)?;
        let posting = match self.grant {
            None => Posting::topups(kind, credits.negated(), source, description),
            Some(grant) => {
                let is_current =
                    balance.granted.as_ref().is_some_and(|granted| granted.entry == grant);
                let left = if is_current { balance.quota } else { Credits::default() };
                let taken = credits.min(left);
                Posting {
                    topups: credits.minus(taken).min(debt).negated(),
                    ..Posting::quota(kind, taken.negated(), source, description)
                }
            }
        };
        let changes_balance = posting.quota.plus(posting.topups) != Credits::default();
        Ok(changes_balance.then_some(posting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::ledger::GrantedQuota;
    use crate::random::SystemRandom;

    fn payment(amount: i64, credits: u32, grant: Option<u64>) -> StoredPayment {
        let (id, client_id) =
            (StripeId::parse("pi_1").unwrap(), OrganizationId::generate(&SystemRandom));
        StoredPayment { id, client_id, amount, credits: Credits::whole(credits), grant, settled: 0 }
    }

    fn reversed(payment: &StoredPayment, balance: &Balance, amount: i64) -> Option<(i64, i64)> {
        reversed_with_debt(payment, balance, amount, 0)
    }

    fn reversed_with_debt(
        payment: &StoredPayment,
        balance: &Balance,
        amount: i64,
        debt: u32,
    ) -> Option<(i64, i64)> {
        let debt = Credits::whole(debt);
        let source = EntrySource::Refund(StripeId::parse("re_1").unwrap());
        let posting = payment
            .reverse(
                balance,
                amount,
                ReversalEntry { kind: EntryKind::Refund, source, description: "", debt },
            )
            .unwrap();
        posting.map(|posting| (posting.quota.micros(), posting.topups.micros()))
    }

    #[test]
    fn top_ups_are_reversed_in_full_and_a_quota_as_far_as_left() {
        let bought = payment(500, 500, None);
        let empty = Balance::empty(&bought.client_id);
        assert_eq!(reversed(&bought, &empty, 500), Some((0, -500_000_000)));
        assert_eq!(reversed(&bought, &empty, 1), Some((0, -1_000_000)));
        assert_eq!(reversed(&bought, &empty, 900), Some((0, -500_000_000)));
        assert_eq!(reversed(&bought, &empty, 0), None);
        // The part that is reversed already is not reversed again.
        let settled = StoredPayment { settled: 400, ..bought.clone() };
        assert_eq!(reversed(&settled, &empty, 500), Some((0, -100_000_000)));
        let quota = payment(5_000, 5_000, Some(3));
        let granted = |entry, left| Balance {
            quota: Credits::whole(left),
            granted: Some(GrantedQuota::new(Credits::whole(5_000), entry, None)),
            ..empty.clone()
        };
        assert_eq!(reversed(&quota, &granted(3, 4_000), 5_000), Some((-4_000_000_000, 0)));
        assert_eq!(reversed(&quota, &granted(3, 4_000), 2_500), Some((-2_500_000_000, 0)));
        assert_eq!(reversed(&quota, &granted(3, 0), 2_500), None);
        assert_eq!(reversed(&quota, &granted(7, 4_000), 2_500), None);
        // A debt is what was spent, and never more than the amount bought.
        let with_debt =
            |left, amount, debt| reversed_with_debt(&quota, &granted(3, left), amount, debt);
        assert_eq!(with_debt(4_000, 5_000, 1_000), Some((-4_000_000_000, -1_000_000_000)));
        assert_eq!(with_debt(0, 5_000, 5_000), Some((0, -5_000_000_000)));
        assert_eq!(with_debt(1_000, 2_500, 4_000), Some((-1_000_000_000, -1_500_000_000)));
        let former = reversed_with_debt(&quota, &granted(7, 4_000), 5_000, 3_000);
        assert_eq!(former, Some((0, -3_000_000_000)));
    }
}
