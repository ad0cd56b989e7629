//! Spends credits of an organization, with one of its API keys.

use super::billing_state::BillingState;
use super::debit::{Debit, DebitResult};
use super::ledger::{
    Balance, BalanceDebit, CommitMethod, CommittedDebit, EntryGuard, LedgerEntry, PendingDebit,
};
use super::quota::UsagePeriod;
use super::renew::renew_if_due;
use super::usage_alerts::{enqueue_usage_alert, next_alert};
use crate::activity::Log;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Key, RetryLimits, retry_conflicts, retry_from_within,
};
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize_key;
use crate::stripe::Stripe;
use crate::switches::Feature;

/// Spends credits, of the quota first, once per key. Reads once, and then usually stores the debit as pending, commits
/// it by one update of the balance and writes its entry, so that many debits of one organization can be made at once.
/// Conflicts are retried for half a second, and then by the caller, so that one organization does not take the workers
/// of others.
///
/// A key that is revoked while its call is running may still spend the credits.
///
/// # Errors
/// - `InsufficientCredits` if the balance is too low. Nothing is spent, and the key can be used again for the
///   same debit.
/// - `IdempotencyConflict` if the key was used for a different debit.
/// - `KeyRequired` if a member calls with a session or a personal token.
/// - `NoAccess` if the caller does not belong to the organization, `NotFound` if the organization does not exist.
/// - `Contention` if other changes of the ledger kept interfering, or `Unavailable` if DynamoDB cannot be reached. The
///   same call can be repeated, and spends the credits once.
/// - `Disabled` while spending credits is switched off. This call spends nothing; an earlier copy of it may have.
pub async fn spend_credits(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    debit: &Debit,
) -> Result<Replayable<DebitResult>> {
    let read = || read(ctx, caller, organization_id, debit);
    let (state, is_on) = tokio::join!(read(), ctx.switches.require(Feature::Debits));
    // A caller without access learns nothing.
    let state = state?;
    // A debit that was made already is answered again.
    let is_made = state.earlier.as_ref().is_some_and(|guard| guard.entry.is_some());
    if !is_made {
        is_on?;
    }
    // The first debit of a new period asks Stripe, if its webhook has not arrived yet.
    let renewed = renew_if_due(ctx, stripe, &state.billing).await;
    let state = if renewed.is_some() { read().await? } else { state };
    retry_from_within(ctx, RetryLimits::BRIEF, state, read, |state| attempt(ctx, debit, state))
        .await
}

/// The state that a debit is decided on.
struct DebitState {
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
    let guard = guard_key(organization_id, debit);
    let extra_keys =
        [keys::stripe_account(organization_id), keys::balance(organization_id), guard.clone()];
    let (_, found) = authorize_key(ctx, caller, organization_id, &extra_keys).await?;
    let billing = BillingState::from_found(organization_id, &found)?;
    Ok(DebitState { billing, earlier: found.read(&guard)? })
}

fn guard_key(organization_id: &OrganizationId, debit: &Debit) -> Key {
    keys::entry_guard(organization_id, &debit.source().to_string())
}

async fn attempt(
    ctx: &Context,
    debit: &Debit,
    state: DebitState,
) -> Attempt<Replayable<DebitResult>> {
    let DebitState { billing: BillingState { account, balance, .. }, earlier } = state;
    let debit_attempt = DebitAttempt {
        ctx,
        debit,
        balance,
        period: UsagePeriod::current(&account, ctx.now()).name,
    };
    match earlier {
        None => debit_attempt.start().await,
        Some(guard) if guard.entry.is_some() => debit_attempt.replay(&guard).await,
        Some(_) => debit_attempt.reread_guard().await,
    }
}

/// One attempt at a debit.
struct DebitAttempt<'a> {
    ctx: &'a Context,
    debit: &'a Debit,
    /// The balance, as it was read before the guard is looked at.
    balance: Balance,
    /// The name of the period that the debit is counted in.
    period: String,
}

impl DebitAttempt<'_> {
    /// Makes a debit that has no guard yet.
    async fn start(self) -> Attempt<Replayable<DebitResult>> {
        match self.method() {
            None => match self.read_guard().await? {
                Some(_) => Err(AttemptError::Conflict),
                None => Err(Error::InsufficientCredits.into()),
            },
            Some(CommitMethod::Transaction) => self.commit_in_transaction().await,
            Some(CommitMethod::Update { from, reserve }) => {
                self.balance.require_debits_allowed(self.ctx.now())?;
                let pending = self.debit.to_pending(self.ctx, from);
                let (organization_id, key) = (&self.balance.client_id, &self.debit.key);
                let guard = EntryGuard::for_pending_debit(pending.clone(), organization_id, key);
                match self.ctx.table.put_or_current(&guard, Condition::Absent).await? {
                    None => self.commit_by_update(pending, reserve).await,
                    Some(earlier) => self.resume(earlier).await,
                }
            }
        }
    }

    /// Makes or replays a debit whose guard was there when the balance was read. It is read once more, because a debit
    /// must be committed after a look at the guard that came after the balance was read.
    async fn reread_guard(self) -> Attempt<Replayable<DebitResult>> {
        match self.read_guard().await? {
            Some(guard) => self.resume(guard).await,
            None => Err(Error::internal("a guard of a debit has disappeared").into()),
        }
    }

    /// Goes on with a debit that an earlier call stored as pending, and may have committed.
    async fn resume(self, earlier: EntryGuard) -> Attempt<Replayable<DebitResult>> {
        let pending = match (earlier.entry, &earlier.debit) {
            (None, Some(pending)) => pending.clone(),
            (_, _) => return self.replay(&earlier).await,
        };
        self.debit.require_pending(&pending)?;
        if let Some(number) = self.balance.recent_debits.get(self.debit.key.as_str()) {
            self.balance.complete_debit(self.ctx, &self.debit.key, *number).await?;
            return self.replay(&EntryGuard { entry: Some(*number), ..earlier }).await;
        }
        match self.method() {
            None => {
                self.balance.refuse_earlier_commits(self.ctx).await?;
                Err(Error::InsufficientCredits.into())
            }
            Some(CommitMethod::Update { from, reserve })
                if from == pending.from && pending.at.day() == self.ctx.now().day() =>
            {
                self.balance.require_debits_allowed(self.ctx.now())?;
                self.commit_by_update(pending, reserve).await
            }
            Some(CommitMethod::Update { .. } | CommitMethod::Transaction) => {
                self.commit_in_transaction().await
            }
        }
    }

    fn method(&self) -> Option<CommitMethod> {
        let alert = next_alert(&self.balance);
        self.balance.commit_method(self.debit.credits, self.ctx.now(), &self.period, alert)
    }

    async fn read_guard(&self) -> Result<Option<EntryGuard>> {
        self.ctx.table.get(&guard_key(&self.balance.client_id, self.debit)).await
    }

    /// Commits the pending debit and writes its entry.
    async fn commit_by_update(
        self,
        pending: PendingDebit,
        reserve: Credits,
    ) -> Attempt<Replayable<DebitResult>> {
        let Self { ctx, debit: Debit { key, .. }, balance, .. } = self;
        let (amount, from) = (pending.credits, pending.from);
        let debit = BalanceDebit { key, amount, from, reserve };
        let committed = balance.commit_debit(ctx, &debit).await?;
        let after = committed.ok_or(AttemptError::Conflict)?;
        let committed = CommittedDebit {
            organization_id: after.client_id.clone(),
            key: key.clone(),
            number: after.entries,
            balance_after: after.total(),
        };
        // An error is returned although the credits are spent, because the repeated call completes the entry.
        let entry = retry_conflicts(ctx, || committed.write_entry(ctx, pending.clone())).await?;
        after.shorten_recent_debits(ctx).await;
        Ok(Replayable::new(DebitResult::from(&entry)))
    }

    /// Commits the debit in a transaction, together with a usage alert and the counters of the day before.
    async fn commit_in_transaction(self) -> Attempt<Replayable<DebitResult>> {
        let Self { ctx, debit, balance, period } = self;
        balance.require_debits_allowed(ctx.now())?;
        let (quota, topups) = balance.split(debit.credits).ok_or(Error::InsufficientCredits)?;
        let before = balance.clone();
        let mut update = balance.begin_update();
        let posting = debit.posting(quota, topups);
        let entry = update.post_debit(ctx, &debit.key, &period, posting)?;
        let result = DebitResult::from(entry);
        let mut tx = ctx.table.transaction();
        enqueue_usage_alert(ctx, &mut tx, &before, &mut update.balance)?;
        update.store(&mut tx)?;
        tx.commit(Log::Nothing("the ledger is the log of spent credits")).await?;
        update.balance.shorten_recent_debits(ctx).await;
        Ok(Replayable::new(result))
    }

    /// Returns the result of an earlier debit with the same key.
    async fn replay(&self, guard: &EntryGuard) -> Attempt<Replayable<DebitResult>> {
        let number = guard.entry.ok_or_else(|| Error::internal("a guard without a number"))?;
        let key = keys::ledger_entry(&self.balance.client_id, number);
        let entry: Option<LedgerEntry> = self.ctx.table.get(&key).await?;
        let Some(entry) = entry else {
            // The call that numbered the guard stopped before it wrote the entry.
            self.balance.write_missing_entries(self.ctx).await?;
            return Err(AttemptError::Conflict);
        };
        self.debit.require_posted(&entry)?;
        Ok(Replayable { response: DebitResult::from(&entry), replayed: true })
    }
}
