//! Somebody's bank asks a payment back, or no longer.

use super::settle::{Settlement, settle};
use crate::activity::{Action, Actor, Entry};
use crate::billing::account::{Books, client_of};
use crate::billing::ledger::{Cause, CauseGuard, Entry as LedgerEntry, Kind, Posting};
use crate::context::Context;
use crate::dynamo::{keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Takes what was paid for while it is disputed, and gives as much back where the bank gave up.
pub(super) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(dispute) = stripe.dispute(ctx, id.as_str()).await? else { return Ok(()) };
    let Some(intent) = dispute.payment_intent.as_deref().and_then(StripeId::parse) else {
        return Ok(());
    };
    let payment = stripe.payment(ctx, intent.as_str()).await?;
    let customer = payment.and_then(|payment| payment.customer);
    let Some(client) = client_of(ctx, customer.as_deref().unwrap_or_default()).await? else {
        return Ok(());
    };
    let settlement = Settlement {
        client: &client,
        intent: &intent,
        amount: dispute.amount,
        kind: Kind::Adjustment,
        cause: Cause::Dispute(id.clone()),
        description: "Payment disputed",
        action: Action::CreditsTakenBack,
    };
    settle(ctx, stripe, requester, &settlement).await?;
    if dispute.status == "won" {
        give_back(ctx, requester, &client, id).await?;
    }
    Ok(())
}

/// Enters again what the dispute took: as bought credits, since the quota may be another by now.
async fn give_back(
    ctx: &Context,
    requester: &Requester,
    client: &ClientId,
    id: &StripeId,
) -> Result<()> {
    let guard = |cause: Cause| keys::cause(client, &cause.to_string());
    let (taken, won) = (guard(Cause::Dispute(id.clone())), guard(Cause::DisputeWon(id.clone())));
    retry_conflicts(ctx, || async {
        let found = ctx.table.batch_get(&[taken.clone(), won.clone()]).await?;
        let taken: Option<CauseGuard> = found.read(&taken)?;
        let Some(taken) = taken else { return Ok(()) };
        if found.read::<CauseGuard>(&won)?.is_some() {
            return Ok(());
        }
        let entry = keys::ledger_entry(client, taken.entry);
        let entry: Option<LedgerEntry> = ctx.table.get(&entry).await?;
        let entry = entry.ok_or_else(|| Error::internal("a cause without its entry"))?;
        let credits = entry.credits().negated();
        let mut posted = Books::read(ctx, client).await?.balance.begin();
        let (kind, cause) = (Kind::Adjustment, Cause::DisputeWon(id.clone()));
        posted.enter(ctx, Posting::of_topups(kind, credits, cause, "Dispute won"))?;
        let mut tx = ctx.table.transaction();
        posted.store(&mut tx)?;
        let action = Action::CreditsGivenBack;
        let entry = Entry::of_client(ctx, requester, client, Actor::Service, action, id);
        tx.commit(entry.detail("credits", credits)).await
    })
    .await
}
