//! Reverses the credits of a payment, and restores them.

use super::spent_quota::read_spent_quota;
use super::{checkout_session, invoice};
use crate::activity::{Action, Actor, AuditEvent};
use crate::billing::billing_state::BillingState;
use crate::billing::ledger::{EntryGuard, EntryKind, EntrySource, Posting, retry_ledger_change};
use crate::billing::stored_payment::{ReversalEntry, StoredPayment};
use crate::context::Context;
use crate::credits::Credits;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Parameters of a reversal.
#[derive(Debug)]
pub(super) struct Reversal<'a> {
    pub(super) organization_id: &'a OrganizationId,
    pub(super) intent: &'a StripeId,
    /// The amount that is reversed, in the currency's smallest unit.
    pub(super) amount: i64,
    /// The kind of the ledger entry.
    pub(super) kind: EntryKind,
    /// The source of the ledger entry, under which it is posted once.
    pub(super) source: EntrySource,
    /// The description of the ledger entry.
    pub(super) description: &'static str,
    /// Whether the spent credits of a quota become a debt, or are forgiven.
    pub(super) spent_quota: SpentQuota,
}

/// What a reversal does about the credits of a quota that were spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpentQuota {
    /// They are forgiven: we refund the payment ourselves.
    Forgiven,
    /// They become a debt: the payer took the money back.
    Debt,
}

/// Reverses the credits of a payment, once per source. Credits that were not posted yet are posted first.
///
/// # Errors
/// The errors of [`checkout_session::post_top_up`] and [`invoice::reconcile`], which post the credits first;
/// `Contention` if other changes of the ledger kept interfering.
pub(super) async fn reverse(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    reversal: &Reversal<'_>,
) -> Result<()> {
    post_payment(ctx, stripe, requester, reversal).await?;
    let Reversal { organization_id: organization, kind, source, description, .. } = reversal;
    let (guard, paid) =
        (keys::entry_guard(organization, &source.to_string()), reversal.intent.as_str());
    let wanted = [guard.clone(), keys::stripe_object(paid)];
    retry_ledger_change(ctx, organization, || async {
        let (found, state) =
            tokio::try_join!(ctx.table.batch_get(&wanted), BillingState::read(ctx, organization))?;
        let payment: Option<StoredPayment> = found.read(&keys::stripe_object(paid))?;
        let is_posted = found.read::<EntryGuard>(&guard)?.is_some();
        let (Some(payment), false) = (payment, is_posted) else { return Ok(()) };
        let balance = state.balance;
        let amount = reversal.amount;
        let debt = match (reversal.spent_quota, payment.grant) {
            (SpentQuota::Debt, Some(grant)) => read_spent_quota(ctx, &balance, grant).await?,
            (SpentQuota::Forgiven, _) | (_, None) => Credits::default(),
        };
        let entry = ReversalEntry { kind: *kind, source: source.clone(), description, debt };
        let taken = payment.reverse(&balance, amount, entry)?;
        let Some(posting) = taken else { return Ok(()) };
        let mut update = balance.begin_update();
        let credits = update.post(ctx, posting)?.credits();
        update.pay_debt(ctx)?;
        let mut tx = ctx.table.transaction();
        update.store(&mut tx)?;
        payment.record_reversal(&mut tx, payment.reversible(amount))?;
        let action = Action::CreditsTakenBack;
        let entry =
            AuditEvent::for_organization(ctx, requester, organization, Actor::Service, action)
                .with_target(reversal.intent);
        tx.commit(entry.with_detail("credits", credits)).await
    })
    .await
}

/// Posts the credits that the payment bought, if they are not posted yet. A payment that bought none changes nothing.
async fn post_payment(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    reversal: &Reversal<'_>,
) -> Result<()> {
    let Reversal { organization_id: organization, intent, .. } = reversal;
    if ctx.table.get::<StoredPayment>(&keys::stripe_object(intent.as_str())).await?.is_some() {
        return Ok(());
    }
    if let Some(session) = stripe.find_checkout_session_of_payment(ctx, intent.as_str()).await? {
        checkout_session::post_top_up(ctx, stripe, requester, organization, &session).await?;
    } else if let Some(id) = stripe.find_invoice_of_payment(ctx, intent.as_str()).await? {
        invoice::reconcile(ctx, stripe, requester, &id, false).await?;
    }
    Ok(())
}

/// Restores the credits that an earlier reversal took, once per source. They come back as top-up credits, because the
/// quota may have been replaced since. `source` and `description` are those of the ledger entry that restores them.
///
/// # Errors
/// `Contention` if other changes of the ledger kept interfering, `Internal` if the reversed entry is missing or
/// the balance overflows, `Unavailable` if DynamoDB cannot be reached.
pub(super) async fn restore(
    ctx: &Context,
    requester: &Requester,
    reversed: &Reversal<'_>,
    source: &EntrySource,
    description: &str,
) -> Result<()> {
    let Reversal { organization_id: organization, intent, amount, kind, .. } = reversed;
    let guard = |source: &EntrySource| keys::entry_guard(organization, &source.to_string());
    let (taken, back, paid) =
        (guard(&reversed.source), guard(source), keys::stripe_object(intent.as_str()));
    retry_ledger_change(ctx, organization, || async {
        let found = ctx.table.batch_get(&[taken.clone(), back.clone(), paid.clone()]).await?;
        let payment: Option<StoredPayment> = found.read(&paid)?;
        let done = found.read::<EntryGuard>(&back)?.is_some();
        let (Some(taken), Some(payment), false) =
            (found.read::<EntryGuard>(&taken)?, payment, done)
        else {
            return Ok(());
        };
        let credits = taken.read_entry(ctx).await?.credits().negated();
        let state = BillingState::read(ctx, organization).await?;
        let mut update = state.balance.begin_update();
        update.post(ctx, Posting::topups(*kind, credits, source.clone(), description))?;
        let mut tx = ctx.table.transaction();
        update.store(&mut tx)?;
        payment.record_reversal(&mut tx, -amount)?;
        let action = Action::CreditsGivenBack;
        let entry =
            AuditEvent::for_organization(ctx, requester, organization, Actor::Service, action)
                .with_target(intent);
        tx.commit(entry.with_detail("credits", credits)).await
    })
    .await
}
