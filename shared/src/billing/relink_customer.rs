//! Links a customer at Stripe with its organization again, after the table was restored to a time before the link.

use super::billing_state::BillingState;
use super::stripe_account::{StripeAccount, StripeCustomer, find_organization_of_customer};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::stripe::{Stripe, StripeId};

/// The link between a customer at Stripe and an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerLink {
    /// The organization is known here.
    Known,
    /// The link is missing here, and was written if the call may write.
    Missing(OrganizationId),
    /// The organization does not exist here.
    NoOrganization(OrganizationId),
    /// The organization has another customer here.
    OtherCustomer(OrganizationId),
    /// The customer is deleted, or belongs to another system.
    Foreign,
}

/// Finds the organization of a customer by the metadata at Stripe, and writes the link if `apply` is set. Writes
/// nothing that exists, so it is idempotent and safe to run concurrently.
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe; `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn relink_customer(
    ctx: &Context,
    stripe: &Stripe,
    customer: &StripeId,
    apply: bool,
) -> Result<CustomerLink> {
    if find_organization_of_customer(ctx, customer.as_str()).await?.is_some() {
        return Ok(CustomerLink::Known);
    }
    let stored = stripe.retrieve_customer(ctx, customer.as_str()).await?;
    let Some(organization) = stored.and_then(|stored| stored.organization()) else {
        return Ok(CustomerLink::Foreign);
    };
    retry_conflicts(ctx, || link(ctx, customer, &organization, apply)).await
}

async fn link(
    ctx: &Context,
    customer: &StripeId,
    organization_id: &OrganizationId,
    apply: bool,
) -> Attempt<CustomerLink> {
    let state = BillingState::read(ctx, organization_id).await?;
    let Some(organization) = state.organization else {
        return Ok(CustomerLink::NoOrganization(organization_id.clone()));
    };
    if state.account.customer.is_some() {
        return Ok(CustomerLink::OtherCustomer(organization_id.clone()));
    }
    if apply {
        let mut tx = ctx.table.transaction();
        organization.require_exists(&mut tx)?;
        let link = StripeCustomer { id: customer.clone(), client_id: organization_id.clone() };
        tx.put(&link, Condition::Absent, AttemptError::Conflict)?;
        StripeAccount { customer: Some(customer.clone()), ..state.account }.store(&mut tx)?;
        tx.commit(Log::Nothing("the link to a customer that was made before a restore")).await?;
    }
    Ok(CustomerLink::Missing(organization_id.clone()))
}
