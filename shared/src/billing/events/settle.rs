//! Taking back what a payment had bought.

use super::{invoice, session};
use crate::activity::{Action, Actor, AuditEvent};
use crate::billing::account::Books;
use crate::billing::ledger::{Cause, CauseGuard, Kind, Posting};
use crate::billing::payment::{Payment, Reversal};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// What goes, and why.
#[derive(Clone, Debug)]
pub(super) struct Settlement<'a> {
    /// Whose.
    pub(super) organization_id: &'a OrganizationId,
    /// The payment.
    pub(super) intent: &'a StripeId,
    /// How much of it goes, in the currency's smallest unit.
    pub(super) amount: i64,
    pub(super) kind: Kind,
    pub(super) cause: Cause,
    pub(super) description: &'static str,
    /// For the log.
    pub(super) action: Action,
}

/// Enters it, once for its cause. What the payment bought is entered before, if that hasn't been told yet.
pub(super) async fn settle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    settlement: &Settlement<'_>,
) -> Result<()> {
    enter_payment(ctx, stripe, requester, settlement).await?;
    let Settlement { organization_id: organization, kind, cause, description, action, .. } =
        settlement;
    let (guard, paid) = (keys::cause(organization, &cause.to_string()), settlement.intent.as_str());
    let wanted = [guard.clone(), keys::stripe(paid)];
    retry_conflicts(ctx, || async {
        let (found, books) =
            tokio::try_join!(ctx.table.batch_get(&wanted), Books::read(ctx, organization))?;
        let payment: Option<Payment> = found.read(&keys::stripe(paid))?;
        let entered = found.read::<CauseGuard>(&guard)?.is_some();
        let (Some(payment), false) = (payment, entered) else { return Ok(()) };
        let balance = books.balance;
        let amount = settlement.amount;
        let reversal = Reversal { kind: *kind, cause: cause.clone(), description };
        let taken = payment.taken(&balance, amount, reversal)?;
        let Some(posting) = taken else { return Ok(()) };
        let mut posted = balance.begin();
        let credits = posted.enter(ctx, posting)?.credits();
        let mut tx = ctx.table.transaction();
        posted.store(&mut tx)?;
        payment.settle(&mut tx, payment.left_of(amount))?;
        let intent = settlement.intent;
        let entry =
            AuditEvent::for_organization(ctx, requester, organization, Actor::Service, *action)
                .with_target(intent);
        tx.commit(entry.with_detail("credits", credits)).await
    })
    .await
}

/// Enters what the payment bought, where that isn't known; nothing of one that bought nothing here.
async fn enter_payment(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    settlement: &Settlement<'_>,
) -> Result<()> {
    let Settlement { organization_id: organization, intent, .. } = settlement;
    if ctx.table.get::<Payment>(&keys::stripe(intent.as_str())).await?.is_some() {
        return Ok(());
    }
    if let Some(visit) = stripe.session_of_payment(ctx, intent.as_str()).await? {
        session::paid(ctx, stripe, requester, organization, &visit).await?;
    } else if let Some(id) = stripe.invoice_of_payment(ctx, intent.as_str()).await? {
        invoice::handle(ctx, stripe, requester, &id, false).await?;
    }
    Ok(())
}

/// Enters again what was taken for one cause, once for the other: as bought credits, since the quota may be
/// another by now. `amount` of the money is back.
pub(super) async fn give_back(
    ctx: &Context,
    requester: &Requester,
    settlement: &Settlement<'_>,
    taken_for: &Cause,
) -> Result<()> {
    let Settlement {
        organization_id: organization,
        intent,
        amount,
        kind,
        cause,
        description,
        action,
    } = settlement;
    let guard = |cause: &Cause| keys::cause(organization, &cause.to_string());
    let (taken, back, paid) = (guard(taken_for), guard(cause), keys::stripe(intent.as_str()));
    retry_conflicts(ctx, || async {
        let found = ctx.table.batch_get(&[taken.clone(), back.clone(), paid.clone()]).await?;
        let payment: Option<Payment> = found.read(&paid)?;
        let done = found.read::<CauseGuard>(&back)?.is_some();
        let (Some(taken), Some(payment), false) =
            (found.read::<CauseGuard>(&taken)?, payment, done)
        else {
            return Ok(());
        };
        let credits = taken.read_entry(ctx).await?.credits().negated();
        let mut posted = Books::read(ctx, organization).await?.balance.begin();
        posted.enter(ctx, Posting::of_topups(*kind, credits, cause.clone(), description))?;
        let mut tx = ctx.table.transaction();
        posted.store(&mut tx)?;
        payment.settle(&mut tx, -amount)?;
        let entry =
            AuditEvent::for_organization(ctx, requester, organization, Actor::Service, *action)
                .with_target(intent);
        tx.commit(entry.with_detail("credits", credits)).await
    })
    .await
}
