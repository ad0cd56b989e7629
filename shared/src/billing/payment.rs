//! What a payment at Stripe bought here: what goes back with it.

use serde::{Deserialize, Serialize};

use super::ledger::{Balance, Cause, Kind, Posting};
use crate::credits::Credits;
use crate::dynamo::{Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::StripeId;

/// A payment that bought credits. Written with their entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Payment {
    /// Its id at Stripe.
    pub(super) id: StripeId,
    /// Who paid.
    pub(super) client_id: OrganizationId,
    /// How much, in the currency's smallest unit.
    pub(super) amount: i64,
    /// For how many credits.
    #[serde(rename = "micros", with = "crate::credits::micros")]
    pub(super) credits: Credits,
    /// The number of the entry that granted them as a quota; `None` of those that were bought.
    pub(super) grant: Option<u64>,
    /// How much of the amount went again: no more of it goes than came.
    #[serde(default)]
    pub(super) settled: i64,
}

impl Record for Payment {
    fn key(&self) -> Key {
        keys::stripe(self.id.as_str())
    }
}

/// Parameters of the ledger entry that reverses a payment.
pub(super) struct Reversal<'a> {
    /// The kind of the entry.
    pub(super) kind: Kind,
    /// The cause of the entry, under which it is entered once.
    pub(super) cause: Cause,
    /// The text of the entry.
    pub(super) description: &'a str,
}

impl Payment {
    /// As much of an amount that goes as is left of the payment.
    pub(super) fn left_of(&self, amount: i64) -> i64 {
        amount.clamp(0, (self.amount - self.settled).max(0))
    }

    /// Adds to a change that so much of it goes (or comes back, below zero): [`Error::Conflict`] where it is
    /// another by now.
    pub(super) fn settle(&self, tx: &mut Tx<'_>, amount: i64) -> Result<()> {
        let settled = (self.settled + amount).max(0);
        let unchanged = Condition::equal("settled", self.settled)?;
        tx.put(&Self { settled, ..self.clone() }, unchanged, Error::Conflict)
    }

    /// The credits that stand for a part of the amount: rounded towards nothing.
    fn worth(&self, amount: i64) -> Result<Credits> {
        let amount = i128::from(self.left_of(amount));
        let worth = i128::from(self.credits.micros()) * amount;
        let worth = worth.checked_div(i128::from(self.amount)).unwrap_or(0);
        i64::try_from(worth).map(Credits::from_micros).map_err(Error::internal)
    }

    /// What is entered when so much of the money goes: bought credits go in full, whether or not they are
    /// spent; of a quota what is left of it, while it is the current one. `None` of nothing.
    pub(super) fn taken(
        &self,
        balance: &Balance,
        amount: i64,
        reversal: Reversal<'_>,
    ) -> Result<Option<Posting>> {
        let Reversal { kind, cause, description } = reversal;
        let worth = self.worth(amount)?;
        let posting = match self.grant {
            None => Posting::of_topups(kind, worth.negated(), cause, description),
            Some(grant) => {
                let is_current =
                    balance.granted.as_ref().is_some_and(|granted| granted.entry == grant);
                let left = if is_current { balance.quota } else { Credits::default() };
                Posting::of_quota(kind, worth.min(left).negated(), cause, description)
            }
        };
        let is_something = posting.quota.plus(posting.topups) != Credits::default();
        Ok(is_something.then_some(posting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::ledger::Quota;
    use crate::random::SystemRandom;

    fn payment(amount: i64, credits: u32, grant: Option<u64>) -> Payment {
        let (id, client_id) =
            (StripeId::parse("pi_1").unwrap(), OrganizationId::generate(&SystemRandom));
        Payment { id, client_id, amount, credits: Credits::whole(credits), grant, settled: 0 }
    }

    fn taken(payment: &Payment, balance: &Balance, amount: i64) -> Option<(i64, i64)> {
        let cause = Cause::Refund(StripeId::parse("re_1").unwrap());
        let posting = payment
            .taken(balance, amount, Reversal { kind: Kind::Refund, cause, description: "" })
            .unwrap();
        posting.map(|posting| (posting.quota.micros(), posting.topups.micros()))
    }

    #[test]
    fn what_was_bought_goes_in_full_and_a_quota_as_far_as_it_is_left() {
        let bought = payment(500, 500, None);
        let empty = Balance::empty(&bought.client_id);
        assert_eq!(taken(&bought, &empty, 500), Some((0, -500_000_000)));
        assert_eq!(taken(&bought, &empty, 1), Some((0, -1_000_000)));
        assert_eq!(taken(&bought, &empty, 900), Some((0, -500_000_000)));
        assert_eq!(taken(&bought, &empty, 0), None);
        // Of what went already, nothing goes again.
        let settled = Payment { settled: 400, ..bought.clone() };
        assert_eq!(taken(&settled, &empty, 500), Some((0, -100_000_000)));
        let quota = payment(5_000, 5_000, Some(3));
        let granted = |entry, left| Balance {
            quota: Credits::whole(left),
            granted: Some(Quota { credits: Credits::whole(5_000), entry, period: None }),
            ..empty.clone()
        };
        assert_eq!(taken(&quota, &granted(3, 4_000), 5_000), Some((-4_000_000_000, 0)));
        assert_eq!(taken(&quota, &granted(3, 4_000), 2_500), Some((-2_500_000_000, 0)));
        assert_eq!(taken(&quota, &granted(3, 0), 2_500), None);
        assert_eq!(taken(&quota, &granted(7, 4_000), 2_500), None);
    }
}
