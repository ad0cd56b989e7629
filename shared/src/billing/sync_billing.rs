//! Ends the billing of a deleted organization, and brings a restored one up to date.

use super::billing_state::BillingState;
use super::{delete_customer, reconcile};
use crate::context::Context;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::requester::Requester;
use crate::stripe::Stripe;

/// Deletes the Stripe customer of a deleted organization, which ends its subscription at once. An organization
/// that was restored after that is put on the free plan, because the event about its customer came while it was
/// deleted. It is idempotent and safe to run concurrently.
///
/// # Errors
///
/// `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn sync_billing(
    ctx: &Context,
    stripe: &Stripe,
    organization_id: &OrganizationId,
) -> Result<()> {
    let state = BillingState::read(ctx, organization_id).await?;
    let Some(customer) = state.account.customer else { return Ok(()) };
    if state.organization.is_none() {
        return delete_customer(ctx, stripe, organization_id).await;
    }
    reconcile::customer::reconcile(ctx, stripe, &Requester::service(), &customer).await
}
