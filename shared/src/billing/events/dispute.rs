//! Somebody's bank asks a payment back, or no longer.

use super::settle::{Settlement, give_back, settle};
use crate::activity::Action;
use crate::billing::account::client_of;
use crate::billing::ledger::{Cause, Kind};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Takes what was paid for while the money is gone, and gives as much back once it is there again. A bank
/// that only inquires takes no money.
/// <https://docs.stripe.com/api/disputes/object#dispute_object-status>
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
    let Some(organization) = client_of(ctx, customer.as_deref().unwrap_or_default()).await? else {
        return Ok(());
    };
    let taken = Settlement {
        organization_id: &organization,
        intent: &intent,
        amount: dispute.amount,
        kind: Kind::Adjustment,
        cause: Cause::Dispute(id.clone()),
        description: "Payment disputed",
        action: Action::CreditsTakenBack,
    };
    let is_gone = matches!(dispute.status.as_str(), "needs_response" | "under_review" | "lost");
    if is_gone {
        return settle(ctx, stripe, requester, &taken).await;
    }
    let back = Settlement {
        cause: Cause::DisputeWon(id.clone()),
        description: "Dispute won",
        action: Action::CreditsGivenBack,
        ..taken.clone()
    };
    give_back(ctx, requester, &back, &taken.cause).await
}
