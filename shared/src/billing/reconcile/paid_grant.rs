//! Commits the credits that a paid invoice of a subscription grants.

use crate::activity::Log;
use crate::billing::ledger::LedgerUpdate;
use crate::billing::stored_payment::StoredPayment;
use crate::billing::stripe_account::{CurrentQuota, StripeAccount};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition};
use crate::organizations::Organization;

/// A grant of credits that an invoice paid for.
pub(super) struct PaidGrant {
    pub(super) organization: Organization,
    pub(super) account: StripeAccount,
    /// The update of the ledger that posts the credits.
    pub(super) update: LedgerUpdate,
    /// The payment that bought them; `None` if nothing had to be paid.
    pub(super) payment: Option<StoredPayment>,
}

impl PaidGrant {
    /// Commits the ledger's entries, the payment and the account's copy of the quota.
    ///
    /// # Errors
    /// `Conflict` if the organization was deleted, or its balance, account or payment has changed since it was read;
    /// `Unavailable` if DynamoDB cannot be reached.
    pub(super) async fn commit(self, ctx: &Context) -> Attempt<()> {
        let Self { organization, account, update, payment } = self;
        let mut tx = ctx.table.transaction();
        organization.require_exists(&mut tx)?;
        update.store(&mut tx)?;
        if let Some(payment) = payment {
            // The payment may be stored already as one that bought no credits.
            let nothing = Condition::equal("micros", 0)?;
            let free = Condition::Any(vec![Condition::Absent, nothing]);
            tx.put(&payment, free, AttemptError::Conflict)?;
        }
        // The subscription may end at the same time, and ends the quota then.
        let quota = Some(CurrentQuota::of(&update.balance));
        StripeAccount { quota, ..account }.store(&mut tx)?;
        tx.commit(Log::Nothing("the ledger is the log of what is granted")).await
    }
}
