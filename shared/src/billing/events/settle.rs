//! Taking back what a payment had bought.

use super::{invoice, session};
use crate::activity::{Action, Actor, Entry};
use crate::billing::account::Books;
use crate::billing::ledger::{Cause, CauseGuard, Kind};
use crate::billing::payment::Payment;
use crate::context::Context;
use crate::dynamo::{keys, retry_conflicts};
use crate::error::Result;
use crate::ids::ClientId;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// What goes, and why.
#[derive(Clone, Debug)]
pub(super) struct Settlement<'a> {
    /// Whose.
    pub(super) client: &'a ClientId,
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
    let Some(payment) = known(ctx, stripe, requester, settlement).await? else { return Ok(()) };
    let Settlement { client, kind, cause, description, action, .. } = settlement;
    retry_conflicts(ctx, || async {
        let guard = keys::cause(client, &cause.to_string());
        if ctx.table.get::<CauseGuard>(&guard).await?.is_some() {
            return Ok(());
        }
        let balance = Books::read(ctx, client).await?.balance;
        let amount = settlement.amount;
        let taken = payment.taken(&balance, amount, *kind, cause.clone(), description)?;
        let Some(posting) = taken else { return Ok(()) };
        let mut posted = balance.begin();
        let credits = posted.enter(ctx, posting)?.credits();
        let mut tx = ctx.table.transaction();
        posted.store(&mut tx)?;
        let intent = settlement.intent;
        let entry = Entry::of_client(ctx, requester, client, Actor::Service, *action, intent);
        tx.commit(entry.detail("credits", credits)).await
    })
    .await
}

/// What is known of the payment; `None` of one that bought nothing here.
async fn known(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    settlement: &Settlement<'_>,
) -> Result<Option<Payment>> {
    let Settlement { client, intent, .. } = settlement;
    let key = keys::stripe(intent.as_str());
    let known: Option<Payment> = ctx.table.get(&key).await?;
    if known.is_some() {
        return Ok(known);
    }
    if let Some(visit) = stripe.session_of_payment(ctx, intent.as_str()).await?
        && let Some(id) = StripeId::parse(&visit.id)
    {
        session::paid(ctx, stripe, requester, client, &id, &visit).await?;
    } else if let Some(id) = stripe.invoice_of_payment(ctx, intent.as_str()).await? {
        invoice::handle(ctx, stripe, requester, &id).await?;
    }
    ctx.table.get(&key).await
}
