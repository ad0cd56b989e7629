//! Reconciles the refunds of a charge.

use super::find_organization;
use super::reversal::{Reversal, SpentQuota, restore, reverse};
use crate::billing::ledger::{EntryKind, EntrySource};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Reverses the credits of each refund, once per refund, and restores them if the refund failed.
///
/// # Errors
/// The errors of [`reverse`] and [`restore`], and `BillingNotConfigured`, `Unavailable` or `Internal` if the refunds
/// cannot be read from Stripe.
pub(in crate::billing) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(charge) = stripe.retrieve_charge(ctx, id.as_str()).await? else { return Ok(()) };
    let customer = find_organization(ctx, charge.customer.as_deref()).await?;
    let intent = charge.payment_intent.as_deref().and_then(StripeId::parse);
    let (Some((organization, _)), Some(intent)) = (customer, intent) else { return Ok(()) };
    let mut refunds = stripe.list_refunds(ctx, id.as_str()).await?;
    // Oldest first.
    refunds.reverse();
    for refund in &refunds {
        let Some(refund_id) = StripeId::parse(&refund.id) else { continue };
        let reversal = Reversal {
            organization_id: &organization,
            intent: &intent,
            amount: refund.amount,
            kind: EntryKind::Refund,
            source: EntrySource::Refund(refund_id.clone()),
            description: "Payment refunded",
            spent_quota: SpentQuota::Forgiven,
        };
        match refund.status.as_deref() {
            Some("succeeded") => reverse(ctx, stripe, requester, &reversal).await?,
            // The customer's bank refused the refund, so the money came back to us.
            Some("failed" | "canceled") => {
                let failed = EntrySource::RefundFailed(refund_id);
                restore(ctx, requester, &reversal, &failed, "Refund failed").await?;
            }
            _ => {}
        }
    }
    Ok(())
}
