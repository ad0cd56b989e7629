//! Reconciles a dispute (chargeback): reverses the credits, those of a quota that were spent as a debt, and restores
//! them if the dispute is won.

use super::reversal::{Reversal, SpentQuota, restore, reverse};
use crate::billing::ledger::{EntryKind, EntrySource};
use crate::billing::stripe_account::find_organization_of_customer;
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Reverses the credits while the money is withdrawn, and restores them once it is back. An inquiry withdraws no
/// money.
/// <https://docs.stripe.com/api/disputes/object#dispute_object-status>
///
/// # Errors
/// The errors of [`reverse`] and [`restore`], and `BillingNotConfigured`, `Unavailable` or `Internal` if the dispute
/// cannot be read from Stripe.
pub(in crate::billing) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(dispute) = stripe.retrieve_dispute(ctx, id.as_str()).await? else { return Ok(()) };
    let Some(intent) = dispute.payment_intent.as_deref().and_then(StripeId::parse) else {
        return Ok(());
    };
    let payment = stripe.retrieve_payment_intent(ctx, intent.as_str()).await?;
    let customer = payment.and_then(|payment| payment.customer);
    let customer = customer.as_deref().unwrap_or_default();
    let Some(organization) = find_organization_of_customer(ctx, customer).await? else {
        return Ok(());
    };
    let reversal = Reversal {
        organization_id: &organization,
        intent: &intent,
        amount: dispute.amount,
        kind: EntryKind::Adjustment,
        source: EntrySource::Dispute(id.clone()),
        description: "Payment disputed",
        spent_quota: SpentQuota::Debt,
    };
    let is_withdrawn =
        matches!(dispute.status.as_str(), "needs_response" | "under_review" | "lost");
    if is_withdrawn {
        return reverse(ctx, stripe, requester, &reversal).await;
    }
    let won = EntrySource::DisputeWon(id.clone());
    restore(ctx, requester, &reversal, &won, "Dispute won").await
}
